"""One turn: who is asked, what streams back, what is recorded of it.

May import what ``services`` may.
"""
