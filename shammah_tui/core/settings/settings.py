"""What the user may set, and what may stand there; ``settings_table`` reads it from TOML."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Annotated

from shammah_tui.core.conversation.prices import PriceList
from shammah_tui.core.decoding import amount, whole
from shammah_tui.core.model.model_spec import (
    DevicePreference,
    FlashAttention,
    KvType,
    Ladder,
    Lora,
    ModelEntry,
)
from shammah_tui.core.model.reading_pace import LEAST_TOKENS_PER_S, MOST_PROMPT_S
from shammah_tui.core.settings import settings_checks as checks

MAX_CONTEXT_LENGTH = 1_048_576


@dataclass(frozen=True, slots=True)
class ClaudeSettings:
    """``[claude]``: the side that answers over the network."""

    model: Annotated[str, checks.word] = "claude-sonnet-5-5"
    max_tokens: Annotated[int, whole(1, 1_000_000)] = 8_192


@dataclass(frozen=True, slots=True)
class LocalSettings:
    """``[local]``: the side that answers on this machine.

    Attributes:
        model: What ``core.model_ref.parse_model`` understands; empty chooses by memory.
        context_length: Tokens of context; 0 takes the longest that fits, up to 32 768.
        batch_size: Tokens of a prompt read at once, at most; 0 lets the engine decide.
        chat_template: In ``core.model.chat_templates``, or a Jinja file; empty is the model's own.
        least_speed: Tokens per second that a model must generate to be the default; 0 for any.
        most_prompt_time: Seconds in which it must read 100 tokens.
        ladder: Whether a small model is fetched first where the default is a large one.
    """

    model: Annotated[str, checks.line] = ""
    context_length: Annotated[int, whole(512, MAX_CONTEXT_LENGTH, "as long as fits")] = 0
    device: DevicePreference = DevicePreference.AUTO
    threads: Annotated[int, whole(1, 1_024, "the engine's own choice")] = 0
    download_limit_bytes_per_s: Annotated[int | None, checks.rate] = None
    thinking: bool = False
    batch_size: Annotated[int, whole(32, 8_192, "the engine's own choice")] = 0
    flash_attention: FlashAttention = FlashAttention.AUTO
    kv_type: KvType = KvType.AUTO
    chat_template: Annotated[str, checks.chat_template] = ""
    lora: Annotated[tuple[Lora, ...], checks.loras] = ()
    least_speed: Annotated[float, amount] = LEAST_TOKENS_PER_S
    most_prompt_time: Annotated[float, amount] = MOST_PROMPT_S
    ladder: Ladder = Ladder.AUTO


@dataclass(frozen=True, slots=True)
class EndpointSettings:
    """``[endpoint]``: a server that answers instead of this machine.

    Attributes:
        url: With or without its ``/v1``; empty is none.
        model: As the server knows it; empty takes the only one it serves.
        key_env: Name of the environment variable that holds the key; empty sends none.
    """

    url: Annotated[str, checks.address] = ""
    model: Annotated[str, checks.line] = ""
    key_env: Annotated[str, checks.variable] = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything in the settings file.

    Attributes:
        system_prompt: What both sides are told before the conversation; empty tells nothing.
        theme: Empty is what was chosen last, else the program's own.
        plain: Whether nothing moves and no lines are drawn, for screen readers and slow lines.
        keys: Binding id to keys, several joined by commas, as Textual's keymaps want them.
        models: Models offered besides the catalogue's.
        prices: ``[prices]`` over the list that is shipped.
    """

    system_prompt: str = ""
    theme: str = ""
    plain: bool = False
    claude: ClaudeSettings = field(default_factory=ClaudeSettings)
    local: LocalSettings = field(default_factory=LocalSettings)
    endpoint: EndpointSettings = field(default_factory=EndpointSettings)
    keys: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    models: tuple[ModelEntry, ...] = ()
    prices: PriceList = field(default_factory=PriceList)
