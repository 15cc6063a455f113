"""Where ``shammah`` begins: the first picture is drawn before anything else is imported."""

import sys


def main() -> int:
    """Run the program with the process's arguments and return its exit status."""
    from shammah_tui.first.look import glance

    chat = glance(sys.argv[1:])
    if chat is None:
        from shammah_tui.cli import main as run

        return run()
    model, is_offline = chat
    first = None
    try:
        from shammah_tui.first.screen import open_first_screen

        first = open_first_screen()
        if first is not None:
            import gc

            # Nothing is garbage yet, and looking for it takes 5 % of the imports' time; the app
            # switches it on again.
            gc.disable()
        from shammah_tui.cli import open_chat

        return open_chat(model, offline=is_offline, first=first)
    finally:
        if first is not None:
            first.close()
