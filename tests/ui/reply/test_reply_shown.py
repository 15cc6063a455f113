"""What the screen shows of a reply: all that was said, as the source has it."""

import pytest
from textual.geometry import Offset, Region
from textual.selection import Selection

from shammah_tui.ui.reply.code_blocks import CodeText, code_blocks
from shammah_tui.ui.reply.code_lines import CodeLines
from shammah_tui.ui.reply.reply_blocks import CodeBlock
from shammah_tui.ui.reply.reply_table import ReplyTable
from tests.ui.replies import REPLIES
from tests.ui.reply_page import ReplyPage


async def shown(reply: str, width: int = 90) -> list[str]:
    """Return the rows of a reply, without empty ones and without what they are indented by."""
    page = ReplyPage()
    async with page.run_test(size=(width, 100)) as pilot:
        return [row.strip() for row in await page.show(pilot, [reply]) if row]


@pytest.mark.parametrize(
    "written",
    [
        "Run: git clone <url> <folder>",
        "A Vec<String> holds an Option<T>.",
        "std::vector<std::string> v; Map<K,V>",
        "The tags <think> and </think> mark a thought.",
        "<answer>",
        "<!-- a comment --> and <br> and <img src='a_b_c'>",
        "Co-authored-by: Jane <jane@example.org>",
        "ssh <user@host> and <http-port>",
        r"\[ x_{1}\,=\,\frac{a}{b} \]",
        r"\( a_1 * b_1 * c \) and $\{P_0, \dots\}$",
        r"$$\begin{pmatrix}a\\b\end{pmatrix}$$",
        "It costs $5*2 and $6*3, or $5 and $10.",
        "2**3 and 4**5, 5*2*3, a*b*c",
        "See [1] and [^2] of [^a-z]",
        r"An open \( x and a closing \] and \[1",
        "Write &lt;div&gt; for a tag, &nbsp; for a blank, &#60;b&#62;, AT&T",
        "a < b > c and 1 <2> 3 <= 4 << 5 >> 6",
        "<App name={x} onClick={() => f(a, b)} {...props} />",
        "<?xml version='1.0'?><![CDATA[ x < y ]]>",
        "$HOME and $PATH$, US$5–$10, $5/month or $6/month, 5$ and 6$",
        r"\\server\share and C:\new\x.txt and ^\d+\.\w\/\S\?$",
        r"\begin{align} a_1 &= b*c*d \\ c &= d \end{align} and a \\ b",
        "Name: ________ Date: ____/____ ****",
        "the method __init__ of __main__, not snake_case_name",
    ],
)
async def test_a_line_is_shown_with_every_character(written: str) -> None:
    assert await shown(written) == [written]
    assert await shown(f"- {written}") == [f"• {written}"]
    assert await shown(f"> {written}") == [f"▌ {written}"]
    assert await shown(f"# {written}") == [written]
    if "|" not in written and "<br>" not in written:
        assert f"│ {written} │" in await shown(f"| a |\n|---|\n| {written} |")


async def test_a_page_of_html_is_shown_with_its_lines() -> None:
    page = "<html>\n  <body>\n    <p>Hello</p>\n  </body>\n</html>"
    pilot_page = ReplyPage()
    async with pilot_page.run_test(size=(60, 20)) as pilot:
        assert await pilot_page.show(pilot, [page]) == page.split("\n")


@pytest.mark.parametrize("before", ["", "- ", "> "])
async def test_a_line_end_is_one(before: str) -> None:
    poem = ["Roses are red,", "Violets are blue,", "  sugar is *sweet*", "A. one"]
    written = f"\n{' ' * len(before) if before != '> ' else before}".join(poem)
    rows = await shown(before + written)
    assert [row.lstrip("•▌ ") for row in rows] == [
        "Roses are red,",
        "Violets are blue,",
        "sugar is sweet",
        "A. one",
    ]


async def test_a_signature_and_a_rule_below_several_lines_make_no_heading() -> None:
    signature = ["Best,", "--", "Jane", "CEO"]
    assert await shown("\n".join(signature)) == signature
    assert await shown("Best,\n-- \nJane\n-\nCEO") == ["Best,", "--", "Jane", "-", "CEO"]
    *lines, rule = await shown("Roses are red,\nViolets are blue,\n---\n")
    assert lines == ["Roses are red,", "Violets are blue,"] and set(rule) == {"─"}
    assert await shown("Title\n---\n\nText") == ["Title", "Text"]


