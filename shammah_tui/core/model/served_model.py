"""A model that a server elsewhere has loaded, described as the models of this machine are."""

from urllib.parse import urlsplit

from shammah_tui.core.model.model_spec import ModelSpec
from shammah_tui.core.model.sampling import family_of
from shammah_tui.core.text.plain_text import plain

MODEL_ID = "endpoint"


def host_of(url: str) -> str:
    """Return the name of the machine in an address, such as ``gpu-box``."""
    return urlsplit(url).hostname or url


def served_model(host: str, name: str) -> ModelSpec:
    """Return the description of a server's model; its name is empty before the server was asked."""
    label = f"{short_name(name) or 'the model'} at {plain(host)}"
    return ModelSpec(MODEL_ID, label, host=host, family=family_of(name))


def short_name(name: str) -> str:
    """Return a served model's name for people.

    Servers call a model by an id (``qwen3.5:9b``), a repository (``Qwen/Qwen3.5-9B``) or the path
    of its file: the folder and the file's ending are left out.
    """
    last = plain(name).replace("\\", "/").rstrip("/").rpartition("/")[2]
    return last[: -len(".gguf")] if last.lower().endswith(".gguf") else last


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine itself, by its name or address alone."""
    import ipaddress  # 3 ms that the first frame does without.

    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
