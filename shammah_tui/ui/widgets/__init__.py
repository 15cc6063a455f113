"""The pieces of the screen, each with its own messages and styles."""