async def test_numbers_and_empty_items_of_a_list_are_shown_as_written() -> None:
    assert await shown("1. B\n3. C\n7. A") == ["1. B", "3. C", "7. A"]
    assert await shown("1. B\n1. C\n1. A") == ["1. B", "2. C", "3. A"]
    assert await shown("1.\n2.\n3. c\n\n- \n- a") == ["1.", "2.", "3. c", "•", "• a"]
    assert await shown("[^1]:") == ["[1]"]


async def test_formulas_of_several_lines_keep_what_else_would_be_a_list_or_a_heading() -> None:
    formula = ["\\[", "a", "- b", "= c", "===", "> d", "\\]"]
    assert await shown("\n".join(formula)) == formula
    assert await shown("So:\n" + "\n".join(formula)) == ["So:", *formula]


async def test_sources_can_be_read() -> None:
    rows = await shown(REPLIES["sources"])
    assert rows == [
        "Python 3.13 has a JIT [1] and free threading [2].",
        "Sources:",
        "[1] https://peps.python.org/pep-0744/",
        "[2] https://peps.python.org/pep-0703/ PEP 703",
    ]
    rows = await shown(REPLIES["references"])
    assert rows[0] == "Read the manual (https://example.org/manual) first, and [2]."
    assert rows[1:] == ["[1] https://example.org/manual", "[2] https://example.org/faq"]


async def test_sources_right_below_a_line_of_text_are_sources() -> None:
    rows = await shown("See [it][a].\n\nSources:\n[a]: https://example.org/a\n[B]: <https://b.org>")
    assert rows == [
        "See it (https://example.org/a).",
        "Sources:",
        "[a] https://example.org/a",
        "[B] https://b.org",
    ]


async def test_footnotes_are_shown_where_they_stand() -> None:
    rows = await shown("One[^1] and [^2].\n\n[^1]: The *first*")
    assert rows == ["One[1] and [^2].", "[1] The first"]


async def test_no_text_of_a_table_is_lost() -> None:
    rows = await shown(REPLIES["table"])
    cells = [[cell.strip() for cell in row.strip("│").split("│")] for row in rows if "│" in row]
    assert cells == [
        ["Op", "Meaning", "Example"],
        ["a | b", "or", "x | y"],
        ["1", "2", "3 | four"],
        ["|", "", ""],
    ]
    assert rows[-1] == "Not a row"
    rows = await shown("| f | g |\n|---|---|\n| $|x|$ | \\(P(a|b)\\) |\n| $5|$6 |")
    assert "│ $|x|$ │ \\(P(a|b)\\) │" in rows and rows[-2].split() == ["│", "$5", "│", "$6", "│"]


async def test_a_fence_of_markdown_is_one_block_and_the_sentence_after_it_prose() -> None:
    inside = REPLIES["fence in a fence"].partition("```markdown\n")[2].rpartition("```\n")[0]
    assert code_blocks(REPLIES["fence in a fence"]) == (CodeText("markdown", inside),)
    rows = await shown(REPLIES["fence in a fence"])
    assert rows[-1] == "Save it as README.md and you are done."
    assert rows[1].startswith("╭─ markdown ─")
    assert "│ ## Licence" in [row.rstrip("│ ") for row in rows]


def test_bare_fences_in_a_fence_of_markdown_open_below_a_blank_line_or_a_colon() -> None:
    first, second = code_blocks(REPLIES["bare fences in a fence"])
    assert first.code == "```\na\n```\n"
    assert second.code == "Run:\n\n```\nmake\n```\n\nOr:\n```\nmake all\n```\n"


@pytest.mark.parametrize("info", ["md title=x", "{.markdown}", "README.md", "markdown:a/b.md"])
@pytest.mark.parametrize("above", ["", "Run:", "**Run:**", "## Run", "运行："])
def test_a_fence_is_of_markdown_however_it_says_so(info: str, above: str) -> None:
    inside = f"# T\n```sh\nls\n```\n{above}\n```\nmake\n```\nmore\n"
    (only,) = code_blocks(f"```{info}\n{inside}```\n\nDone.\n")
    assert only.code == inside


def test_markdown_in_markdown_in_a_fence_is_in_it() -> None:
    inside = "```md\n```sh\nls\n```\nmore\n```\nend\n"
    (only,) = code_blocks(f"```markdown\n{inside}```\n\nDone.\n")
    assert only.code == inside


def test_where_fences_do_not_pair_the_first_bare_one_ends_the_block() -> None:
    (only,) = code_blocks(REPLIES["fences that do not pair"])
    assert only.code == "# T\n\n```bash\nx\n"


