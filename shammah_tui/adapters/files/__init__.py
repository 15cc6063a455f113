"""Small files of the user: settings, preferences, logs, LoRA files, archives.

May import platformdirs, ports and core.
"""
