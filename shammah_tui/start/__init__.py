"""The screen before Textual is imported: its first picture, and what is typed into it.

May import the standard library and the few modules that ``tests/test_start.py`` lists.
"""
