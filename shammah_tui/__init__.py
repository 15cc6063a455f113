"""Shammah TUI: a terminal chat in which Claude answers until the local model can."""

__version__ = "0.1.0"
