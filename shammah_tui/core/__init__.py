"""Values and pure functions: no clock, no files, no asyncio, no third party.

May import the standard library's pure modules and itself.
"""
