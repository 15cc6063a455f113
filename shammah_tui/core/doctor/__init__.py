"""What the doctor can find: findings, answers of servers and of the terminal.

May import what ``core`` may.
"""
