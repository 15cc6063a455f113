"""``shammah history``, ``export`` and ``usage``: what was kept.

May import what ``commands`` may.
"""
