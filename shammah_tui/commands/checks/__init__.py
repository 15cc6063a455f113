"""What ``shammah doctor`` looks at, a subject a file.

May import what ``commands`` may.
"""
