"""What happens, in which order: a turn, the open conversation, a model's way to ready.

May import ports and core; adapters come in as ports.
"""
