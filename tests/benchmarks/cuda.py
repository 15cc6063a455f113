"""``python -m tests.benchmarks.cuda``: the engine on a graphics card, against llama.cpp itself.

Needs no network: the model has the shape of a real one and random weights. ``4b`` is 36 layers of
2,560 with a feed-forward of 9,728 and 151,936 tokens, as Qwen3-4B has them, in Qwen2's
architecture with 20 heads of 128. Prints where the layers really are, tokens/s against a bare
decode loop, the pace of a long prompt, how long a stop takes, and the time to the first token with
and without what was read before. Without a card it measures the processor; ``--shape tiny`` is a
smoke test of seconds.
"""

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from gguf import GGMLQuantizationType as Quant

from shammah_tui.core.protocol.engine_messages import ModelLoaded, SpeedMeasured
from tests.benchmarks.engine import FULL, LIMIT_S, LONG_TEXT, REPLY, pace, prefix_reuse, stops
from tests.engine_child import EngineChild, user
from tests.gguf_models import Shape, build_model

SHAPES = {
    "4b": (Shape(layers=36, embedding=2560, feed_forward=9728, heads=20, kv_heads=4), 151_936),
    "0.5b": (FULL, 151_936),
    "tiny": (Shape(), 0),
}
LONG_PROMPT = 240
"""Times ``LONG_TEXT``: about 4,100 tokens."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shape", choices=SHAPES, default="4b")
    parser.add_argument("--quant", choices=("F16", "Q8_0", "Q4_0"), default="Q8_0")
    parser.add_argument("--tokens", type=int, default=400, help="of each reply that is timed")
    parser.add_argument("--rounds", type=int, default=3, help="of engine and bare loop in turn")
    parser.add_argument("--turns", type=int, default=20, help="of the conversation")
    parser.add_argument("--stops", type=int, default=20, help="while reading, and generating")
    parser.add_argument("--folder", type=Path, help="disk for the two models, up to 5 GB each")
    options = parser.parse_args(arguments)
    shape, vocabulary = SHAPES[options.shape]
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        endless, model = (
            build_model(
                Path(folder, f"{name}.gguf"),
                reply=REPLY,
                endless=name == "endless",
                shape=shape,
                quant=Quant[options.quant],
                vocabulary=vocabulary,
            )
            for name in ("endless", "model")
        )
        print(f"model: {model.stat().st_size / 1e6:,.0f} MB {options.quant}, {shape}")
        where_and_how_fast(model)
        pace(endless, None, options.tokens, options.rounds)
        prefix_reuse(model, None, options.turns)
        stops(endless, None, options.stops)


def where_and_how_fast(model: Path) -> None:
    """Print where the layers are, the probe's figures and those of one long prompt."""
    with EngineChild(model, context_length=8192, limit_s=LIMIT_S) as child:
        loaded = child.wait_for(ModelLoaded)
        layers = f"{loaded.layers_on_device} of {loaded.layers_total} layers"
        print(f"device: {loaded.device}, {layers}")
        probe = child.wait_for(SpeedMeasured)
        assert probe.prompt_tokens_per_s is not None
        print(
            f"probe: {probe.tokens_per_s:.1f} tokens/s,"
            f" prompt {probe.prompt_tokens_per_s:.0f} tokens/s"
        )
        child.ask(user(LONG_TEXT * LONG_PROMPT), max_tokens=1)
        _, end = child.rest_of_reply()
        assert end.first_token_s is not None and end.reused_tokens == 0
        print(
            f"prompt: {end.prompt_tokens} tokens at"
            f" {end.prompt_tokens / end.first_token_s:.0f} tokens/s"
        )


if __name__ == "__main__":
    main()
