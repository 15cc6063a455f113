"""What the app and its child processes say to each other, as lines of JSON.

May import what ``core`` may.
"""
