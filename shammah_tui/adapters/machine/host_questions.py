"""The questions to each host: nobody else could answer them for it, and nothing is spent."""

from collections.abc import Mapping

from shammah_tui.adapters.claude.claude_key import CLAUDE_ADDRESS, claude_address, claude_key
from shammah_tui.adapters.hub.hub_environment import DEFAULT_ENDPOINT, hub_endpoint
from shammah_tui.adapters.machine.host_probe import HostAnswer, HostQuestion, Verdict, address_of
from shammah_tui.core.doctor.hosts import Host, Trouble
from shammah_tui.core.model.served_model import host_of, is_loopback
from shammah_tui.core.text.secrets import slip_in, tidied

API_VERSION = "2023-06-01"

_PORTAL = 511  # RFC 6585: Network Authentication Required
_AUTH_ERRORS = {"authentication_error", "permission_error"}


def hub_question(environment: Mapping[str, str], path: str) -> HostQuestion:
    """Ask the Hub where ``owner/name/resolve/revision/file`` is, without a token."""
    endpoint = hub_endpoint(environment)
    host = _host("the Hub", endpoint, "HF_ENDPOINT", DEFAULT_ENDPOINT)
    return HostQuestion(host, "HEAD", f"{endpoint}/{path}", _judge_hub)


def claude_question(environment: Mapping[str, str]) -> HostQuestion:
    """Send Claude's API an empty request: it is refused for its form, after the key was checked."""
    base = claude_address(environment)
    host = _host("Claude's API", base, "ANTHROPIC_BASE_URL", CLAUDE_ADDRESS)
    headers = {"content-type": "application/json", "anthropic-version": API_VERSION}
    key, token = claude_key(environment)
    # What is no key cannot be put into a header; who looks at keys says so.
    if key and not slip_in(key):
        headers["x-api-key"] = key
    elif token and not key and not slip_in(token):
        headers["authorization"] = f"Bearer {token}"
    has_key = not headers.keys().isdisjoint({"x-api-key", "authorization"})
    return HostQuestion(
        host,
        "POST",
        f"{base}/v1/messages",
        lambda answer: _judge_claude(answer, has_key=has_key),
        headers,
        b"{}",
    )


def endpoint_question(url: str, key: str) -> HostQuestion:
    """Ask an OpenAI-compatible server for its models."""
    base = url.removesuffix("/v1").rstrip("/")
    host = _host("the endpoint", url, "url under [endpoint] in config.toml", "")
    key = tidied(key)
    headers = {"authorization": f"Bearer {key}"} if key and not slip_in(key) else {}
    # As when it is asked for replies.
    is_near = is_loopback(host_of(url))
    return HostQuestion(
        host, "GET", f"{base}/v1/models", _judge_endpoint, headers, uses_proxies=not is_near
    )


def _host(name: str, url: str, setting: str, default: str) -> Host:
    return Host(name, address_of(url), setting, url == default)


def _judge_hub(answer: HostAnswer) -> Verdict:
    # Only the Hub has these; the second comes with a refusal, which is an answer, too.
    if "X-Repo-Commit" in answer.headers or "X-Error-Code" in answer.headers:
        return None, ""
    return _judge_other(answer)


def _judge_claude(answer: HostAnswer, *, has_key: bool) -> Verdict:
    told = answer.json()
    error = told.get("error") if isinstance(told, dict) else None
    if not isinstance(error, dict) or not isinstance(error.get("type"), str):
        return _judge_gateway(answer, told, has_key=has_key)
    if answer.status >= 500:
        return Trouble.SERVER_ERROR, f"status {answer.status}"
    if error["type"] in _AUTH_ERRORS and has_key:
        return Trouble.KEY_REFUSED, ""
    return None, ""


def _judge_gateway(answer: HostAnswer, told: object, *, has_key: bool) -> Verdict:
    """Judge what a gateway or a stand-in says, which has its own words for an empty request."""
    is_json = isinstance(told, dict)
    if is_json and answer.status in {401, 403}:
        return (Trouble.KEY_REFUSED if has_key else None), ""
    if is_json and answer.status in {400, 413, 415, 422}:
        return None, ""
    if answer.status == 200 and (
        (isinstance(told, dict) and told.get("type") == "message")
        or b'"message_start"' in answer.body
    ):
        return None, ""
    return _judge_other(answer)


def _judge_endpoint(answer: HostAnswer) -> Verdict:
    if answer.status in {401, 403}:
        return Trouble.KEY_REFUSED, ""
    told = answer.json()
    models = told.get("data") if isinstance(told, dict) else None
    if answer.status != 200 or not isinstance(models, list):
        return _judge_other(answer)
    names = [str(each.get("id", "")) for each in models if isinstance(each, dict)]
    return None, tuple(name for name in names if name)


def _judge_other(answer: HostAnswer) -> Verdict:
    if answer.status >= 500 and answer.status != _PORTAL:
        return Trouble.SERVER_ERROR, f"status {answer.status}"
    if answer.status == 429:
        return Trouble.SERVER_ERROR, "it has too many requests from here"
    return Trouble.STRANGER, f"status {answer.status}"
