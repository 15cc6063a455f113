"""Every sentence that the user can read, made from values.

May import what ``core`` may.
"""
