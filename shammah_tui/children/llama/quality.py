"""Finds what makes a file's replies worse than its model's.

Such a file loads and replies; llama.cpp only complains in its log.
"""

import re

from shammah_tui.children.llama.template_choice import TemplateChoice
from shammah_tui.children.llama.vocabulary import Vocabulary
from shammah_tui.core.protocol.engine_messages import Notice
from shammah_tui.core.wording import engine as words

_COMPLAINTS = (
    (re.compile(r"missing pre-tokenizer type"), words.NO_PRE_TOKENIZER),
    (re.compile(r"bad special token|special_\w+_id is not in special_eog_ids"), words.BAD_TOKENS),
    (re.compile(r"quality will be degraded|output may be degraded", re.IGNORECASE), words.DEGRADED),
)
"""What llama.cpp writes (llama-vocab.cpp and the models' graphs), the most telling first."""

_MARKER = re.compile(r"<\|[a-z_]+\|>")


def complaint_of(line: str) -> int | None:
    """Return which complaint about quality a line of llama.cpp's log is; None for any other."""
    found = (at for at, (pattern, _) in enumerate(_COMPLAINTS) if pattern.search(line))
    return next(found, None)


def notices(complaints: set[int], template: TemplateChoice, vocabulary: Vocabulary) -> list[Notice]:
    """Return what the user is to know."""
    general = len(_COMPLAINTS) - 1
    # The general warning says nothing where a telling one stands beside it.
    told = {each for each in complaints if each != general} or complaints
    said = [template.notice] if template.notice else []
    said += [_COMPLAINTS[each][1] for each in sorted(told)]
    unknown = sorted(
        marker
        for marker in set(_MARKER.findall(_turn(template)))
        if not vocabulary.is_token(marker)
    )
    if unknown:
        said.append(words.unknown_marker(unknown[0]))
    if not vocabulary.has_end:
        said.append(words.NO_END)
    return said


def _turn(template: TemplateChoice) -> str:
    """Return a short conversation as the template writes it; empty where it takes none."""
    try:
        return template.render([{"role": "user", "content": "a"}], False)
    except Exception:  # noqa: BLE001 - a template is a program from a file
        return ""
