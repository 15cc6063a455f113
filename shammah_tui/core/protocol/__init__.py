"""The messages between the app and its child processes, as lines of JSON.

May import what ``core`` may.
"""
