import pytest

from shammah_tui.ui.reply.links import address_to_open, says_address


@pytest.mark.parametrize(
    "href",
    ["https://example.org/a?b=c#d", "HTTP://example.org", "mailto:a@example.org?subject=x"],
)
def test_the_web_and_letters_are_opened(href: str) -> None:
    assert address_to_open(href) == href


@pytest.mark.parametrize(
    "href",
    [
        "",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "vscode://file/x",
        "/etc/passwd",
        "page.html",
        "#part",
        "//example.org/x",
        "http:",
        "https:///x",
        "mailto:",
        "mailto:nobody",
        "data:text/html,x",
        "--version",
        "https://a b",
        "https://a\u202eb",
        "https://[",
    ],
)
def test_nothing_else_is(href: str) -> None:
    assert address_to_open(href) is None


@pytest.mark.parametrize(
    ("text", "address", "says"),
    [
        ("https://example.org/a", "https://example.org/a", True),
        ("example.org", "http://example.org", True),
        ("Example.org/", "https://example.org", True),
        ("a@b.org", "mailto:a@b.org", True),
        ("here", "https://example.org", False),
        ("https://bank.example", "https://thief.example", False),
        ("", "https://example.org", False),
    ],
)
def test_whether_a_link_says_where_it_leads(text: str, address: str, says: bool) -> None:
    assert says_address(text, address) is says
