"""The messages between the app and the fetch child, one JSON line each."""

from dataclasses import dataclass
from enum import StrEnum
from typing import get_args

from shammah_tui.core.model.model_spec import WeightsFile


@dataclass(frozen=True, slots=True)
class FetchJob:
    """The first line to the child: what to fetch, and where to.

    The token comes by the environment (``HF_TOKEN``) or the Hub's token file, never in here.

    Attributes:
        endpoint: The Hub's address, without a trailing slash.
        repo: ``owner/name``.
        revision: A commit or branch; None means ``main``.
        files: What to fetch, in order. Empty: ask the Hub for the list and pick ``quant``.
        quant: Quantization to pick when ``files`` is empty.
        cache_dir: The Hub cache's root, as ``HF_HUB_CACHE`` names it.
        limit_bytes_per_s: Upper bound of the rate; None is unlimited.
        asks: Whether the user chooses where several are there and ``quant`` is None.
    """

    endpoint: str
    repo: str
    revision: str | None
    files: tuple[WeightsFile, ...]
    quant: str | None
    cache_dir: str
    limit_bytes_per_s: int | None = None
    asks: bool = False


@dataclass(frozen=True, slots=True)
class RetryNow:
    """A command to the child: try again at once."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """Every file's size and digest, as the Hub told them.

    ``repo`` is as the Hub writes it, perhaps with other capital letters; empty: as the job has it.
    """

    files: tuple[WeightsFile, ...]
    repo: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """How much of a kept partial file has been read again; counts are over all parts."""

    checked_bytes: int
    kept_bytes: int


@dataclass(frozen=True, slots=True)
class Progressed:
    """How far the download is; told at most ten times a second, at least four.

    Attributes:
        done_bytes: Bytes that are here, over all parts; of those a stop loses one block at most.
        total_bytes: Bytes of all parts; 0 while unknown.
        rate_bytes_per_s: Rate over the last seconds of this attempt; None while unknown.
        part: Number of the part under way, from 1.
        parts: How many parts there are.
    """

    done_bytes: int = 0
    total_bytes: int = 0
    rate_bytes_per_s: float | None = None
    part: int = 1
    parts: int = 1


@dataclass(frozen=True, slots=True)
class Waiting:
    """A fault passed by; the child tries again by itself.

    ``waits_for`` says in a few words for what (``the network``); ``progress`` is what is kept.
    """

    waits_for: str
    retry_in_s: float
    progress: Progressed


@dataclass(frozen=True, slots=True)
class Fetched:
    """Everything is in the cache and verified; ``paths`` are in the order of the parts."""

    paths: tuple[str, ...]


class FetchProblem(StrEnum):
    """Why a fetch ended without its files."""

    OFFLINE = "offline"
    CAPTIVE_PORTAL = "captive portal"
    NOT_FOUND = "not found"
    GATED = "gated"
    BAD_TOKEN = "bad token"
    NO_SPACE = "no space"
    READ_ONLY = "read-only"
    CORRUPT = "wrong bytes"
    CHANGED = "changed upstream"
    GAVE_UP = "gave up"
    SEVERAL = "several models"
    INVALID = "invalid"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Offered:
    """One of several models in a repository: ``owner/repo:QUANT``, or with its file's name."""

    name: str
    files: tuple[WeightsFile, ...]


@dataclass(frozen=True, slots=True)
class FetchFailed:
    """The child gives up; what it has is kept.

    Attributes:
        sentence: One sentence for the screen, saying what to do.
        retryable: Whether asking again can help without a change of model, token or settings.
        choices: The models that there are, where one has to be chosen.
    """

    problem: FetchProblem
    sentence: str
    retryable: bool
    choices: tuple[Offered, ...] = ()


FetchCommand = RetryNow
FetchEvent = Resolved | Checked | Progressed | Waiting | Fetched | FetchFailed
FETCH_COMMANDS = (RetryNow,)
FETCH_EVENTS: tuple[type, ...] = get_args(FetchEvent)
