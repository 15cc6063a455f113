"""The open conversation: its messages, its branches, its export.

May import what ``services`` may.
"""
