"""One reply on the screen: Markdown as it streams, tables, code, thoughts, label, receipt.

May import what ``ui`` may.
"""
