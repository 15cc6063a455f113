"""The Hub's cache on this disk, and the app's end of the fetch child.

May import the Hub's library, ports and core.
"""
