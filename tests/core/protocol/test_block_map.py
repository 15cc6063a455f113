"""The record of a partial file's blocks."""

import pytest

from shammah_tui.core.protocol.block_map import (
    ENTRY_BYTES,
    HEADER_BYTES,
    WRITTEN,
    BlockMapHeader,
    PartialRecord,
    block_bytes_for,
    checksum,
    decode_entries,
    decode_header,
    encode_header,
    is_sound,
    kept_bytes,
    read_record,
)

HEADER = BlockMapHeader("model.gguf", "0" * 64, 10 * 65536 + 1, 65536)


def test_header_survives_the_disk() -> None:
    content = encode_header(HEADER)
    assert len(content) == HEADER_BYTES
    assert decode_header(content + b"more") == HEADER


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * HEADER_BYTES,
        b"{}",
        b"[1]",
        b"null",
        encode_header(HEADER)[:100],
        encode_header(HEADER).replace(b'"format": 1', b'"format": 9'),
        encode_header(HEADER).replace(b'"block_bytes": 65536', b'"block_bytes": 0    '),
        encode_header(HEADER).replace(b'"model.gguf"', b"17          "),
        encode_header(HEADER).replace(b'"etag"', b'"etog"'),
    ],
)
def test_an_unsound_header_is_none(content: bytes) -> None:
    assert decode_header(content) is None
    assert kept_bytes(content) == 0


def test_the_longest_name_fits() -> None:
    header = BlockMapHeader('"' * 1024, "0" * 64, 10**15, 262144)
    assert decode_header(encode_header(header)) == header
    header = BlockMapHeader("ü" * 512, "0" * 64, 10**15, 262144)
    assert decode_header(encode_header(header)) == header


def test_the_last_block_is_shorter() -> None:
    assert HEADER.block_count == 11
    assert [HEADER.length_of(block) for block in (0, 9, 10)] == [65536, 65536, 1]


@pytest.mark.parametrize(
    ("present", "kept"), [((), 0), ((0,), 65536), ((10,), 1), ((3, 10), 65537), (range(11), 655361)]
)
def test_kept_bytes(present: tuple[int, ...], kept: int) -> None:
    entries = [7 if block in present else 0 for block in range(11)]
    content = encode_header(HEADER) + b"".join(each.to_bytes(4, "little") for each in entries)
    assert kept_bytes(content) == kept
    assert list(decode_entries(content, HEADER)) == entries


@pytest.mark.parametrize(
    ("data_bytes", "kept"),
    [(0, 0), (65535, 0), (3 * 65536, 3 * 65536), (655360, 655360), (655361, 655361)],
)
def test_a_record_is_believed_as_far_as_there_are_bytes(data_bytes: int, kept: int) -> None:
    content = encode_header(HEADER) + b"\7\0\0\0" * 11
    record = read_record(HEADER.etag, content, data_bytes)
    assert record == PartialRecord(HEADER, kept)


@pytest.mark.parametrize("content", [b"", encode_header(HEADER)])
def test_a_record_of_another_file_is_none(content: bytes) -> None:
    assert read_record("1" * 64, content, 655361) is None


def test_what_is_cut_off_counts_as_missing() -> None:
    content = encode_header(HEADER) + b"\1\0\0\0" * 3
    assert kept_bytes(content) == 3 * 65536
    assert kept_bytes(content[:-1]) == 2 * 65536
    assert kept_bytes(content[:HEADER_BYTES]) == 0
    assert ENTRY_BYTES == 4


def test_a_checksum_is_never_one_of_the_marks() -> None:
    # Four bytes whose CRC-32 is 0.
    assert checksum(bytes.fromhex("9d0ad96d")) == 2
    assert checksum(b"abc") == 0x352441C2


def test_a_block_with_a_checksum_is_compared() -> None:
    data = b"abc" * 30_000
    assert is_sound(data, checksum(data))
    assert not is_sound(data[:-1] + b"d", checksum(data))
    assert not is_sound(data, 0)


def test_a_block_without_a_checksum_is_believed_unless_a_page_was_lost() -> None:
    data = bytearray(b"abc" * 30_000)
    assert is_sound(data, WRITTEN)
    data[8192:12288] = bytes(4096)
    assert not is_sound(data, WRITTEN)
    assert is_sound(data, checksum(data))
    assert is_sound(b"short", WRITTEN)


def test_blocks_are_small_in_small_files() -> None:
    assert block_bytes_for(100 * 2**20) == 64 * 1024
    assert block_bytes_for(10**9) == 256 * 1024