async def test_a_line_of_code_says_where_it_goes_on() -> None:
    page = ReplyPage()
    line = "".join(f"{number:>4}" for number in range(40))
    async with page.run_test(size=(60, 20)) as pilot:
        rows = await page.show(pilot, [f"```\n{line}\nshort\n```\n"])
        long, short = (next(row for row in rows if each in row) for each in ("   1", "short"))
        assert long.rstrip("│").endswith("…") and "…" not in short
        block = page.query_one(CodeBlock)
        block.scroll_to(x=20, animate=False)
        await pilot.pause()
        long = next(row for row in page.lines() if "  12" in row)
        assert long.strip("│").startswith("…") and long.rstrip("│").endswith("…")
        block.scroll_end(animate=False, x_axis=True)
        block.scroll_to(x=block.max_scroll_x, animate=False)
        await pilot.pause()
        assert any(row.rstrip("│ ").endswith("  39") for row in page.lines())


async def test_prose_is_at_most_a_hundred_columns_and_headings_are_at_the_left() -> None:
    words = "and so on " * 60
    rows = await shown(f"# Head\n\n{words}\n\n- {words}\n\n> {words}\n", width=200)
    assert rows[0] == "Head"
    assert 90 < max(map(len, rows)) <= 100
    page = ReplyPage()
    async with page.run_test(size=(200, 40)) as pilot:
        rows = await page.show(pilot, [f"# Head\n\n```\n{'x' * 150}\n```\n"])
        assert rows[-4:][0].startswith("╭") or "Head" in "".join(rows)
        assert any("x" * 150 in row for row in rows)
        assert next(row for row in rows if "Head" in row).startswith("Head")


async def test_what_is_selected_of_a_table_is_what_was_written() -> None:
    page = ReplyPage()
    async with page.run_test(size=(70, 50)) as pilot:
        cells = "| x<br>y | so\u00adft 🏴\U000e0067\U000e007f |\n| `a\tb` | \u202ed\u200be |\n"
        await page.show(pilot, [f"| a | b |\n|---|---|\n{cells}"])
        page.screen.text_select_all()
        flag = "🏴\U000e0067\U000e007f"
        wanted = f"a\tb\nx<br>y\tso\u00adft {flag}\na\tb\t\u202ed\u200be"
        assert page.screen.get_selected_text() == wanted
        (table,) = page.query(ReplyTable)
        first, _ = table.get_selection(Selection(Offset(0, 3), Offset(69, 3))) or ("", "")
        assert first == f"x\tso\u00adft {flag}"


async def test_what_was_taken_away_can_still_be_drawn() -> None:
    page = ReplyPage()
    async with page.run_test(size=(60, 3)) as pilot:
        wide = "x" * 100
        below = f"a\n\nb\n\nc\n\n1. one\n2. two\n\n| a |\n|---|\n| b |\n\n```py\n{wide}\n```\n"
        await page.show(pilot, [below])
        found = [*page.query("ListLine, ReplyTable, CodeLines").results()]
        assert {type(each).__name__ for each in found} == {"ListLine", "ReplyTable", "CodeLines"}
        await page.query("ReplyText").remove()
        # The screen may be drawn before it is laid out anew.
        for each in found:
            assert each.render_lines(Region(0, 0, 20, 2))


async def test_function_names_are_not_underlined() -> None:
    page = ReplyPage()
    async with page.run_test(size=(60, 20)) as pilot:
        await page.show(pilot, ["```python\ndef f():\n    return f()\n```\n"])
        (lines,) = page.query(CodeLines)
        assert lines._lines and not any(
            "underline" in str(span.style) for line in lines._lines for span in line.spans
        )


async def test_what_is_selected_is_what_was_written() -> None:
    written = (
        "Some *prose* \u202e with a flag 🏴\U000e0067\U000e007f so\u00adft.\n\n"
        "```make\nall:\n\tcc\n\t\tx\n```\n\n- one\n- two\n  more\n  - inner\n\n"
        "1. first\n\n   second\n\n$\\frac{a}{b}$\n"
    )
    wanted = (
        "Some prose \u202e with a flag 🏴\U000e0067\U000e007f so\u00adft.\n\n"
        "all:\n\tcc\n\t\tx\n\none\ntwo\nmore\ninner\n\n"
        "first\n\nsecond\n\n$\\frac{a}{b}$"
    )
    page = ReplyPage()
    async with page.run_test(size=(70, 50)) as pilot:
        await page.show(pilot, [written])
        page.screen.text_select_all()
        assert page.screen.get_selected_text() == wanted
        (lines,) = page.query(CodeLines)
        part = Selection(Offset(8, 1), Offset(10, 1))
        assert lines.get_selection(part) == ("cc", "\n\n")
        assert lines.get_selection(Selection(Offset(0, 1), Offset(9, 2))) == ("\tcc\n\t\t", "\n\n")
