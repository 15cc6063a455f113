"""``shammah doctor``: what it looks at, a subject a file.

May import what ``commands`` may.
"""
