"""The chat screen: its header, its pane of messages, and what can be done with them.

May import what ``ui`` may.
"""
