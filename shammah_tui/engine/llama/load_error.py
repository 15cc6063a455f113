"""Why a model cannot be used, as one sentence for the screen."""

from shammah_tui.core.engine_messages import EngineProblem


class LoadError(Exception):
    """The model cannot be used; ``str(error)`` says why and what to do.

    Attributes:
        problem: The kind of trouble.
    """

    def __init__(self, problem: EngineProblem, sentence: str) -> None:
        super().__init__(sentence)
        self.problem = problem
