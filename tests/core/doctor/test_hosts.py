import pytest

from shammah_tui.core.doctor.hosts import (
    Host,
    HostResult,
    Trouble,
)
from shammah_tui.core.wording.doctor import (
    host_advice,
    host_sentence,
)

HUB = Host("the Hub", "hub.example", "HF_ENDPOINT", is_default=True)
OWN = Host("the Hub", "mirror.example:81", "HF_ENDPOINT", is_default=False, proxy="proxy:3128")


@pytest.mark.parametrize("trouble", list(Trouble))
@pytest.mark.parametrize("host", [HUB, OWN])
def test_every_trouble_is_said_in_words_with_advice(host: Host, trouble: Trouble) -> None:
    reach = HostResult(host, trouble, 5.0)
    said, advice = host_sentence(reach), host_advice(reach)
    assert host.address in said or host.setting in said
    assert advice
    for line in (said, advice):
        assert line.isprintable()
        assert not line.endswith(".")


@pytest.mark.parametrize(
    ("reach", "said"),
    [
        (HostResult(HUB, None, 0.0314), "hub.example answers in 31 ms"),
        (
            HostResult(OWN, None, 0.0314),
            "mirror.example:81 answers in 31 ms through the proxy proxy:3128",
        ),
        (HostResult(HUB, Trouble.NO_NAME, 1), "the name of hub.example cannot be looked up (DNS)"),
        (HostResult(HUB, Trouble.REFUSED, 1), "hub.example refuses the connection"),
        (HostResult(HUB, Trouble.SILENT, 5.0), "hub.example does not answer within 5 s"),
        (
            HostResult(HUB, Trouble.UNTRUSTED, 1, "self-signed certificate"),
            "the TLS certificate of hub.example is not trusted (self-signed certificate)",
        ),
        (
            HostResult(HUB, Trouble.STRANGER, 1, "status 200"),
            "something else answers instead of the Hub at hub.example (status 200)",
        ),
        (
            HostResult(OWN, Trouble.PROXY, 1, "connection refused"),
            "the proxy proxy:3128 cannot reach mirror.example:81 (connection refused)",
        ),
    ],
)
def test_wording(reach: HostResult, said: str) -> None:
    assert host_sentence(reach) == said


def test_nothing_is_advised_where_all_is_well() -> None:
    assert host_advice(HostResult(HUB, None, 0.1)) == ""
