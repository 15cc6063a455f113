"""Damaged GGUF files end in a reason, never in a hung or dead app."""

import asyncio
import os
import queue
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shammah_tui.adapters.engine.local_engine import LocalEngineStarter
from shammah_tui.core.conversation.reply import ReplyDone
from shammah_tui.core.errors import BackendError, BackendProblem
from shammah_tui.core.model.model_spec import DevicePreference
from shammah_tui.core.model.sampling import Sampling
from shammah_tui.core.protocol.engine_messages import (
    EngineEvent,
    LoadFailed,
    LoadModel,
    ModelLoaded,
)
from shammah_tui.ports import ChildExited, ReplyOptions
from tests.engine_child import user
from tests.gguf_damage import header_bytes, mutate_header
from tests.gguf_models import build_model

MUTATIONS = 100
ABORTING_SEED = 1054
"""The one of the first 2,000 on which llama.cpp (llama-cpp-python 0.3.36) calls ``abort()``."""
SEEDS = [*range(MUTATIONS - 1), ABORTING_SEED]
AT_ONCE = 2
EVENT_TIMEOUT_S = 20.0


async def reply(path: Path, log_path: Path) -> str:
    """Load ``path`` and ask it; return how that ended, or fail when it did not end."""
    events: queue.SimpleQueue[EngineEvent | ChildExited] = queue.SimpleQueue()
    starter = LocalEngineStarter(log_path, os.environ)
    engine = starter.start(LoadModel(str(path), 512, DevicePreference.CPU, 1), events.put)
    try:
        while True:
            match events.get(timeout=EVENT_TIMEOUT_S):
                case LoadFailed(problem=problem, sentence=sentence):
                    assert path.name in sentence
                    return f"refused: {problem}"
                case ChildExited(returncode=returncode):
                    assert returncode < 0
                    with pytest.raises(BackendError, match=r"llama\.cpp") as caught:
                        await anext(aiter(engine.reply(user("Hi!"), ReplyOptions())))
                    assert caught.value.problem is BackendProblem.ENGINE_GONE
                    return "crashed"
                case ModelLoaded():
                    options = ReplyOptions(max_tokens=4, sampling=Sampling(temperature=0.0))
                    last = [event async for event in engine.reply(user("Hi!"), options)][-1]
                    assert isinstance(last, ReplyDone)
                    return "replied"
    finally:
        engine.stop()


def test_mutated_headers(tmp_path: Path) -> None:
    sound = build_model(tmp_path / "sound.gguf")
    data, header = sound.read_bytes(), header_bytes(sound)

    def ending(seed: int) -> str:
        path = tmp_path / f"mutant-{seed}.gguf"
        path.write_bytes(mutate_header(data, header, seed))
        try:
            # Each on a loop of its own, which nothing else waits for.
            return asyncio.run(reply(path, tmp_path / "engine.log"))
        finally:
            path.unlink()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        endings = dict(zip(SEEDS, pool.map(ending, SEEDS), strict=True))
    assert len(endings) == MUTATIONS
    # Most damage is noticed; a changed letter in a name is not, and does not matter.
    refused = [seed for seed, how in endings.items() if how.startswith("refused")]
    assert len(refused) > MUTATIONS / 2
    assert "replied" in endings.values()
