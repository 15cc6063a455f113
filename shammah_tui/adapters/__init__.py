"""One home for each thing outside the program, and for its SDK.

May import ports and core.
"""
