"""The settings: their values, their table in the file, and what is checked of them.

May import what ``core`` may.
"""
