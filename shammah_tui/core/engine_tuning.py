"""How the engine computes, as far as the user may set it."""

from enum import StrEnum


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
