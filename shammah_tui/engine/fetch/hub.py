"""The Hub: which commit, which bytes and where they are; the list of a repository's files."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import httpx2

from shammah_tui.core.errors import VariableError
from shammah_tui.core.fetch_messages import FetchProblem
from shammah_tui.core.hub_paths import is_commit, is_etag
from shammah_tui.engine.fetch.answers import captive_portal, check_hub_status, fault_of
from shammah_tui.engine.fetch.bounded import BoundedCall
from shammah_tui.engine.fetch.faults import LastingError
from shammah_tui.engine.fetch.patience import Patience

_MOST_REDIRECTS = 5


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One file at one commit, as the Hub describes it.

    Attributes:
        name: Its path in the repository.
        commit: The commit.
        etag: Its digest: SHA-256, or Git's SHA-1 for a file that is stored in Git itself.
        size_bytes: Its size.
        location: Where the bytes are; a signed address of another origin expires.
    """

    name: str
    commit: str
    etag: str
    size_bytes: int
    location: str


def origin_of(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port of ``url``, the scheme's own port where it names none."""
    parts = urlsplit(url)
    default = 443 if parts.scheme == "https" else 80
    return parts.scheme, (parts.hostname or "").lower(), parts.port or default


class Hub:
    """One repository of one Hub.

    Args:
        client: Makes the requests; it must not follow redirects.
        endpoint: The Hub's address.
        repo: ``owner/name``.
        token: Sent to the endpoint's own origin and nowhere else; None sends none.
        patience: How long to wait.
    """

    def __init__(
        self,
        client: httpx2.Client,
        endpoint: str,
        repo: str,
        token: str | None,
        patience: Patience,
    ) -> None:
        self._client = client
        self._endpoint = endpoint.rstrip("/")
        self._repo = repo
        self._token = token
        self._patience = patience

    @property
    def host(self) -> str:
        """The Hub's host name, for messages."""
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
        path = f"{self._repo}/resolve/{quote(revision, safe='')}/{quote(name)}"
        response, location = self._ask("HEAD", path, name, revision, connect_s)
        return self._described(name, response, location)

    def list_files(self, revision: str, connect_s: float) -> tuple[str, tuple[str, ...]]:
        """Ask for the commit of ``revision`` and the names of its files.

        huggingface_hub's own function is left out: before it asks this it asks the Hub for a
        list of programs that might have started it, to tell which, and it takes 0.1 s to import.

        Raises:
            PassingError: The network or the Hub fails for the moment.
            LastingError: There is no such repository for this user, or this is not the Hub.
        """
        path = f"api/models/{self._repo}/revision/{quote(revision, safe='')}"
        response, _ = self._ask("GET", path, None, revision, connect_s)
        try:
            found = response.json()
            commit = found["sha"]
            names = tuple(str(sibling["rfilename"]) for sibling in found["siblings"])
        except (ValueError, TypeError, KeyError) as error:
            raise captive_portal(self.host) from error
        if not (isinstance(commit, str) and is_commit(commit)):
            raise captive_portal(self.host)
        return commit, names

    def _ask(
        self, method: str, path: str, file: str | None, revision: str, connect_s: float
    ) -> tuple[httpx2.Response, str]:
        """Return the Hub's answer, and where it leads to: itself, or another origin."""
        url = f"{self._endpoint}/{path}"
        for _ in range(_MOST_REDIRECTS):
            response = self._request(method, url, connect_s)
            check_hub_status(
                response,
                repo=self._repo,
                file=file,
                revision=revision,
                token_sent="Authorization" in response.request.headers,
            )
            location = urljoin(url, response.headers.get("Location", "")) or url
            if response.is_redirect and origin_of(location) == origin_of(self._endpoint):
                # A renamed repository, or another path of the Hub's own.
                url = location
                continue
            return response, location
        raise captive_portal(self.host)

    def _request(self, method: str, url: str, connect_s: float) -> httpx2.Response:
        patience = self._patience
        timeout = httpx2.Timeout(patience.answer_s, connect=min(patience.connect_s, connect_s))

        def ask(trace: Callable[[str, Any], None]) -> httpx2.Response:
            return self._client.request(
                method,
                url,
                headers=self.headers_for(url),
                timeout=timeout,
                extensions={"trace": trace},
            )

        try:
            return BoundedCall(ask).result(connect_s, patience.answer_s)
        except (httpx2.HTTPError, httpx2.InvalidURL, VariableError) as error:
            raise fault_of(error) from error

    def _described(self, name: str, response: httpx2.Response, location: str) -> RemoteFile:
        headers = response.headers
        commit = headers.get("X-Repo-Commit", "")
        if not is_commit(commit):
            raise captive_portal(self.host)
        etag = headers.get("X-Linked-Etag") or headers.get("ETag") or ""
        etag = etag.removeprefix("W/").strip('"')
        size = headers.get("X-Linked-Size")
        if size is None and not response.is_redirect:
            size = headers.get("Content-Length")
        if not is_etag(etag) or size is None or not size.isdecimal() or int(size) == 0:
            raise LastingError(
                FetchProblem.INVALID,
                f"{self.host} does not tell the size and digest of {name}, so it cannot be "
                "checked: use another Hub.",
            )
        return RemoteFile(name, commit, etag, int(size), location)
