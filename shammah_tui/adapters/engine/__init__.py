"""The app's end of the engine child: one process that is started, watched and stopped.

May import psutil, ports and core.
"""
