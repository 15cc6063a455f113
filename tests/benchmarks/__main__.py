"""``python -m tests.benchmarks [--quick] [--json FILE] [--picture FILE] [NAME …]``: all of them.

One after the other, each as a program of its own: the start beside a bare Textual app and beside
elia where that is installed, keys while everything else goes on, long conversations, idling, a long
code fence, and a download, plain and encrypted, beside curl. The figures are printed as they come,
and gathered in one JSON file. The picture is of the start. Run it on a machine that does nothing
else.
"""

import argparse
import importlib.util
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.picture import picture

BENCHMARKS = {
    "startup": ["--runs", "5"],
    "key_latency": ["--small", "--keys", "50"],
    "long_conversation": ["--rounds", "1"],
    "idle": [],
    "stream_fence": [],
    "transfer": ["--size-mb", "500", "--rounds", "2"],
}
"""By module, with the arguments of a quick look."""
PICTURE = Path("assets") / "startup.svg"


def main() -> int:
    """Run what was asked for; return 1 when one of them failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--quick", action="store_true", help="fewer runs, a smaller model")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--picture", type=Path, help=f"such as {PICTURE}")
    options = parser.parse_args()
    unknown = set(options.names) - set(BENCHMARKS)
    if unknown:
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    results: dict[str, object] = {}
    failed = [
        name
        for name in options.names or BENCHMARKS
        if not _run(name, BENCHMARKS[name] if options.quick else [], results)
    ]
    if options.json is not None:
        options.json.write_text(json.dumps(results, indent=2) + "\n")
    start = results.get("startup")
    if options.picture is not None and isinstance(start, dict):
        options.picture.write_text(picture(start))
    for name in failed:
        print(f"{name} failed")
    return 1 if failed else 0


def _run(name: str, arguments: list[str], results: dict[str, object]) -> bool:
    """Run one and put what it found into ``results``; return whether it ended well."""
    module = f"tests.benchmarks.{name}"
    if importlib.util.find_spec(module) is None:
        return False
    print(f"\n{name}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder) / "found.json"
        command = [sys.executable, "-m", module, *arguments, "--json", str(found)]
        ended = subprocess.run(command, check=False)
        if found.exists():
            results[name] = json.loads(found.read_text())
    return ended.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
