"""Colours as escape sequences, in as many as the terminal has; chosen as Rich chooses them."""

TRUE = 1 << 24

_PALETTE = (
    0x000000,
    0xAA0000,
    0x00AA00,
    0xAA5500,
    0x0000AA,
    0xAA00AA,
    0x00AAAA,
    0xAAAAAA,
    0x555555,
    0xFF5555,
    0x55FF55,
    0xFFFF55,
    0x5555FF,
    0xFF55FF,
    0x55FFFF,
    0xFFFFFF,
)
"""What Rich takes the sixteen for (``STANDARD_PALETTE``); what they are the terminal decides."""


def color_code(rgb: int, colors: int, *, is_back: bool) -> str:
    """Return the parameters of the escape sequence that sets 0xRRGGBB, one of ``colors``."""
    red, green, blue = _parts(rgb)
    if colors == 16:
        number = nearest_of_16(rgb)
        # 30 to 37, and 90 to 97 for the bright ones.
        return str(number + (30 if number < 8 else 82) + (10 if is_back else 0))
    plane = 48 if is_back else 38
    if colors == TRUE:
        return f"{plane};2;{red};{green};{blue}"
    return f"{plane};5;{nearest_of_256(rgb)}"


def nearest_of_256(rgb: int) -> int:
    """Return the colour's number among 256 (Rich's ``Color.downgrade``)."""
    red, green, blue = _parts(rgb)
    low, high = min(red, green, blue) / 255, max(red, green, blue) / 255
    light = (low + high) / 2
    spread = high - low
    reach = high + low if light <= 0.5 else 2 - high - low
    if not spread or spread / reach < 0.15:
        gray = round(light * 25)
        return 16 if gray == 0 else 231 if gray == 25 else 231 + gray
    steps = [part / 95 if part < 95 else 1 + (part - 95) / 40 for part in (red, green, blue)]
    return 16 + 36 * round(steps[0]) + 6 * round(steps[1]) + round(steps[2])


def nearest_of_16(rgb: int) -> int:
    """Return the colour's number among 16 (Rich's ``Palette.match``)."""
    return min(range(16), key=lambda number: _distance(rgb, _PALETTE[number]))


def _distance(one: int, other: int) -> int:
    """Return the square of how different two colours look; more or less red weighs by how red."""
    red, green, blue = (a - b for a, b in zip(_parts(one), _parts(other), strict=True))
    mean = ((one >> 16) + (other >> 16)) // 2
    return (
        (((512 + mean) * red * red) >> 8) + 4 * green * green + (((767 - mean) * blue * blue) >> 8)
    )


def _parts(rgb: int) -> tuple[int, int, int]:
    return rgb >> 16, rgb >> 8 & 255, rgb & 255
