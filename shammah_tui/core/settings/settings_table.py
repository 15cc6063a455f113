"""Settings out of the table that a TOML parser returns, one clear line for each thing wrong."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

from shammah_tui.core.conversation.prices import PriceList, price_of_usd
from shammah_tui.core.decoding import Fault, Form, Reader, fields_of, of_type, readers_of
from shammah_tui.core.model.model_spec import (
    DevicePreference,
    FlashAttention,
    KvType,
    Ladder,
    ModelEntry,
)
from shammah_tui.core.settings import settings_checks as checks
from shammah_tui.core.settings.settings import (
    ClaudeSettings,
    EndpointSettings,
    LocalSettings,
    Settings,
)
from shammah_tui.core.text.plain_text import plain
from shammah_tui.core.wording.suggestions import suggestion

_TOML = Form(
    {kind: checks.member(kind) for kind in (DevicePreference, FlashAttention, KvType, Ladder)},
    key_of=lambda field: field.removesuffix("_bytes_per_s"),
)
_MODEL: Mapping[str, Reader] = {
    "id": checks.model_id,
    "repo": checks.repo,
    "file": checks.gguf,
    "label": checks.line,
    "size": checks.size,
}
_PRICE: Mapping[str, Reader] = {"input": checks.usd, "output": checks.usd}
_SECTIONS = ("claude", "local", "endpoint", "keys", "models", "prices")


@dataclass(frozen=True, slots=True)
class Known:
    """What names the caller knows, for telling mistyped ones; None accepts any.

    Attributes:
        keys: Ids of the bindings that can be given other keys.
        key_clashes: Returns a line for each key that two commands have, given the keys of some ids.
    """

    keys: Collection[str] | None = None
    themes: Collection[str] | None = None
    key_clashes: Callable[[Mapping[str, str]], Iterable[str]] = lambda _: ()


def settings_from(
    table: Mapping[str, object], known: Known | None = None
) -> tuple[Settings, tuple[str, ...]]:
    """Return the settings in ``table`` and one line for each thing in it that cannot be used.

    What cannot be used has its default; everything else counts.
    """
    known = known or Known()
    problems: list[str] = []
    top: Mapping[str, Reader] = {
        "system_prompt": partial(of_type, str),
        "theme": checks.line if known.themes is None else _theme(known.themes),
        "plain": partial(of_type, bool),
    }
    plain_keys = {key: value for key, value in table.items() if key not in _SECTIONS}
    values = _read("", plain_keys, top, problems, also_known=_SECTIONS)
    claude = _read("claude", table.get("claude", {}), readers_of(ClaudeSettings, _TOML), problems)
    local = _read("local", table.get("local", {}), readers_of(LocalSettings, _TOML), problems)
    if "download_limit" in local:
        local["download_limit_bytes_per_s"] = local.pop("download_limit")
    if local.get("kv_type") is KvType.Q8_0 and local.get("flash_attention") is FlashAttention.OFF:
        problems.append("[local] kv_type q8_0 wants flash attention; f16 is used")
        local["kv_type"] = KvType.F16
    keys = _keys(table.get("keys", {}), known, problems)
    problems.extend(known.key_clashes(keys))
    settings = Settings(
        **values,
        claude=ClaudeSettings(**claude),
        local=LocalSettings(**local),
        endpoint=_endpoint(table.get("endpoint", {}), problems),
        keys=MappingProxyType(keys),
        models=_models(table.get("models", []), problems),
        prices=_prices(table.get("prices", {}), problems),
    )
    return settings, tuple(problems)


def _read(
    section: str,
    table: object,
    readers: Mapping[str, Reader],
    problems: list[str],
    also_known: Collection[str] = (),
    required: Collection[str] = (),
) -> dict[str, Any]:
    where = f"[{section}] " if section else ""
    if not isinstance(table, Mapping):
        problems.append(f"{section} must be a section: write [{section}] on a line of its own")
        return {}
    values, wrong = fields_of(table, readers, required)
    for error in wrong:
        key = str(error.path[0])
        if error.fault is Fault.UNKNOWN:
            meant = suggestion(key.lower(), (*readers, *also_known))
            problems.append(f"{where}{plain(key)} is not a setting{meant}")
        else:
            problems.append(f"{where}{key} {error}")
    return values


def _endpoint(table: object, problems: list[str]) -> EndpointSettings:
    found: list[str] = []
    values = _read("endpoint", table, readers_of(EndpointSettings, _TOML), found)
    if not found and values and "url" not in values:
        found.append("[endpoint] url is missing: give the server's address")
    problems.extend(found)
    # Half of it would ask another model than was meant, or without the key.
    return EndpointSettings() if found else EndpointSettings(**values)


def _keys(table: object, known: Known, problems: list[str]) -> dict[str, str]:
    names = known.keys
    if names is None:
        names = tuple(table) if isinstance(table, Mapping) else ()
    return _read("keys", table, dict.fromkeys(names, checks.keys), problems)


def _models(entries: object, problems: list[str]) -> tuple[ModelEntry, ...]:
    if not isinstance(entries, list):
        problems.append("models must be a list: write [[models]] above each one")
        return ()
    models: dict[str, ModelEntry] = {}
    for number, entry in enumerate(entries, start=1):
        where = f"[[models]] {number}: "
        found: list[str] = []
        table = entry if isinstance(entry, Mapping) else {}
        values = _read("", table, _MODEL, found, required=["id"])
        if not found and not values.get("repo") and not values.get("file"):
            found.append('repo is missing; give repo = "owner/name", or file with a path')
        elif not found and values.get("file") and _says_quantization(values.get("repo", "")):
            found.append("repo already says which quantization; leave out that or file")
        elif not found and values["id"].lower() in models:
            found.append(f"id {values['id']} is taken by an entry above")
        # Half an entry would offer other weights than were meant.
        if found:
            problems.extend(f"{where}{each}" for each in found)
        else:
            size_bytes = values.pop("size", None)
            models[values["id"].lower()] = ModelEntry(**values, size_bytes=size_bytes)
    return tuple(models.values())


def _prices(table: object, problems: list[str]) -> PriceList:
    """Return the shipped prices with those of the user over them."""
    shipped = PriceList()
    found: list[str] = []
    entries = table.get("models", {}) if isinstance(table, Mapping) else {}
    values = _read("prices", table, {"date": checks.day, "models": lambda value: value}, found)
    if not isinstance(entries, Mapping):
        found.append('prices.models must be a section: write [prices.models."name"]')
    elif entries and "date" not in values and not found:
        found.append("[prices] date is missing: say when these prices were looked up")
    problems.extend(found)
    # A price without its date would be believed for ever.
    if found or "date" not in values:
        return shipped
    own = {}
    for name, entry in entries.items():
        where = f'prices.models."{plain(name)}"'
        wrong: list[str] = []
        price = _read(where, entry, _PRICE, wrong, required=_PRICE)
        problems.extend(wrong)
        if not wrong:
            own[name.lower()] = price_of_usd(price["input"], price["output"], values["date"])
    return PriceList(MappingProxyType({**shipped.models, **own}))


def _theme(themes: Collection[str]) -> Reader:
    check = checks.one_of(themes)
    return lambda value: check(value) if checks.line(value) else ""


def _says_quantization(repo: str) -> bool:
    return "://" not in repo and ":" in repo
