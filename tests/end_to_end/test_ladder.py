"""The ladder in the real program: two real files on the hub, and what may happen at every rung.

The settings make them the catalogue's: the small one its smallest, the large one whichever suits
the machine that the test runs on. Both write at reading pace, which the program measures.
"""

import signal
from collections.abc import Callable
from dataclasses import dataclass

import psutil
import pytest

from tests.end_to_end.terminal import CTRL_Q, ENTER, ESCAPE, F2, F8, F9, TIMEOUT_S, Terminal
from tests.end_to_end.test_key import REPOSITORY, give
from tests.end_to_end.world import BLOCK_BYTES, FILE, MODEL_BYTES, OTHER_REPLY, World
from tests.gguf_models import REPLY
from tests.keyrings import FILE_VARIABLE, FileKeyring, named

SMALL, LARGE = "Small 0.8B", "Large 4B"
SMALL_ID = "qwen3.5-0.8b"
LARGE_IDS = ("qwen3.5-2b", "qwen3.5-4b", "qwen3.5-9b", "qwen3.6-35b-a3b")
SMALL_REPO, LARGE_REPO = "test/Small-GGUF", "test/Large-GGUF"
SLOW_BYTES_PER_S = 600_000
ENTRY = """
[[models]]
id = "{}"
repo = "{}"
file = "{}"
label = "{}"
size = "{}"
"""


@pytest.fixture
def machine(world: World) -> World:
    """A machine without a key, and a hub with two models for it."""
    del world.environment["ANTHROPIC_API_KEY"]
    world.environment["PYTHONPATH"] = str(REPOSITORY)
    world.environment[FILE_VARIABLE] = str(world.home.parent / "keyring")
    world.environment["PYTHON_KEYRING_BACKEND"] = named(FileKeyring)
    world.hub.add_repo(SMALL_REPO, {"small.gguf": world.models / "other.gguf"})
    world.hub.add_repo(LARGE_REPO, {"large.gguf": world.models / FILE})
    entries = [ENTRY.format(SMALL_ID, SMALL_REPO, "small.gguf", SMALL, "6MB")]
    entries += [ENTRY.format(each, LARGE_REPO, "large.gguf", LARGE, "12MB") for each in LARGE_IDS]
    world.configure('[local]\ndevice = "cpu"\n' + "".join(entries))
    return world


def start(world: World, *arguments: str) -> Terminal:
    return world.start(*arguments, columns=120, rows=40)


def served(world: World, repo: str) -> int:
    """Return how many of the hub's requests for bytes were for a repository's file."""
    name = {SMALL_REPO: "small.gguf", LARGE_REPO: "large.gguf"}[repo]
    return sum(name in each.path for each in world.hub.requests_of("hub"))


def engines(terminal: Terminal) -> list[psutil.Process]:
    return terminal.children("children.llama")


def newest_engine(terminal: Terminal, *known: psutil.Process) -> psutil.Process:
    """Wait for an engine besides those ``known``."""
    found = terminal.wait_for(
        lambda each: [process for process in engines(each) if process not in known], TIMEOUT_S
    )
    return found[0]


def asks(terminal: Terminal, question: str, reply: str, label: str) -> None:
    terminal.send(f"{question}{ENTER}")
    terminal.wait_for_match(rf"▌ {question}\?? .*Local · {label} · [\d.]+ tok/s")
    terminal.wait_for(reply)


def leave(terminal: Terminal) -> None:
    terminal.send(CTRL_Q)
    assert terminal.wait_for_exit() == 0
    terminal.assert_no_process_left()


def top(terminal: Terminal) -> None:
    terminal.wait_for(f"✓ {LARGE} ready · CPU", timeout_s=60)
    asks(terminal, "Who answers", REPLY, LARGE)


def stays_small(terminal: Terminal, question: str = "Who answers") -> None:
    terminal.wait_for(f"✓ {SMALL} ready", timeout_s=60)
    asks(terminal, question, OTHER_REPLY, SMALL)


def is_measured(terminal: Terminal) -> None:
    terminal.send(F2)
    terminal.wait_for_match(rf"● {SMALL} .* [\d.]+ tok/s +in use")
    terminal.send(ESCAPE)
    terminal.wait_for(lambda each: "Licence" not in each.text)


# How far it is


def small_downloads(world: World) -> Terminal:
    world.hub.throttle(SLOW_BYTES_PER_S)
    terminal = start(world)
    terminal.wait_for_match(rf"Downloading {SMALL} [1-9]\d? % .*{LARGE} next")
    return terminal


def small_loads(world: World) -> Terminal:
    terminal = start(world)
    newest_engine(terminal).suspend()
    terminal.wait_for(f"Loading {SMALL}")
    return terminal


