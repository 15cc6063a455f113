"""The chat screen and the panels that open over it, a screen a file.

May import widgets, and what ``ui`` may.
"""
