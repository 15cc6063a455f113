"""``shammah ask``: one question from the command line or a pipe.

May import what ``commands`` may.
"""
