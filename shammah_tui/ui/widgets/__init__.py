"""The pieces of the screen, each with its own messages and styles.

May import core and what of ``ui`` is no screen.
"""
