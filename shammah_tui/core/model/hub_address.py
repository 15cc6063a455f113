"""How people write what is on the Hub: names, addresses from the browser, revisions."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote

from shammah_tui.core.errors import InvalidModelError
from shammah_tui.core.model.hub_names import is_file_name, is_quant, is_repo
from shammah_tui.core.text.plain_text import plain

HUB_HOSTS = ("huggingface.co", "www.huggingface.co", "hf.co", "www.hf.co", "hf-mirror.com")
"""Hosts that are the public Hub, under one name or another."""

_SCHEME = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_QUOTES = {'"': '"', "'": "'", "`": "`", "“": "”", "‘": "’", "„": "“", "«": "»", "<": ">"}
_INVISIBLE = "\u200b\u2060\ufeff"
_WITH_REVISION = frozenset(
    {"tree", "blob", "resolve", "raw", "blame", "edit", "commit", "commits", "revision"}
)
_WITHOUT = frozenset({"discussions", "settings", "community"})
"""Pages of a repository that say no more than its name."""
_OTHER_PAGES = {
    "datasets": "a data set",
    "spaces": "a Space",
    "collections": "a collection",
    "papers": "a paper",
    "buckets": "a bucket",
    "docs": "a page of the documentation",
    "blog": "a page of the blog",
    "posts": "a post",
    "learn": "a course",
    "organizations": "an organization",
    "models": "a list of models",
    "tasks": "a page about a task",
    "api": "a part of the Hub's API",
}
_FOLDER_QUANT = re.compile(r"(?:UD-)?(?:I?Q\d\w*|TQ\d_\d|BF16|F16|F32|MXFP4\w*)", re.IGNORECASE)
_COMMAND = re.compile(
    r"(?:git\s+clone|ollama\s+(?:run|pull)|(?:hf|huggingface-cli)\s+download"
    r"|(?:llama-(?:server|cli)\s+)?(?:-hf|--hf-repo))\s+(?=\S+$)",
    re.IGNORECASE,
)
"""What the Hub's pages write before a name, to be copied together with it."""
_OWN_SIGNS = re.compile(r"(?:git@(?=h))?(?P<host>(?:huggingface|hf)\.co):(?=[^/\d])", re.IGNORECASE)
_DEFAULT_REVISION = "main"
_NO_TAG = "latest"
"""What Ollama calls a model of which no quantization is named."""


@dataclass(frozen=True, slots=True)
class HubName:
    """What a name or an address says; empty is what is not named, and no revision is ``main``."""

    repo: str
    revision: str | None = None
    quant: str = ""
    file: str = ""


def cleaned(text: str) -> str:
    """Return ``text`` without what was copied with it: blanks, quotes, a command, a link."""
    before = None
    while text != before:
        before = text
        text = text.strip().strip(_INVISIBLE)
        if len(text) > 1 and _QUOTES.get(text[0]) == text[-1]:
            text = text[1:-1]
        text = _COMMAND.sub("", text, count=1)
        link = re.fullmatch(r"\[[^\]]*\]\((\S+)\)", text)
        text = link[1] if link else text
    return text


def local_address(text: str) -> str | None:
    """Return the path that a ``file://`` address names; None for anything else."""
    match = re.match(r"file://(?:localhost)?(?=/)", text, re.IGNORECASE)
    return unquote(text[match.end() :]) if match else None


def hub_name(text: str, endpoint: str = "") -> HubName | None:
    """Return what ``text``, ``cleaned``, names on the Hub; None when it has no such form.

    Understood are ``owner/repo``, with ``:QUANT``, ``@revision``, ``/path/file.gguf`` or
    ``/path/file.gguf@revision`` after it, and the addresses of the Hub's pages (of a mirror's, too,
    where that is the ``endpoint``), with or without ``https://``.

    Raises:
        InvalidModelError: It is an address of something that is no model.
    """
    path, is_address = _path_of(text, endpoint)
    if path is None:
        return None
    query, path = _query_of(path), re.split(r"[?#]", path, maxsplit=1)[0]
    words = [unquote(word) for word in path.rstrip("/").split("/")]
    if is_address and words[:2] == ["api", "models"] and len(words) > 3:
        words = words[2:]
    kind = _OTHER_PAGES.get(words[0].lower())
    if kind is not None and (is_address or words[0].lower() in ("datasets", "spaces")):
        raise InvalidModelError(
            f"“{plain(text)}” is {kind}, not a model: give the address of a model, or owner/repo"
        )
    if is_address and len(words) < 2:
        who = f"names only “{plain(words[0])}”" if words[0] else "names no model"
        raise InvalidModelError(f"“{plain(text)}” {who}: give owner/repo")
    if len(words) < 2:
        return None
    return _named(words, query, is_address=is_address)


