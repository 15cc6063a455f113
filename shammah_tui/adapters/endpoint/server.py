"""What a server has: which address speaks the API, which model, how long a context."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shammah_tui.adapters.endpoint.answers import (
    Answer,
    EndpointError,
    asking_error,
    entries,
    get,
    positive,
)
from shammah_tui.core.model.served_model import short_name
from shammah_tui.core.protocol.engine_messages import EngineProblem
from shammah_tui.core.wording.server import ServerWords

if TYPE_CHECKING:
    import httpx2

_VERSION = re.compile(r"/v\d+$")
_CONTEXT_FIELDS = ("max_model_len", "context_length", "context_window")
"""Of an entry in the list of models: vLLM's field, and those of public services."""


class StillLoadingError(Exception):
    """The server is there and loads its model yet."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that was found.

    Attributes:
        base_url: What ``/chat/completions`` follows.
        is_ollama: Whether it is Ollama, which switches thinking in a way of its own.
    """

    base_url: str
    model: str
    context_length: int | None = None
    is_ollama: bool = False


def find_server(client: "httpx2.Client", url: str, model: str, words: ServerWords) -> Server:
    """Ask the server what it has; an empty ``model`` takes the only one.

    Raises:
        StillLoadingError: It answers and has no model yet.
        EndpointError: It cannot be used.
        httpx2.HTTPError: It cannot be reached.
    """
    base_url, models = _models(client, url, words)
    # LM Studio always lists one for embeddings, which cannot chat.
    names = [name for name in models if "embed" not in name.lower()]
    name = _choose(names, model, words)
    length = next(filter(None, (positive(models[name].get(key)) for key in _CONTEXT_FIELDS)), None)
    if length is not None:
        return Server(base_url, name, length)
    return _described_elsewhere(client, base_url, name)


def _models(
    client: "httpx2.Client", url: str, words: ServerWords
) -> tuple[str, dict[str, dict[str, object]]]:
    first: Answer | None = None
    for base_url in (url,) if _VERSION.search(url) else (f"{url}/v1", url):
        answer = get(client, f"{base_url}/models")
        listed = entries(answer.content, "data")
        if answer.status == 200 and listed is not None:
            named = ((each.get("id"), each) for each in listed)
            return base_url, {id_: each for id_, each in named if isinstance(id_, str) and id_}
        if answer.is_loading:
            raise StillLoadingError
        first = first or answer
        if answer.status not in {200, 404, 405}:
            break
    assert first is not None
    raise asking_error(words, answer if answer.status not in {404, 405} else first)


def _choose(names: Sequence[str], wanted: str, words: ServerWords) -> str:
    if not names:
        raise EndpointError(EngineProblem.REFUSED, words.no_model)
    if not wanted and len(names) == 1:
        return names[0]
    if not wanted:
        raise EndpointError(EngineProblem.REFUSED, words.several_models(names))
    for spelling in (str, str.lower, _untagged, _short):
        found = [name for name in names if spelling(name) == spelling(wanted)]
        if len(found) == 1:
            return found[0]
    raise EndpointError(EngineProblem.REFUSED, words.other_models(wanted, names))


def _untagged(name: str) -> str:
    """Return Ollama's ``qwen3.5:latest`` as people write it."""
    return name.lower().removesuffix(":latest")


def _short(name: str) -> str:
    return short_name(name).lower()


def context_of(client: "httpx2.Client", server: Server) -> int | None:
    """Ask once more how long the context is; None where the server does not tell."""
    listed = entries(get(client, f"{server.base_url}/models").content, "data") or []
    for key in _CONTEXT_FIELDS:
        if length := _of(listed, server.model, key):
            return length
    return _described_elsewhere(client, server.base_url, server.model).context_length


def _described_elsewhere(client: "httpx2.Client", base_url: str, name: str) -> Server:
    """Ask where llama-server, Ollama and LM Studio tell the context that they really made."""
    import httpx2  # Imported by whoever made the client.

    root = _VERSION.sub("", base_url)
    server = Server(base_url, name)
    try:
        props = get(client, f"{root}/props").content
        defaults = props.get("default_generation_settings") if isinstance(props, dict) else None
        if isinstance(defaults, dict) and (length := positive(defaults.get("n_ctx"))):
            return Server(base_url, name, length)
        running = entries(get(client, f"{root}/api/ps").content, "models")
        if running is not None:
            length = _of(running, name, "context_length")
            return Server(base_url, name, length, is_ollama=True)
        loaded = entries(get(client, f"{root}/api/v0/models").content, "data")
        return Server(base_url, name, _of(loaded or [], name, "loaded_context_length"))
    except httpx2.HTTPError:
        # The model is there all the same.
        return server


def _of(listed: Sequence[dict[str, object]], name: str, field: str) -> int | None:
    for each in listed:
        if name in (each.get("id"), each.get("name"), each.get("model")):
            return positive(each.get(field))
    return None
