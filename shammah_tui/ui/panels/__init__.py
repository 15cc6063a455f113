"""The panels that open over the chat, one a file.

May import what ``ui`` may.
"""
