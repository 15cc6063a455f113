"""The table of faults: what happens, what the user reads, what is kept, what is served."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path

from shammah_tui.core.model.model_spec import WeightsFile
from shammah_tui.core.protocol.fetch_messages import FetchJob, FetchProblem
from tests.children.fetch_runs import BLOCK_BYTES, FILE, REPO, job_for
from tests.loopback.hub import LoopbackHub
from tests.loopback.hub_faults import (
    AnswerStatus,
    CaptivePortal,
    Chunked,
    Drop,
    EndAfter,
    HangAfter,
    IgnoreRange,
    ResetAfter,
    ShiftRange,
    ShorterLength,
    Silence,
    TrickleAfter,
    WrongByte,
)

SIZE = 2_000_001
CONTENT = random.Random(7).randbytes(SIZE)
OTHER = random.Random(8).randbytes(SIZE)
CUT = 700_000

REFUSED = SIZE
"""What a server may have sent of an answer that is refused after its head was read."""

NETWORK = "the network"


@dataclass(frozen=True)
class Row:
    """One fault.

    Attributes:
        name: What happens.
        arrange: Orders it from the hub.
        waits: What the user reads while it waits, in order.
        ends: None when the file arrives, else the problem.
        says: A part of the sentence that the user reads at the end.
        kept: Fewest and most bytes that are kept after a failure.
        served: Fewest and most bytes that the hub serves.
        job: Makes the job from the hub and the cache.
        content: What arrives.
    """

    name: str
    arrange: Callable[[LoopbackHub], object]
    waits: tuple[str, ...] = ()
    ends: FetchProblem | None = None
    says: str = ""
    kept: tuple[int, int] = (0, 0)
    served: tuple[int, int] = (SIZE, SIZE)
    job: Callable[[LoopbackHub, Path], FetchJob] = lambda hub, cache: job_for(hub, cache, FILE)
    content: bytes = CONTENT


def inject(*faults: object) -> Callable[[LoopbackHub], object]:
    return lambda hub: hub.inject(*faults)  # type: ignore[arg-type]


def status(number: int, **more: object) -> Callable[[LoopbackHub], object]:
    return lambda hub: hub.inject(AnswerStatus(status=number, **more))  # type: ignore[arg-type]


def cut_then(*faults: object) -> Callable[[LoopbackHub], object]:
    return lambda hub: hub.inject(EndAfter(size_bytes=CUT), *faults)  # type: ignore[arg-type]


def replaced(*, keep_old_commit: bool) -> Callable[[LoopbackHub], object]:
    def arrange(hub: LoopbackHub) -> None:
        def replace() -> None:
            hub.replace_file(REPO, FILE, OTHER, keep_old_commit=keep_old_commit)

        hub.inject(EndAfter(size_bytes=CUT, then=replace))

    return arrange


def pinned(hub: LoopbackHub, cache: Path, **more: object) -> FetchJob:
    commit = hub.repos[REPO].branches["main"]
    file = hub.repos[REPO].commits[commit][FILE]
    wanted = {"size_bytes": file.size_bytes, "sha256": file.sha256, **more}
    return job_for(hub, cache, files=(WeightsFile(FILE, **wanted),), revision=commit)  # type: ignore[arg-type]


def other_job(**more: object) -> Callable[[LoopbackHub, Path], FetchJob]:
    name = str(more.pop("name", FILE))
    return lambda hub, cache: job_for(hub, cache, name, **more)  # type: ignore[arg-type]


BUSY_SERVER = "the server, which is busy"
BUSY_HUB = "the Hub, which is busy"
MORE = "the server to allow more requests"
SIGN_IN = "you to sign in to this network, in a browser"
FRESH = "a fresh address of the file"

ROWS = [
    Row("nothing", lambda hub: None),
    Row("end in good order", cut_then(), (NETWORK,)),
    Row(
        "connection reset",
        inject(ResetAfter(size_bytes=CUT)),
        (NETWORK,),
        # A reset throws away what the client has not read yet.
        served=(SIZE, SIZE + CUT),
    ),
    Row("reset in the first block", inject(EndAfter(size_bytes=1000, times=3)), (NETWORK,) * 3),
    Row("every 300 kB an end", inject(EndAfter(size_bytes=300_000, times=6)), (NETWORK,) * 6),
    Row("no answer from the server", inject(Drop()), (NETWORK,)),
    Row("no answer from the Hub", inject(Drop(to_hub=True)), (NETWORK,)),
    Row("408 from the server", status(408), (BUSY_SERVER,)),
    Row("425 from the server", status(425), (BUSY_SERVER,)),
    Row("429 from the server", status(429), (MORE,)),
    Row("429 asking for an hour", status(429, headers={"Retry-After": "3600"}), (MORE,)),
    Row(
        "429 with a date",
        status(429, headers={"Retry-After": formatdate(time.time() + 900, usegmt=True)}),
        (MORE,),
    ),
    Row(
        "429 from the Hub, its own header",
        status(429, to_hub=True, headers={"RateLimit": '"resolvers";r=0;t=55'}),
        ("the Hub to allow more requests",),
    ),
    Row("500 from the server", status(500), (BUSY_SERVER,)),
    Row("503 from the server", status(503), (BUSY_SERVER,)),
    Row("504 from the Hub", status(504, to_hub=True), (BUSY_HUB,)),
    Row(
        "503 for good",
        status(503, times=99),
        (BUSY_SERVER,) * 7,
        FetchProblem.GAVE_UP,
        "Gave up after 8 tries in a row",
        served=(0, 0),
    ),
    Row("expired signed URL", status(403), (FRESH,)),
    Row(
        "expired signed URL on the way",
        cut_then(AnswerStatus(status=403, skip=1)),
        (NETWORK, FRESH),
    ),
    Row("hang without bytes", inject(HangAfter(size_bytes=CUT)), (NETWORK,)),
    Row("hang before the answer", inject(Silence()), (NETWORK,)),
    Row("hang of the Hub", inject(Silence(to_hub=True)), (NETWORK,)),
    Row(
        "trickle",
        inject(TrickleAfter(size_bytes=CUT, bytes_per_s=100)),
        ("the network, which is very slow",),
        # A few bytes more were on their way when the connection was given up.
        served=(SIZE, SIZE + 100),
    ),
    Row(
        "wrong byte once",
        inject(WrongByte(offset=1_234_567)),
        ("a sound copy, since the bytes were wrong",),
        served=(2 * SIZE, 2 * SIZE),
    ),
    Row(
        "wrong byte twice",
        inject(WrongByte(offset=1_234_567, times=2)),
        ("a sound copy, since the bytes were wrong",),
        FetchProblem.CORRUPT,
        "was downloaded with wrong bytes 2 times and deleted",
        served=(2 * SIZE, 2 * SIZE),
    ),
    Row(
        "truncated length",
        inject(ShorterLength(size_bytes=5)),
        ("the server, which sends another part",),
        served=(SIZE, SIZE + REFUSED),
    ),
    Row(
        "truncated length for good, on the way",
        cut_then(ShorterLength(size_bytes=5, times=99, skip=1)),
        (NETWORK, *("the server, which sends another part",) * 6),
        FetchProblem.GAVE_UP,
        "the partial download is kept, try again later",
        kept=(CUT - BLOCK_BYTES, CUT),
        served=(CUT, CUT + 7 * REFUSED),
    ),
    Row("ranges ignored from the start", inject(IgnoreRange())),
    Row(
        "ranges ignored on the way",
        cut_then(IgnoreRange(skip=1)),
        (NETWORK,),
        served=(CUT + SIZE, CUT + SIZE),
    ),
    Row(
        "ranges shifted",
        cut_then(ShiftRange(size_bytes=1, skip=1)),
        (NETWORK, "the server, which sends another part"),
        served=(SIZE, SIZE + REFUSED),
    ),
    Row("no length, chunks", inject(Chunked())),
    Row("no length, chunks, cut", inject(Chunked(), EndAfter(size_bytes=CUT)), (NETWORK,)),
    Row("replaced upstream, old commit still there", replaced(keep_old_commit=True), (NETWORK,)),
    Row(
        "replaced upstream, old commit gone",
        replaced(keep_old_commit=False),
        (NETWORK,),
        served=(CUT + SIZE, CUT + SIZE),
        content=OTHER,
    ),
    Row(
        "replaced upstream, pinned",
        replaced(keep_old_commit=False),
        (NETWORK,),
        FetchProblem.CHANGED,
        "has changed and no longer matches what this program knows",
        kept=(CUT - BLOCK_BYTES, CUT),
        served=(CUT, CUT),
        job=pinned,
    ),
    Row("pinned", lambda hub: None, job=pinned),
    Row(
        "pinned with another digest",
        lambda hub: None,
        ends=FetchProblem.CHANGED,
        says="choose another model",
        served=(0, 0),
        job=lambda hub, cache: pinned(hub, cache, sha256="0" * 64),
    ),
    Row(
        "pinned with another size",
        lambda hub: None,
        ends=FetchProblem.CHANGED,
        served=(0, 0),
        job=lambda hub, cache: pinned(hub, cache, size_bytes=SIZE - 1),
    ),
    Row(
        "captive portal",
        inject(CaptivePortal(times=99)),
        ends=FetchProblem.CAPTIVE_PORTAL,
        says="sign in to this network in a browser",
        served=(0, 0),
    ),
    Row(
        "captive portal that redirects",
        inject(CaptivePortal(times=99, redirect=True)),
        ends=FetchProblem.CAPTIVE_PORTAL,
        served=(0, 0),
    ),
    Row(
        "captive portal for the list",
        inject(CaptivePortal(times=99)),
        ends=FetchProblem.CAPTIVE_PORTAL,
        served=(0, 0),
        job=lambda hub, cache: job_for(hub, cache, quant="Q4_K_M"),
    ),
    Row(
        "captive portal on the way",
        cut_then(CaptivePortal(times=3, skip=1)),
        (NETWORK, *(SIGN_IN,) * 3),
    ),
    Row(
        "captive portal on the way, nobody signs in",
        cut_then(CaptivePortal(times=99, skip=1)),
        (NETWORK, *(SIGN_IN,) * 6),
        FetchProblem.GAVE_UP,
        SIGN_IN,
        kept=(CUT - BLOCK_BYTES, CUT),
        served=(CUT, CUT),
    ),
    Row(
        "511",
        status(511, to_hub=True),
        ends=FetchProblem.CAPTIVE_PORTAL,
        served=(0, 0),
    ),
    Row(
        "no such repository",
        lambda hub: None,
        ends=FetchProblem.NOT_FOUND,
        says="There is no repository owner/none on the Hub",
        served=(0, 0),
        job=other_job(repo="owner/none"),
    ),
    Row(
        "no such repository to list",
        lambda hub: None,
        ends=FetchProblem.NOT_FOUND,
        says="There is no repository owner/none on the Hub",
        served=(0, 0),
        job=lambda hub, cache: job_for(hub, cache, repo="owner/none", quant="Q4_K_M"),
    ),
    Row(
        "no such file",
        lambda hub: None,
        ends=FetchProblem.NOT_FOUND,
        says="owner/model has no file none.gguf",
        served=(0, 0),
        job=other_job(name="none.gguf"),
    ),
    Row(
        "no such revision",
        lambda hub: None,
        ends=FetchProblem.NOT_FOUND,
        says="has no revision v9",
        served=(0, 0),
        job=other_job(revision="v9"),
    ),
    Row(
        "no such quantization",
        lambda hub: None,
        ends=FetchProblem.SEVERAL,
        says="There is no Q2_K here; choose one of owner/model:Q4_K_M",
        served=(0, 0),
        job=lambda hub, cache: job_for(hub, cache, quant="Q2_K"),
    ),
    Row(
        "gated",
        lambda hub: hub.add_repo(REPO, {FILE: CONTENT}, gated=True),
        ends=FetchProblem.GATED,
        says="asks you to accept its terms",
        served=(0, 0),
    ),
    Row(
        "private",
        lambda hub: hub.add_repo(REPO, {FILE: CONTENT}, private=True),
        ends=FetchProblem.NOT_FOUND,
        says="set HF_TOKEN if it is a private one",
        served=(0, 0),
    ),
    Row(
        "renamed repository",
        lambda hub: hub.rename_repo(REPO, "owner/renamed"),
    ),
    Row(
        "renamed repository, by list",
        lambda hub: hub.rename_repo(REPO, "owner/renamed"),
        job=lambda hub, cache: job_for(hub, cache, quant="q4_k_m"),
    ),
]
