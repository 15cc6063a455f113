"""The key for Claude, and the hosts."""

from urllib.parse import quote

from shammah_tui.adapters.claude.key_holder import KeyHolder
from shammah_tui.core.doctor.findings import Fact, Finding, Mark
from shammah_tui.core.doctor.hosts import (
    HostResult,
)
from shammah_tui.core.model.hub_names import DEFAULT_REVISION
from shammah_tui.core.model.model_spec import ModelSpec
from shammah_tui.core.text.secrets import slip_in
from shammah_tui.core.wording import doctor as words

_UNKNOWN_FILE = "README.md"
"""Asked for where it is not known which file a model has: every repository has this one."""


def check_key(holder: KeyHolder) -> Finding:
    """Return whether there is a key for Claude and where it is, never which."""
    asked_with = holder.credential
    name = asked_with.variable
    if not asked_with.secret:
        says, advice = words.no_key(holder.trouble)
        return Finding("key", "Claude key", Mark.DOUBTFUL, says, advice, {"present": False})
    where = words.key_place(asked_with.place, name, holder.path)
    if slip := slip_in(asked_with.secret):
        says, advice = words.bad_key(where, name, slip)
        return Finding("key", "Claude key", Mark.BAD, says, advice, {"present": False})
    facts: dict[str, Fact] = {"present": True, "place": asked_with.place.value}
    if name:
        facts["variable"] = name
    return Finding("key", "Claude key", Mark.GOOD, where, facts=facts)


def check_hub(reach: HostResult, *, is_needed: bool) -> Finding:
    return _finding("hub", "Hub", reach, Mark.BAD if is_needed else Mark.DOUBTFUL)


def check_claude(reach: HostResult, *, has_key: bool) -> Finding:
    return _finding("claude", "Claude", reach, Mark.BAD if has_key else Mark.DOUBTFUL)


def check_endpoint(reach: HostResult, model: str) -> Finding:
    """Return whether the server that takes this machine's place can be asked.

    ``model`` is the one that is wanted of it; empty takes what it has.
    """
    if model and reach.models and model not in reach.models:
        says, advice = words.other_models(reach.host.address, model, reach.detail)
        return Finding("endpoint", "Endpoint", Mark.DOUBTFUL, says, advice, _facts(reach))
    return _finding("endpoint", "Endpoint", reach, Mark.BAD)


def file_path(model: ModelSpec | None, fallback: ModelSpec) -> str:
    """Return which file to ask the Hub for: the first of ``model``, else of ``fallback``."""
    asked = model if model is not None and model.repo is not None else fallback
    name = asked.files[0].name if asked.files else _UNKNOWN_FILE
    revision = quote(asked.revision or DEFAULT_REVISION, safe="")
    return f"{asked.repo}/resolve/{revision}/{quote(name)}"


def _finding(id_: str, label: str, reach: HostResult, failed: Mark) -> Finding:
    mark = Mark.GOOD if reach.trouble is None else failed
    return Finding(
        id_, label, mark, words.host_sentence(reach), words.host_advice(reach), _facts(reach)
    )


def _facts(reach: HostResult) -> dict[str, Fact]:
    trouble = reach.trouble
    return {
        "address": reach.host.address,
        "reached": trouble is None,
        "trouble": None if trouble is None else trouble.value,
        "elapsed_ms": round(reach.elapsed_s * 1000),
        "proxy": reach.host.proxy or None,
    }
