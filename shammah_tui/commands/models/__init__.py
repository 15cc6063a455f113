"""``shammah models``: list, pull, verify and remove weights.

May import what ``commands`` may.
"""
