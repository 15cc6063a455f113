"""How the local side stands: the generator state, how fast it is, what follows a fault.

May import what ``core`` may.
"""
