"""The programs that run as child processes: spawned, never imported by the app.

May import core, and each child its own third party: ``fetch`` the Hub's, ``llama`` llama.cpp.
"""
