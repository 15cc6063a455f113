"""Conversations in one SQLite file: the store, and what it is made of.

May import ports and core.
"""
