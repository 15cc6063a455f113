"""Ways to damage a GGUF file."""

import random
from pathlib import Path

import gguf


def header_bytes(path: Path) -> int:
    """Return where the tensors' data begin: before that are metadata and tensor descriptions."""
    return int(gguf.GGUFReader(path).data_offset)


def mutate_header(data: bytes, header: int, seed: int) -> bytes:
    """Return a copy of ``data`` with one kind of damage within its first ``header`` bytes."""
    choose = random.Random(seed)
    at = choose.randrange(header)
    damaged = bytearray(data)
    match choose.randrange(8):
        case 0:
            damaged[at] ^= 1 << choose.randrange(8)
        case 1:
            for _ in range(16):
                damaged[choose.randrange(header)] = choose.randrange(256)
        case 2:
            extreme = choose.choice([0, 1, 2**31 - 1, 2**31, 2**32 - 1])
            damaged[at : at + 4] = extreme.to_bytes(4, "little")
        case 3:
            extreme = choose.choice([0, 2**31, 2**40, 2**63 - 1, 2**63, 2**64 - 1])
            damaged[at : at + 8] = extreme.to_bytes(8, "little")
        case 4:
            del damaged[at:]
        case 5:
            del damaged[at : at + choose.randrange(1, 64)]
        case 6:
            damaged[at:at] = choose.randbytes(choose.randrange(1, 64))
        case _:
            # The counts and lengths near the start decide how much is read.
            at = choose.randrange(4, 64)
            damaged[at : at + 8] = choose.randbytes(8)
    return bytes(damaged)
