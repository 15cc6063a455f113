"""The Hub: which commit, which bytes and where they are; the list of a repository's files."""

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urljoin, urlsplit

import httpx2

from shammah_tui.children.fetch.answers import captive_portal, check_hub_status, fault_of
from shammah_tui.children.fetch.bounded import BoundedCall
from shammah_tui.children.fetch.faults import LastingError, Patience
from shammah_tui.children.fetch.token import Token
from shammah_tui.core.errors import VariableError
from shammah_tui.core.model.hub_names import is_commit, is_etag, is_repo
from shammah_tui.core.model.model_spec import WeightsFile
from shammah_tui.core.protocol.fetch_messages import FetchProblem

log = logging.getLogger(__name__)

_MOST_REDIRECTS = 5
_DIGEST = re.compile(r"[0-9a-f]{64}")
"""In the paths of stores that hold files under their digest."""


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One file at one commit, as the Hub describes it.

    Attributes:
        etag: Its digest: SHA-256, or Git's SHA-1 for a file that is stored in Git itself.
        location: Where the bytes are; a signed address of another origin expires.
    """

    name: str
    commit: str
    etag: str
    size_bytes: int
    location: str


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of one commit; sizes and digests where the Hub tells them."""

    commit: str
    files: tuple[WeightsFile, ...]


