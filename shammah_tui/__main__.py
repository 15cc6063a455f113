"""Where ``shammah`` begins: the first picture is drawn before anything else is imported."""

import os
import sys


def main() -> int:
    """Run the program with the process's arguments and return its exit status."""
    try:
        return _run()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told in one sentence
        from shammah_tui.crash import tell_crash

        return tell_crash(error)


def _run() -> int:
    if None in (sys.stdin, sys.stdout, sys.stderr):
        _open_standard_streams()
    from shammah_tui.start.look import glance

    chat = glance(sys.argv[1:])
    if chat is None:
        from shammah_tui.cli import main as run

        return run()
    model, is_offline, goes_on = chat
    first = None
    try:
        from shammah_tui.start.screen import open_first_screen

        first = open_first_screen()
        if first is not None:
            import gc

            # Nothing is garbage yet, and looking for it takes 5 % of the imports' time; the app
            # switches it on again.
            gc.disable()
            # What is imported on another thread gives the keys their turn after 1 ms instead of
            # 5; a key changes hands several times before it is on screen.
            sys.setswitchinterval(0.001)
            from shammah_tui.start.bytecode import use_bytecode

            use_bytecode()
        from shammah_tui.cli import open_chat

        return open_chat(model, offline=is_offline, continue_last=goes_on, first=first)
    finally:
        if first is not None:
            first.close()


def _open_standard_streams() -> None:
    """Put the null device where a standard stream is closed (``>&-``).

    Otherwise the next file that is opened, the database say, gets the stream's number, and whatever
    a library prints is written into it.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            # The lowest number that is free: this one.
            os.open(os.devnull, os.O_RDWR)
    # For the whole process, as Python's own.
    sys.stdin = sys.stdin or os.fdopen(0, "r", closefd=False)
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", closefd=False)


if __name__ == "__main__":
    sys.exit(main())