def small_is_ready(world: World) -> Terminal:
    """It replies and is being measured."""
    terminal = start(world)
    terminal.wait_for_match(rf"✓ {SMALL} ready · CPU .*{LARGE} next")
    return terminal


def large_downloads(world: World) -> Terminal:
    terminal = small_is_ready(world)
    world.hub.throttle(SLOW_BYTES_PER_S)
    terminal.wait_for_match(rf"✓ {SMALL} ready · downloading {LARGE} [1-9]\d? %")
    return terminal


def large_loads(world: World) -> Terminal:
    terminal = small_is_ready(world)
    newest_engine(terminal, *engines(terminal)).suspend()
    terminal.wait_for(f"✓ {SMALL} ready · loading {LARGE}")
    return terminal


def large_is_ready(world: World) -> Terminal:
    terminal = start(world)
    terminal.wait_for(f"✓ {LARGE} ready · CPU", timeout_s=60)
    terminal.wait_for(lambda each: len(engines(each)) == 1)
    return terminal


# What happens, and what becomes of it


def fetch_dies(world: World, terminal: Terminal) -> None:
    (child,) = terminal.children("children.fetch")
    is_first = served(world, LARGE_REPO) == 0
    child.kill()
    terminal.wait_for("F9 retry")
    if not is_first:
        terminal.wait_for(f"✓ {SMALL} ready · ✗ {LARGE} failed:")
        stays_small(terminal, "Who goes on")
    kept = world.partial_bytes()
    assert kept > 0
    before = world.hub.bytes_served
    world.hub.throttle(None)
    terminal.send(F9)
    top(terminal)
    whole = MODEL_BYTES * 3 // 2 if is_first else MODEL_BYTES
    assert world.hub.bytes_served - before < whole - kept + 8 * BLOCK_BYTES


def file_is_no_model(world: World, terminal: Terminal) -> None:
    """The file changes meanwhile to one that is no model."""
    world.hub.cut_connections()
    world.hub.replace_file(LARGE_REPO, "large.gguf", b"no model at all" * 99, keep_old_commit=False)
    world.hub.throttle(None)
    terminal.wait_for(f"✓ {SMALL} ready · ✗ {LARGE} failed:", timeout_s=60)
    stays_small(terminal)


def engine_dies(_world: World, terminal: Terminal) -> None:
    """Whatever engine is the newest: it is started again by itself."""
    known = engines(terminal)
    process = max(known, key=lambda each: each.create_time())
    process.send_signal(signal.SIGSEGV)
    process.resume()
    newest_engine(terminal, *known)
    # What it was last said to be is on the screen for a moment yet.
    terminal.wait_for(lambda each: process not in engines(each) and "ready" in each.header)
    terminal.wait_for(f"✓ {LARGE} ready · CPU", timeout_s=60)
    terminal.wait_for(f"{LARGE} answers on this machine")
    top(terminal)


def lower_dies(world: World, terminal: Terminal) -> None:
    """The one that replies while the large one is downloaded: it comes back, and that goes on."""
    (process,) = engines(terminal)
    process.kill()
    terminal.wait_for(f"downloading {LARGE}")
    newest_engine(terminal, process)
    stays_small(terminal, "Who goes on")
    world.hub.throttle(None)
    top(terminal)


def engine_dies_twice(_world: World, terminal: Terminal) -> None:
    """The large one cannot be used: the small one replies, and the sentence stays."""
    lower = set(engines(terminal))
    process = max(lower, key=lambda each: each.create_time())
    lower -= {process}
    process.send_signal(signal.SIGSEGV)
    process.resume()
    again = newest_engine(terminal, process, *lower)
    again.send_signal(signal.SIGSEGV)
    terminal.wait_for_match(rf"✓ {SMALL} ready · ✗ {LARGE} failed: .* · F9 retry", timeout_s=60)
    stays_small(terminal)
    assert f"✗ {LARGE} failed:" in terminal.header
    terminal.send(F9)
    top_after(terminal)


def top_after(terminal: Terminal) -> None:
    terminal.wait_for(f"✓ {LARGE} ready · CPU", timeout_s=60)
    asks(terminal, "And now", REPLY, LARGE)


def quits(world: World, terminal: Terminal) -> None:
    before, kept = world.hub.bytes_served, world.partial_bytes()
    for process in engines(terminal):
        process.resume()
    leave(terminal)
    world.hub.throttle(None)
    again = start(world)
    top(again)
    assert world.hub.bytes_served < before - kept + MODEL_BYTES * 3 // 2 + 8 * BLOCK_BYTES


def killed(world: World, terminal: Terminal) -> None:
    terminal.signal(signal.SIGKILL)
    terminal.wait_for_exit()
    terminal.assert_no_process_left()
    world.hub.throttle(None)
    top(start(world))