def origin_of(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port of ``url``, the scheme's own port where it names none."""
    parts = urlsplit(url)
    default = 443 if parts.scheme == "https" else 80
    return parts.scheme, (parts.hostname or "").lower(), parts.port or default


class Hub:
    """One repository of one Hub.

    The client must not follow redirects: the token is sent to the endpoint's own origin alone.
    """

    def __init__(
        self,
        client: httpx2.Client,
        endpoint: str,
        repo: str,
        token: Token,
        patience: Patience,
    ) -> None:
        self._client = client
        self._endpoint = endpoint.rstrip("/")
        self._repo = repo
        self._token = token.value
        self._token_source = token.source
        self._refused = token if token.is_unusable else Token()
        self._patience = patience
        self._listed: dict[str, Listing] = {}

    @property
    def repo(self) -> str:
        """The repository's name, in the letter case in which the Hub writes it."""
        return self._repo

    @property
    def host(self) -> str:
        return urlsplit(self._endpoint).hostname or self._endpoint

    def headers_for(self, url: str) -> Mapping[str, str]:
        """Return the headers of a request: the token only for the Hub's own origin."""
        # Compressed, a body would neither have the file's length nor give ranges of it.
        headers = {"Accept-Encoding": "identity"}
        if self._token and origin_of(url) == origin_of(self._endpoint):
            headers["Authorization"] = f"Bearer {self._token}"
        return headers

    def resolve(self, name: str, revision: str, connect_s: float) -> RemoteFile:
        """Ask for one file's commit, digest, size and a freshly signed address.

        Raises:
            PassingError: The network or the Hub fails for the moment.
            LastingError: There is no such file for this user, or this is not the Hub.
        """
        path = f"resolve/{quote(revision, safe='')}/{quote(name)}"
        told: dict[str, str] = {}
        response = self._answer("HEAD", path, name, revision, connect_s, told)
        location = told.pop("Location", str(response.request.url))
        if not is_commit(told.get("X-Repo-Commit", "")):
            # Some mirrors leave it out; the list of files has it.
            told["X-Repo-Commit"] = (
                revision if is_commit(revision) else self.list_files(revision, connect_s).commit
            )
        return self._described(name, told, location)

    def list_files(self, revision: str, connect_s: float) -> Listing:
        """Ask for the commit of ``revision`` and its files; asked once.

        huggingface_hub's own function is left out: before it asks this it asks the Hub for a
        list of programs that might have started it, to tell which, and it takes 0.1 s to import.

        Raises:
            PassingError: The network or the Hub fails for the moment.
            LastingError: There is no such repository for this user, or this is not the Hub.
        """
        if revision in self._listed:
            return self._listed[revision]
        path = f"revision/{quote(revision, safe='')}?blobs=true"
        response = self._answer("GET", path, None, revision, connect_s)
        try:
            found = response.json()
            commit = found["sha"]
            files = tuple(_listed_file(sibling) for sibling in found["siblings"])
        except (ValueError, TypeError, KeyError) as error:
            raise captive_portal(self.host) from error
        if not (isinstance(commit, str) and is_commit(commit)):
            raise captive_portal(self.host)
        self._note_name(str(found.get("id", "")))
        listing = self._listed[revision] = Listing(commit, files)
        return listing

    def _answer(
        self,
        method: str,
        path: str,
        file: str | None,
        revision: str,
        connect_s: float,
        told: dict[str, str] | None = None,
    ) -> httpx2.Response:
        """Return the answer at the end of all redirects.

        Of a file it is the one that describes it, which may redirect to its bytes; ``told`` is
        filled with what the headers say of it.
        """
        base = f"api/models/{self._repo}" if file is None else self._repo
        url = f"{self._endpoint}/{base}/{path}"
        for _ in range(_MOST_REDIRECTS):
            response = self.request(method, url, connect_s, self._patience.answer_s)
            if self._token_is_refused(response):
                response = self.request(method, url, connect_s, self._patience.answer_s)
            check_hub_status(
                response, repo=self._repo, file=file, revision=revision, refused=self._refused
            )
            target = urljoin(url, response.headers.get("Location", "")) or url
            if told is not None:
                _note(response, told)
            if not response.is_redirect or target == url:
                return response
            if told is not None and "Etag" in told and "Size" in told:
                told["Location"] = target
                return response
            if not self._may_follow(target, path, file):
                raise captive_portal(self.host, urlsplit(target).hostname or "")
            # A renamed repository, another path of the Hub's own, or a mirror's Hub.
            self._note_name(target)
            url = target
        raise captive_portal(self.host)

    def _token_is_refused(self, response: httpx2.Response) -> bool:
        """Return whether to ask again without the token: what is public needs none."""
        if "Authorization" not in response.request.headers:
            return False
        status, code = response.status_code, response.headers.get("X-Error-Code")
        if status != 401 and not (status == 403 and code is None):
            return False
        log.warning("The Hub refuses the token in %s; going on without it", self._token_source)
        self._refused = Token(None, self._token_source or "the token of your login")
        self._token = None
        return True

    def _may_follow(self, target: str, path: str, file: str | None) -> bool:
        """Return whether a redirect leads to the same thing elsewhere, and not to a login page."""
        if origin_of(target) == origin_of(self._endpoint):
            return True
        there = unquote(urlsplit(target).path).lower()
        if there.endswith("/" + unquote(urlsplit(path).path).lower()):
            return True
        name = (file or "\0").rpartition("/")[2].lower()
        return name in there or _DIGEST.search(there) is not None

    def _note_name(self, text: str) -> None:
        """Take the repository's name from an answer where only capital letters differ."""
        found = re.search(re.escape(self._repo), unquote(text), re.IGNORECASE)
        if found is not None and is_repo(found[0]):
            self._repo = found[0]

    def request(
        self, method: str, url: str, connect_s: float, read_s: float, *, span: str = ""
    ) -> httpx2.Response:
        """Return the answer to a request; with a ``span`` (``Range``), its body is yet to be read.

        Raises:
            PassingError: The network fails for the moment.
            LastingError: The address, a certificate or a proxy cannot be used.
        """
        patience = self._patience
        timeout = httpx2.Timeout(read_s, connect=min(patience.connect_s, connect_s))
        headers = {**self.headers_for(url), **({"Range": span} if span else {})}

        def ask(trace: Callable[[str, Any], None]) -> httpx2.Response:
            request = self._client.build_request(
                method, url, headers=headers, timeout=timeout, extensions={"trace": trace}
            )
            return self._client.send(request, stream=bool(span))

        try:
            call = BoundedCall(ask, lambda late: late.close())
            return call.result(connect_s, patience.answer_s)
        except (httpx2.HTTPError, httpx2.InvalidURL, VariableError) as error:
            raise fault_of(error) from error

    def _described(self, name: str, told: Mapping[str, str], location: str) -> RemoteFile:
        commit, etag, size = (told.get(key, "") for key in ("X-Repo-Commit", "Etag", "Size"))
        if not is_commit(commit):
            raise captive_portal(self.host)
        listed = [
            each
            for listing in self._listed.values()
            if listing.commit == commit
            for each in listing.files
            if each.name == name
        ]
        if not is_etag(etag) and listed:
            etag, size = listed[0].sha256 or "", str(listed[0].size_bytes or "")
        if not is_etag(etag) or not size.isdecimal() or int(size) == 0:
            raise LastingError(
                FetchProblem.INVALID,
                f"{self.host} does not send the size and digest of {name}, so it cannot be "
                "checked: use another Hub.",
            )
        return RemoteFile(name, commit, etag, int(size), location)


def _note(response: httpx2.Response, told: dict[str, str]) -> None:
    """Keep what an answer tells of a file, where none before it has told that.

    Raises:
        LastingError: It is a page for people.
    """
    headers = response.headers
    etag, size = headers.get("X-Linked-Etag"), headers.get("X-Linked-Size")
    if not response.is_redirect:
        etag, size = etag or headers.get("ETag"), size or headers.get("Content-Length")
        is_page = headers.get("Content-Type", "").startswith("text/html")
        if is_page and not (told or etag or headers.get("X-Repo-Commit")):
            raise captive_portal(urlsplit(str(response.request.url)).hostname or "the Hub")
    commit = headers.get("X-Repo-Commit")
    found = {
        "X-Repo-Commit": commit if commit and is_commit(commit) else None,
        "Etag": etag and etag.removeprefix("W/").strip('"'),
        "Size": size,
    }
    for key, value in found.items():
        if value:
            told.setdefault(key, value)


def _listed_file(sibling: Mapping[str, Any]) -> WeightsFile:
    stored = sibling.get("lfs")
    stored = stored if isinstance(stored, Mapping) else {}
    size = stored.get("size", sibling.get("size"))
    digest = stored.get("sha256")
    return WeightsFile(
        str(sibling["rfilename"]),
        size if isinstance(size, int) and not isinstance(size, bool) else None,
        digest if isinstance(digest, str) and is_etag(digest) else None,
    )
