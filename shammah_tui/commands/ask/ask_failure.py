"""What a reply that did not come, or not whole, means to the user and to a script."""

from collections.abc import Iterator, Mapping

from shammah_tui.commands.exit_status import ExitStatus
from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.reply import StopReason
from shammah_tui.core.errors import BackendError, BackendProblem
from shammah_tui.core.model.catalogue import CATALOGUE
from shammah_tui.core.text.blank import is_blank
from shammah_tui.core.wording.troubles import absence_sentence
from shammah_tui.services.turn.turn_events import Finished, Trouble


def sentences_of(troubles: Mapping[Side, Trouble], what: str) -> Iterator[str]:
    """Yield why each side gave no reply, and what to do; first the one that was meant."""
    for side in _meant(what):
        trouble = troubles.get(side)
        if isinstance(trouble, BackendError):
            yield str(trouble)
        elif trouble is not None:
            smallest = min(CATALOGUE, key=lambda model: model.size_bytes or 0)
            yield absence_sentence(trouble, what, smallest.id)


def status_of_troubles(troubles: Mapping[Side, Trouble], what: str) -> ExitStatus:
    """Return the status for a question that nobody answered.

    It is Claude's where Claude was asked, unless a local model was named.
    """
    trouble = next((troubles[side] for side in _meant(what) if side in troubles), None)
    if isinstance(trouble, BackendError):
        return _status_of(trouble.problem)
    return ExitStatus.FAILED if trouble is None else ExitStatus.NOT_HERE


def _meant(what: str) -> tuple[Side, Side]:
    return (Side.LOCAL, Side.CLAUDE) if what else (Side.CLAUDE, Side.LOCAL)


def status_of_reply(reply: Finished) -> ExitStatus:
    match reply.stop_reason:
        case StopReason.END_TURN:
            return ExitStatus.FAILED if is_blank(reply.text) else ExitStatus.DONE
        case StopReason.REFUSAL:
            return ExitStatus.DECLINED
        case StopReason.STOPPED:
            return ExitStatus.INTERRUPTED
        case StopReason.LENGTH | StopReason.CONTEXT_FULL | StopReason.REPEATED | None:
            return ExitStatus.CUT_SHORT


def _status_of(problem: BackendProblem) -> ExitStatus:
    match problem:
        case BackendProblem.NO_KEY | BackendProblem.BAD_KEY:
            return ExitStatus.NO_KEY
        case BackendProblem.UNREACHABLE:
            return ExitStatus.NO_NETWORK
        case BackendProblem.OVERLOADED | BackendProblem.RATE_LIMITED:
            return ExitStatus.BUSY
        case BackendProblem.CONTEXT_TOO_LONG:
            return ExitStatus.TOO_LONG
        case BackendProblem.NOT_READY | BackendProblem.ENGINE_GONE | BackendProblem.STAYS_HERE:
            return ExitStatus.NOT_HERE
        case BackendProblem.SERVER_ERROR | BackendProblem.REFUSED:
            return ExitStatus.FAILED
