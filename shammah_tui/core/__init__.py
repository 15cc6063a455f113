"""Values and pure functions: no clock, no files, no asyncio, no third party."""
