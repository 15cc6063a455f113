"""What a conversation is made of: messages, replies, pins, receipts, export formats, search, cost.

May import what ``core`` may.
"""
