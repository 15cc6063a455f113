"""``python -m tests.benchmarks.engine``: the engine child against llama.cpp itself.

Prints tokens/s against a bare decode loop, the time to the first token at turn 20 against turn 2,
and how long a stop takes. The model has Qwen2.5-0.5B's shape with random weights (0.7 GB), so
that the ratios mean something; ``--small`` takes a tenth of it. Run it on an idle machine.
"""

import argparse
import math
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psutil

from shammah_tui.children.llama.loading import threads_for
from shammah_tui.core.conversation.conversation import Message, Role
from shammah_tui.core.protocol.engine_messages import (
    ModelLoaded,
    PromptProgressed,
    ReplyDelta,
    SpeedMeasured,
    StopReply,
    WarmUp,
    WarmUpFinished,
)
from shammah_tui.ui.chat.reading_ahead import is_worth_reading
from tests.engine_child import EngineChild, user
from tests.gguf_hybrid import ARCHITECTURE
from tests.gguf_models import Shape, build_model

FULL = Shape(layers=24, embedding=896, feed_forward=4864, heads=14, kv_heads=2)
HYBRID = Shape(
    layers=24, embedding=1024, feed_forward=3584, heads=4, kv_heads=2, full_attention_interval=4
)
SMALL = Shape(layers=12, embedding=512, feed_forward=1536, heads=8, kv_heads=2)
REPLY = "The boats come home with the evening wind, one after another."
TOKENS = 200
ROUNDS = 3
TURNS = 20
REUSE_ROUNDS = 9
STOPS = 20
LIMIT_S = 600.0
SENTENCES = 3
"""Of the new question: about 50 tokens."""
LONG_TEXT = "The sea is grey and quiet, and the first boats come home. "


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="a model of 80 MB")
    parser.add_argument(
        "--hybrid", action="store_true", help="Qwen3.5-0.8B's shape: recurrent layers (1.0 GB)"
    )
    parser.add_argument(
        "--threads", type=int, help="threads for both; default: as the child decides"
    )
    parser.add_argument(
        "--sentences", type=int, default=SENTENCES, help="of the question whose reuse is measured"
    )
    parser.add_argument("--only", choices=("pace", "reuse", "stop"), help="one figure alone")
    arguments = parser.parse_args()
    only = arguments.only
    with tempfile.TemporaryDirectory() as folder:
        shape = HYBRID if arguments.hybrid else SMALL if arguments.small else FULL
        build = partial(
            build_model,
            reply=REPLY,
            shape=shape,
            architecture=ARCHITECTURE if arguments.hybrid else "qwen2",
        )
        endless = build(Path(folder, "endless.gguf"), endless=True)
        model = build(Path(folder, "model.gguf"))
        print(f"model: {model.stat().st_size / 1e6:,.0f} MB, {shape}")
        if only in {None, "pace"}:
            pace(endless, arguments.threads)
        if only in {None, "reuse"}:
            prefix_reuse(model, arguments.threads, sentences=arguments.sentences)
        if only in {None, "stop"}:
            stops(endless, arguments.threads)


def pace(model: Path, threads: int | None, tokens: int = TOKENS, rounds: int = ROUNDS) -> None:
    """Alternate the two, so that a machine that gets slower is slow for both.

    The processor's time for a token tells what the engine adds also where other programs take
    turns with it; with one thread, for with more the time that they wait for each other counts.
    """
    engine: list[float] = []
    bare: list[float] = []
    engine_cpu_ms: list[float] = []
    bare_cpu_ms: list[float] = []
    with EngineChild(model, threads=threads, limit_s=LIMIT_S) as child:
        child.wait_for(ModelLoaded)
        used = threads_for(threads).generating
        # From here on the child is idle until it is asked.
        child.wait_for(SpeedMeasured)
        process = psutil.Process(child.process.pid)
        for id_ in range(rounds):
            for values, value in zip(
                (bare, bare_cpu_ms), bare_pace(model, used, tokens), strict=True
            ):
                values.append(value)
            child.ask(user("Tell me."), id_=id_, max_tokens=tokens)
            # As somebody sees it who reads the pipe, not as the child reports it.
            child.wait_for(ReplyDelta)
            began_s, began_cpu_s = time.perf_counter(), _cpu_s(process)
            _, end = child.rest_of_reply()
            engine.append((end.reply_tokens - 1) / (time.perf_counter() - began_s))
            engine_cpu_ms.append((_cpu_s(process) - began_cpu_s) / (end.reply_tokens - 1) * 1e3)
    ratio = statistics.median(engine) / statistics.median(bare)
    print(f"pace, {used} threads: engine {_list(engine)}, bare loop {_list(bare)} tokens/s")
    print(f"pace: {ratio:.3f} of the bare loop")
    print(
        f"processor: engine {_list(engine_cpu_ms)}, bare loop {_list(bare_cpu_ms)} ms a token:"
        # The system counts a process's time in hundredths of a second: of a short reply, 0.
        f" {statistics.median(bare_cpu_ms) / (statistics.median(engine_cpu_ms) or math.nan):.3f}"
    )


