"""What every screen shares: commands and their keys, the footer, themes, the terminal.

May import what ``ui`` may.
"""
