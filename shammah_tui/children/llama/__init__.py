"""The engine child: one model in llama.cpp, loaded once, replying until its stdin closes.

The app starts it with ``python -m shammah_tui.children.llama``. The first line it reads is a
``LoadModel``, the later ones are the commands of ``core.protocol.engine_messages``; what it writes
are the events there. llama.cpp's own log goes to stderr; prompts and replies never do.
"""
