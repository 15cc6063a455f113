"""A child that reads its first line and then does nothing, for ever."""

import sys
import threading

if __name__ == "__main__":
    sys.stdin.readline()
    threading.Event().wait()
