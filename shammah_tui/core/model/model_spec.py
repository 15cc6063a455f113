"""One choice of weights, its files, and how llama.cpp is to run it."""

import re
from dataclasses import dataclass
from enum import StrEnum

_SNAPSHOT = re.compile(r"/snapshots/([0-9a-f]{40})/")
"""The Hub's cache has a folder for each commit of a repository."""
SHOWN_DIGITS = 12
"""Of a commit, in a receipt: what Git shows of one in a large repository."""


def revision_of(path: str) -> str:
    """Return the commit of a file in the Hub's cache, and of any other the name it has.

    A server's model has no path, and no revision either: it tells none.
    """
    found = _SNAPSHOT.search(path)
    return found[1] if found else path.rpartition("/")[2]


def shown_revision(revision: str) -> str:
    """Return a revision as a receipt shows it: a commit by its first digits."""
    is_commit = re.fullmatch("[0-9a-f]{40}", revision)
    return revision[:SHOWN_DIGITS] if is_commit else revision


class FlashAttention(StrEnum):
    """Whether attention is computed block by block; ``AUTO`` where the device can."""

    AUTO = "auto"
    ON = "on"
    OFF = "off"


class KvType(StrEnum):
    """How keys and values are stored.

    ``AUTO`` is f16, and q8_0 where only that lets the context fit. q8_0 wants flash attention.
    """

    AUTO = "auto"
    F16 = "f16"
    Q8_0 = "q8_0"

    @property
    def share_of_f16(self) -> float:
        """Its size relative to f16: blocks of 32 numbers take 34 bytes instead of 64."""
        return 34 / 64 if self is KvType.Q8_0 else 1.0


class Ladder(StrEnum):
    """Whether a small model is fetched before a large one; ``AUTO`` where no Claude key is set."""

    AUTO = "auto"
    ON = "on"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Lora:
    """One LoRA.

    Attributes:
        path: A GGUF file of type ``adapter``, made for the model that it is applied to.
        scale: How strongly it counts; 1 is as trained.
    """

    path: str
    scale: float = 1.0

    @property
    def name(self) -> str:
        """The file's name, for people."""
        return self.path.replace("\\", "/").rpartition("/")[2]


class DevicePreference(StrEnum):
    """Where the user wants the local model to run."""

    AUTO = "auto"
    GPU = "gpu"
    CPU = "cpu"


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One of ``[[models]]``: a model that the panel offers besides the catalogue's.

    Attributes:
        id: Short name; that of a catalogue's model takes its place.
        repo: ``owner/name``, ``owner/name:QUANT``, or empty when ``file`` is on this machine.
        file: The GGUF inside ``repo``, or its path on this machine; empty picks by quantization.
        label: Name for people; empty makes one from the file's name.
        size_bytes: Its size, as far as the user knows; without one it is never the default.
    """

    id: str
    repo: str = ""
    file: str = ""
    label: str = ""
    size_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class WeightsFile:
    """One GGUF file of a repository, or one part of a split model.

    Attributes:
        name: Path inside the repository, with forward slashes.
        size_bytes: Its size, or None before the Hub was asked.
        sha256: Its digest in hexadecimal, or None before the Hub was asked.
    """

    name: str
    size_bytes: int | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """One choice of weights, from the catalogue, the settings or the command line.

    Exactly one of ``repo``, ``local_path`` and ``host`` is set. With ``repo``, either ``files``
    names the parts in order, or it is empty and ``quant`` says which quantization to pick from the
    list of files that the Hub returns.

    Attributes:
        id: Short name, unique among the models offered.
        label: Name for people, such as ``Qwen3.5 4B``.
        revision: Pinned commit; None follows ``main``.
        files: The parts, in order; the first is the one that llama.cpp opens.
        local_path: A GGUF file on this machine, instead of a repository.
        host: Name of the machine whose server has it loaded: nothing of it is needed here.
        family: Name under which ``core.model.sampling`` knows its settings; empty when unknown.
        native_context: Longest context it was trained for, in tokens.
        kv_bytes_per_token: Size of the f16 key-value cache for one token.
        recurrent_state_bytes: Fixed state of hybrid architectures.
        n_head: Attention heads of a layer, at most; 0 when unknown.
        params_b: Parameters in thousands of millions; 0 when unknown.
        expected_bytes: About the size of all files, for as long as theirs are not known.
        asks: Whether, of several quantizations in ``repo``, the user chooses; else one is usual.
        is_starter: Whether it came with the program, to answer until a better one is ready.
    """

    id: str
    label: str
    repo: str | None = None
    revision: str | None = None
    files: tuple[WeightsFile, ...] = ()
    quant: str | None = None
    local_path: str | None = None
    host: str | None = None
    family: str = ""
    licence: str = ""
    native_context: int | None = None
    kv_bytes_per_token: int | None = None
    recurrent_state_bytes: int = 0
    n_layer: int | None = None
    n_head: int = 0
    params_b: float = 0.0
    expected_bytes: int | None = None
    asks: bool = False
    is_starter: bool = False

    @property
    def size_bytes(self) -> int | None:
        """Bytes of all parts together; while any is unknown, what is expected, or None."""
        sizes = [file.size_bytes for file in self.files if file.size_bytes is not None]
        return sum(sizes) if sizes and len(sizes) == len(self.files) else self.expected_bytes
