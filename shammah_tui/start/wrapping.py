"""How wide text is and where its lines break, as in the first picture."""


def cells(text: str) -> int:
    """Return the width of ``text`` in cells."""
    if text.isascii():
        return len(text)
    # Deferred: 1 ms, and most of what is typed does not need it.
    from shammah_tui.core.text.plain_text import cell_width

    return cell_width(text)


def wrap_words(text: str, width: int) -> list[str]:
    """Break a sentence of narrow characters between its words."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".lstrip()
    return lines


def wrap_composer(text: str, width: int) -> list[str]:
    """Break what is typed: spaces stay, words too wide for a line are cut."""
    return [piece for line in text.split("\n") for piece in _wrap_line(line, width)]


def _wrap_line(line: str, width: int) -> list[str]:
    pieces = [""]
    for chunk in _chunks(line):
        if cells(pieces[-1]) + cells(chunk) <= width:
            pieces[-1] += chunk
            continue
        if cells(chunk) <= width:
            pieces.append(chunk)
            continue
        if pieces[-1]:
            pieces.append("")
        for character in chunk:
            if cells(pieces[-1]) + cells(character) > width:
                pieces.append("")
            pieces[-1] += character
    return pieces


def _chunks(line: str) -> list[str]:
    """Return the words of ``line``, each with the spaces after it."""
    chunks: list[str] = []
    for character in line:
        is_space = character == " "
        if chunks and (is_space or not chunks[-1].endswith(" ")):
            chunks[-1] += character
        else:
            chunks.append(character)
    return chunks
