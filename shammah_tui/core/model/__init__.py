"""Which model a machine can run: the catalogue, memory, names on the Hub, GGUF headers.

May import what ``core`` may.
"""
