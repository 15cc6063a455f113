"""Claude: the Messages API through the anthropic SDK.

May import anthropic, ports and core.
"""
