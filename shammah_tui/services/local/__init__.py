"""The local side: a model is found, downloaded, loaded and kept in reserve.

May import what ``services`` may.
"""
