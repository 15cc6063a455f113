"""The screen: Textual lives here and nowhere else.

May import services, ports and core; it meets adapters through ports alone.
"""