def _cpu_s(process: psutil.Process) -> float:
    used = process.cpu_times()
    return float(used.user + used.system)


def bare_pace(model: Path, threads: int, tokens: int) -> tuple[float, float]:
    """Run ``bare_decode`` in a process of its own; return tokens/s and processor ms a token."""
    arguments = [str(model), str(threads), str(tokens)]
    command = [sys.executable, "-m", "tests.benchmarks.bare_decode", *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    tokens_per_s, cpu_ms = map(float, done.stdout.split())
    return tokens_per_s, cpu_ms


def prefix_reuse(
    model: Path, threads: int | None, turns: int = TURNS, sentences: int = SENTENCES
) -> None:
    """Ask turn 2 of one child and a late turn of another by turns, with the same new text.

    First as a reply leaves the cache, where the last reply and the question are to be read; then
    as the app leaves it, which has had the reply read ahead; then with the draft read, too, up to
    its last sentence, which is about the most that the app leaves unread, and as far as it goes
    where the writer pauses before Enter.
    """
    talk = tuple(
        message
        for turn in range(turns)
        for message in (*user(f"{turn} {LONG_TEXT * 3}"), Message(Role.ASSISTANT, REPLY))
    )
    with (
        EngineChild(model, context_length=8192, threads=threads, limit_s=LIMIT_S) as early,
        EngineChild(model, context_length=8192, threads=threads, limit_s=LIMIT_S) as late,
    ):
        children = ((early, talk[:2]), (late, talk[: 2 * (turns - 1)]))
        for child, history in children:
            child.wait_for(SpeedMeasured)
            child.ask(history[:-1])
            _, cold = child.rest_of_reply()
        for name, is_read_ahead, unread in (
            ("nothing read ahead", False, None),
            ("the reply read ahead", True, None),
            ("the draft, too, but its last sentence", True, LONG_TEXT),
            ("the whole draft, too", True, ""),
        ):
            first_token_s: list[list[float]] = [[], []]
            cpu_s: list[list[float]] = [[], []]
            for number in range(REUSE_ROUNDS):
                for times, used, (child, history) in zip(
                    first_token_s, cpu_s, children, strict=True
                ):
                    child.ask(history[:-1])
                    child.rest_of_reply()
                    question = f"{number} {LONG_TEXT * sentences}".strip()
                    if is_read_ahead:
                        child.send(WarmUp(0, history))
                        child.wait_for(WarmUpFinished)
                    draft = question.removesuffix((unread or "").strip()).strip()
                    if unread is not None and is_worth_reading(draft, ""):
                        child.send(WarmUp(0, (*history, *user(draft))))
                        child.wait_for(WarmUpFinished)
                    process = psutil.Process(child.process.pid)
                    began_s = _cpu_s(process)
                    child.ask((*history, *user(question)), max_tokens=1)
                    _, end = child.rest_of_reply()
                    used.append(_cpu_s(process) - began_s)
                    assert end.first_token_s is not None
                    times.append(end.first_token_s)
            print(
                f"time to first token, {name}: of"
                f" {end.prompt_tokens} tokens {end.prompt_tokens - end.reused_tokens} were read"
            )
            # What else the machine does makes both slower by chance; the best have least of it,
            # and the processor's time even less.
            for figure, of, figures in (
                ("median", statistics.median, first_token_s),
                ("best", min, first_token_s),
                ("worst", max, first_token_s),
                ("processor, median", statistics.median, cpu_s),
            ):
                second, last = (of(times) for times in figures)
                print(
                    f"  {figure} of {REUSE_ROUNDS}: turn 2 {second * 1e3:.0f} ms, turn {turns}"
                    f" {last * 1e3:.0f} ms (ratio {last / (second or math.nan):.2f})"
                )
    assert cold.first_token_s is not None
    print(f"without reuse {cold.first_token_s * 1e3:.0f} ms")


def stops(model: Path, threads: int | None, count: int = STOPS) -> None:
    with EngineChild(model, threads=threads, limit_s=LIMIT_S) as child:
        child.wait_for(ModelLoaded)

        def stopped_s(id_: int, text: str, begun: Callable[[], object]) -> float:
            child.ask(user(text), id_=id_)
            begun()
            # Not always at the same point of a chunk.
            time.sleep(0.037 * (id_ % count))
            told_s = time.perf_counter()
            child.send(StopReply(id_))
            child.rest_of_reply()
            return time.perf_counter() - told_s

        reading = [
            stopped_s(id_, f"{id_} {LONG_TEXT * 180}", lambda: child.wait_for(PromptProgressed))
            for id_ in range(count)
        ]
        generating = [
            stopped_s(count + id_, "Hi!", lambda: child.wait_for(ReplyDelta))
            for id_ in range(count)
        ]
    for name, times in (("reading", reading), ("generating", generating)):
        print(
            f"stop while {name}: median {statistics.median(times) * 1e3:.0f} ms,"
            f" worst {max(times) * 1e3:.0f} ms of {len(times)}"
        )


def _list(values: list[float]) -> str:
    return " ".join(f"{value:.1f}" for value in values)


if __name__ == "__main__":
    main()
