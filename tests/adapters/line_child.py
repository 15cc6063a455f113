"""A child for tests of ``ChildProcess``; ``LINE_CHILD`` in the environment says how it behaves."""

import json
import os
import signal
import sys
import time


def say(fields: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(fields) + "\n")
    sys.stdout.flush()


def main() -> None:
    behaviour = os.environ["LINE_CHILD"]
    if behaviour == "deaf":
        # Takes SIGTERM for nothing, and never looks at its input.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        say({"type": "StopReply", "id": os.getsid(0)})
        while True:
            time.sleep(60)
    if behaviour == "garbage":
        sys.stdout.write("no line of ours\n{}\n")
        sys.stdout.buffer.write(b"\xff\xfe\n")
    if behaviour == "session":
        say({"type": "StopReply", "id": os.getsid(0)})
    if behaviour == "draws":
        # As native code does: past Python, and then it crashes.
        os.write(2, b"name \x1b]52;c;aGk=\x07\xe2\x80\xaegpj \xff end\r\nlast \x9b words\x1bc")
        os.abort()
    if behaviour == "dies":
        os.kill(os.getpid(), signal.SIGKILL)
    for line in sys.stdin:
        sys.stdout.write(line)
        sys.stdout.flush()
    sys.stderr.write("the end\n")


main()
