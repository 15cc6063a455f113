"""Where a question is written: the text area, folded pastes, completion, history.

May import what ``ui`` may.
"""
