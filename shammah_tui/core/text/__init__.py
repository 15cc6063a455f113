"""Plain text and figures: cleaning, units, secrets, what fits a line.

May import what ``core`` may.
"""