def _path_of(text: str, endpoint: str) -> tuple[str | None, bool]:
    """Return the path in the Hub, and whether ``text`` was an address; None: of another site."""
    match = _SCHEME.match(text)
    if match is not None and match["scheme"].lower() == "hf":
        return text[match.end() :].removeprefix("models/"), False
    if match is not None and match["scheme"].lower() not in ("http", "https"):
        return None, True
    rest = text[match.end() :] if match is not None else text
    if match is not None:
        rest = re.sub(r"[^/@]*@", "", rest, count=1) if "@" in rest.partition("/")[0] else rest
    rest = re.sub(_OWN_SIGNS, r"\g<host>/", rest, count=1)
    own = re.sub(_SCHEME, "", endpoint, count=1).rstrip("/")
    for base in filter(None, (own, *HUB_HOSTS)):
        found = rest[: len(base)].lower() == base.lower()
        if found and rest[len(base) : len(base) + 1] in ("", "/", "?", "#"):
            return re.sub("/+", "/", rest[len(base) :]).lstrip("/"), True
    return (None, True) if match is not None else (rest, False)


def _query_of(path: str) -> str:
    """Return the file that a page's query shows, if it does."""
    shown = parse_qs(path.partition("#")[0].partition("?")[2]).get("show_file_info", [""])[0]
    return shown if shown.lower().endswith(".gguf") else ""


def _named(words: list[str], shown_file: str, *, is_address: bool) -> HubName | None:
    owner, rest = words[0], words[2:]
    name, revision, quant = _split_name(words[1])
    name = name.removesuffix(".git")
    if rest and revision is not None and not quant:
        # A revision may have slashes of its own: o/r@refs/pr/1, o/r@main/file.gguf.
        revision, quant, rest = _long_revision([revision, *rest])
    repo = f"{owner}/{name}"
    if not is_repo(repo):
        return None
    file = ""
    if rest and rest[0] in _WITH_REVISION and len(rest) > 1 and (is_address or len(rest) > 2):
        kind = rest[0]
        revision, quant, rest = _long_revision(rest[1:])
        if kind == "tree" and rest and not rest[-1].lower().endswith(".gguf"):
            quant, rest = (rest[-1] if _FOLDER_QUANT.fullmatch(rest[-1]) else quant), []
    elif (is_address and rest and rest[0] in _WITHOUT) or rest == ["tree"] or rest == ["blob"]:
        rest = []
    if rest:
        last, at, tail = rest[-1].partition("@")
        if at and revision is None and last.lower().endswith(".gguf"):
            rest, revision = [*rest[:-1], last], tail
        file = "/".join(rest)
    if quant.lower().endswith(".gguf"):
        file, quant = file or quant, ""
    if quant.lower() == _NO_TAG:
        quant = ""
    if quant and not is_quant(quant):
        return None
    if revision is not None and not is_file_name(revision):
        return None
    if revision == _DEFAULT_REVISION:
        revision = None
    return HubName(repo, revision, quant, file or shown_file)


def _split_name(word: str) -> tuple[str, str | None, str]:
    """Return name, revision and quantization of ``name@revision:QUANT``, in either order."""
    match = re.fullmatch(r"([^@:]*)(?:@([^@:]+))?(?::([^@:]+))?(?:@([^@:]+))?", word)
    if match is None or (match[2] and match[4]):
        return word, None, ""
    return match[1], match[2] or match[4], match[3] or ""


def _long_revision(words: list[str]) -> tuple[str, str, list[str]]:
    """Return the revision that ``words`` begin with, a quantization after it, and the rest."""
    length = 3 if words[0] == "refs" and len(words) > 2 else 1
    revision, _, quant = "/".join(words[:length]).partition(":")
    return revision, quant, words[length:]
