"""The fetch child: one transfer of weights from the Hub into its cache.

May import core, httpx2 and the Hub's library.
"""