def cancels(world: World, terminal: Terminal) -> None:
    is_first = f"✓ {SMALL} ready" not in terminal.header
    terminal.send(F8)
    terminal.wait_for("Cancelled" if is_first else f"✓ {SMALL} ready · {LARGE} cancelled")
    if not is_first:
        stays_small(terminal, "Who stays")
    world.hub.throttle(None)
    requests = len(world.hub.requests)
    terminal.wait_for("F9 re")
    assert len(world.hub.requests) == requests, "nothing more comes by itself"
    terminal.send(F9)
    top(terminal)


def chooses_small(world: World, terminal: Terminal) -> None:
    terminal.send(f"/model {SMALL_ID}{ENTER}")
    world.hub.throttle(None)
    terminal.wait_for(lambda each: f"✓ {SMALL} ready · CPU" in each.text and LARGE not in each.text)
    is_measured(terminal)
    assert LARGE not in terminal.header, "nothing follows"
    stays_small(terminal)
    leave(terminal)
    again = start(world)
    again.wait_for(f"✓ {SMALL} ready · CPU")
    assert LARGE not in again.text


def chooses_large(world: World, terminal: Terminal) -> None:
    terminal.send(f"/model {LARGE_IDS[0]}{ENTER}")
    world.hub.throttle(None)
    top(terminal)
    leave(terminal)
    again = start(world)
    top(again)


def key_arrives(world: World, terminal: Terminal) -> None:
    """What is under way comes to its end, and nothing follows."""
    give(terminal)
    terminal.wait_for(lambda each: "no Claude key" not in each.header)
    is_last = served(world, LARGE_REPO) > 0
    world.hub.throttle(None)
    terminal.wait_for(f"✓ {LARGE if is_last else SMALL} ready · CPU", timeout_s=60)
    if not is_last:
        is_measured(terminal)
        assert LARGE not in terminal.header and served(world, LARGE_REPO) == 0


@dataclass(frozen=True)
class Cell:
    """One cell of the table: how far the ladder is, and what happens then."""

    stage: Callable[[World], Terminal]
    event: Callable[[World, Terminal], None]


TABLE = {
    small_downloads: (fetch_dies, quits, killed, cancels, chooses_large, key_arrives),
    small_loads: (engine_dies, quits, cancels, chooses_large),
    small_is_ready: (engine_dies, quits, cancels, chooses_small, chooses_large),
    large_downloads: (
        fetch_dies,
        file_is_no_model,
        lower_dies,
        quits,
        killed,
        cancels,
        chooses_small,
        chooses_large,
        key_arrives,
    ),
    large_loads: (engine_dies, engine_dies_twice, quits, cancels, chooses_small),
    large_is_ready: (engine_dies, engine_dies_twice, quits, killed, chooses_small),
}
CELLS = [Cell(stage, event) for stage, events in TABLE.items() for event in events]


@pytest.mark.parametrize(
    "cell", CELLS, ids=[f"{cell.stage.__name__}-{cell.event.__name__}" for cell in CELLS]
)
def test_at_every_rung(machine: World, cell: Cell) -> None:
    cell.event(machine, cell.stage(machine))


def test_it_climbs_from_the_small_one_to_the_large_one(machine: World) -> None:
    terminal = large_downloads(machine)
    stays_small(terminal, "Who replies meanwhile")
    terminal.send(F2)
    terminal.wait_for_match(rf"● {SMALL} .*in use")
    terminal.wait_for_match(rf"★ {LARGE} .* [1-9]\d? %")
    terminal.send(ESCAPE)
    machine.hub.throttle(None)
    top(terminal)
    terminal.wait_for(lambda each: len(engines(each)) == 1)
    leave(terminal)
    again = start(machine)
    again.wait_for(f"✓ {LARGE} ready · CPU")


def test_a_floor_that_nothing_else_reaches_keeps_the_small_one(machine: World) -> None:
    path = machine.home / ".config" / "shammah" / "config.toml"
    path.write_text(path.read_text().replace("[local]", "[local]\nleast_speed = 1000000"))
    terminal = start(machine)
    terminal.wait_for(f"✓ {SMALL} ready")
    is_measured(terminal)
    stays_small(terminal)
    assert served(machine, LARGE_REPO) == 0


@pytest.mark.parametrize("how", ["key", "off", "named"])
def test_where_it_does_not_climb(machine: World, how: str) -> None:
    path = machine.home / ".config" / "shammah" / "config.toml"
    if how == "key":
        machine.environment["ANTHROPIC_API_KEY"] = "sk-ant-end-to-end-0123456789"
    elif how == "off":
        path.write_text(path.read_text().replace("[local]", '[local]\nladder = "off"'))
    terminal = start(machine, *(["--model", LARGE_IDS[0]] if how == "named" else []))
    terminal.wait_for(f"✓ {LARGE} ready · CPU")
    assert served(machine, SMALL_REPO) == 0
