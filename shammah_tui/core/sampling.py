"""Sampling settings for each model family, from the model cards of the Qwen team."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sampling:
    """Every sampling parameter that llama.cpp is given; none is left to its defaults."""

    temperature: float = 0.7
    top_p: float = 0.8
    top_k: int = 20
    min_p: float = 0.0
    presence_penalty: float = 0.0
    repeat_penalty: float = 1.0
    seed: int | None = None
