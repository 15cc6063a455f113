"""This machine: memory, processors, graphics cards, clipboard, terminal, network.

May import psutil, pynvml, ports and core.
"""
