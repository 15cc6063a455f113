"""A case for each private name of Textual: an upgrade that takes it or its meaning fails here."""

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual._styles_cache import StylesCache
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.driver import Driver
from textual.drivers.headless_driver import HeadlessDriver
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Key
from textual.geometry import Region
from textual.message_pump import MessagePump
from textual.screen import ModalScreen
from textual.widgets import Input, Label, Markdown, Static
from textual.worker import WorkerFailed

import shammah_tui.ui
from shammah_tui.ui.app import ShammahApp
from shammah_tui.ui.composer.composer import Composer
from shammah_tui.ui.frame import textual_privates
from shammah_tui.ui.frame.terminal_driver import TerminalDriver
from shammah_tui.ui.frame.textual_privates import (
    FaultApp,
    WriterDriver,
    XTermParser,
    bindings_from_focus,
    driver_of,
    forget_notices,
    forget_styles,
    notices_of,
    region_drawn,
)
from shammah_tui.ui.reply import textual_markdown
from shammah_tui.ui.reply.reply_blocks import _blocks_in
from shammah_tui.ui.reply.reply_table import ReplyTable
from shammah_tui.ui.reply.textual_markdown import (
    MarkdownBlockQuote,
    MarkdownBulletList,
    MarkdownListItem,
    MarkdownParagraph,
    blocks_from,
    made_from,
    set_source,
)
from tests.ui.apps import wait_until

PRIVATES = {
    Path(str(each.__file__)): each.__name__ for each in (textual_privates, textual_markdown)
}


class Faulty(FaultApp):
    def on_mount(self) -> None:
        self.run_worker(self.fail())

    async def fail(self) -> None:
        raise ValueError("a fault")


async def test_what_a_worker_raises_is_taken() -> None:
    class Taking(Faulty):
        taken: Exception | None = None

        def take_fault(self, error: Exception) -> None:
            self.taken = error

    app = Taking()
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: isinstance(app.taken, WorkerFailed))
        assert app.is_running


async def test_by_default_it_ends_the_app_without_a_trace(
    capsys: pytest.CaptureFixture[str],
) -> None:
    app = Faulty()
    with pytest.raises(WorkerFailed, match="a fault"):
        async with app.run_test() as pilot:
            await wait_until(pilot, lambda: not app.is_running)
    assert app.return_code == 1
    said = capsys.readouterr()
    assert "Traceback" not in said.out + said.err


async def test_a_fault_that_is_kept_ends_nothing_and_is_raised_by_the_test() -> None:
    app = FaultApp()
    with pytest.raises(ValueError, match="kept"):
        async with app.run_test() as pilot:
            app.keep_fault(ValueError("kept"))
            await pilot.pause()
            assert app.is_running


def test_the_thread_that_writes_is_another() -> None:
    """Textual makes its own when it takes the terminal, writes with it, stops it at the end."""

    class Ours:
        said = ""
        is_stopped = False

        def write(self, text: str) -> None:
            self.said += text

        def stop(self) -> None:
            self.is_stopped = True

    class Writing(WriterDriver):
        def __init__(self) -> None:
            pass

        def make_writer(self) -> Ours:
            return Ours()

    driver = Writing()
    driver._writer_thread = None
    assert driver._writer_thread is None
    driver._writer_thread = object()
    WriterDriver.write(driver, "hello")
    assert driver.writer.said == "hello"
    driver.close()
    assert driver.writer.is_stopped
    source = inspect.getsource(LinuxDriver)
    assert source.count("_writer_thread = ") == 1 and "_writer_thread: WriterThread" in source


def test_keys_are_read_by_the_parser() -> None:
    parser = XTermParser(False)
    assert [event.key for event in parser.feed("a\x1b[A") if isinstance(event, Key)] == ["a", "up"]
    assert not [*parser.tick()]


async def test_the_driver_of_an_app() -> None:
    app = App[None]()
    assert driver_of(app) is None
    async with app.run_test():
        assert isinstance(driver_of(app), HeadlessDriver)
        assert isinstance(driver_of(app), Driver)


async def test_notices_are_listed_and_taken_away() -> None:
    app = App[None]()
    async with app.run_test(notifications=True) as pilot:
        app.notify("one")
        app.notify("other")
        await wait_until(pilot, lambda: len(app.screen.query("Toast")) == 2)
        one, other = notices_of(app)
        assert (one.message, other.message) == ("one", "other")
        forget_notices(app, [one])
        assert notices_of(app) == [other]
        forget_notices(app, [other], refresh=True)
        await wait_until(pilot, lambda: not app.screen.query("Toast"))


async def test_styles_are_forgotten() -> None:
    app = App[None]()
    async with app.run_test() as pilot:
        await app.mount(Label("x"))
        await pilot.pause()
        assert StylesCache.get_inner_outer.cache_info().currsize
        forget_styles()
        assert StylesCache.get_inner_outer.cache_info().currsize == 0


class Dialog(ModalScreen[None]):
    BINDINGS = [Binding("f5", "nothing", id="of_dialog")]  # noqa: RUF012

    def compose(self) -> ComposeResult:
        yield Input()


async def test_who_may_take_a_key_under_a_dialog_nobody_of_the_app() -> None:
    app = App[None]()
    async with app.run_test():
        dialog = Dialog()
        await app.push_screen(dialog)
        chain = bindings_from_focus(dialog)
        assert [node for node, _ in chain] == [dialog.query_one(Input), dialog]
        assert [each.id for each in chain[1][1].key_to_bindings["f5"]] == ["of_dialog"]


async def test_where_a_widget_was_drawn_is_known_without_another_layout() -> None:
    class Stacked(App[None]):
        def compose(self) -> ComposeResult:
            yield Static("one", id="above")
            yield Static("two", id="below")

    app = Stacked()
    async with app.run_test(size=(40, 20)) as pilot:
        above, below = app.query_one("#above"), app.query_one("#below")
        await wait_until(pilot, lambda: region_drawn(below) == Region(0, 1, 40, 1))
        above.styles.height = 5
        assert region_drawn(below) == Region(0, 1, 40, 1)
        await wait_until(pilot, lambda: region_drawn(below) == Region(0, 5, 40, 1))


async def test_blocks_are_made_of_tokens_and_hold_what_is_in_them() -> None:
    app = App[None]()
    async with app.run_test():
        markdown = Markdown()
        await app.mount(markdown)
        set_source(markdown, "> one\n\n- two\n")
        assert markdown.source == "> one\n\n- two\n"
        assert not markdown.children
        from markdown_it import MarkdownIt

        tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(markdown.source)
        quote, items = blocks_from(markdown, tokens)
        assert isinstance(quote, MarkdownBlockQuote) and isinstance(items, MarkdownBulletList)
        assert made_from(quote) == (markdown, tokens[0])
        (paragraph,) = _blocks_in(quote)
        assert isinstance(paragraph, MarkdownParagraph) and not _blocks_in(quote)
        (item,) = _blocks_in(items)
        assert isinstance(item, MarkdownListItem) and item.bullet.strip() == "•"


@pytest.mark.parametrize(
    "name", [each for each in textual_markdown.__all__ if each.startswith("Markdown")]
)
def test_it_is_a_class_of_blocks(name: str) -> None:
    assert issubclass(getattr(textual_markdown, name), Static | MessagePump)


# Nothing else of the program touches a private name of Textual.


def files() -> Iterator[tuple[Path, ast.Module]]:
    for path in Path(shammah_tui.ui.__file__).parents[1].rglob("*.py"):
        if path not in PRIVATES:
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def test_no_private_module_or_name_of_textual_is_imported() -> None:
    found = [
        f"{path}:{node.lineno}"
        for path, tree in files()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and str(node.module).split(".")[0] == "textual"
        if any(map(is_private, (*str(node.module).split("."), *(n.name for n in node.names))))
    ]
    assert found == []


def own_names(tree: ast.AST, base: str = "self") -> set[str]:
    """The private names that the classes of a file define, or use of themselves."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found |= {node.attr} if node.value.id == base else set()
        if isinstance(node, ast.ClassDef):
            body = [each for each in node.body if isinstance(each, ast.Assign | ast.AnnAssign)]
            names = [name for part in body for name in ast.walk(part)]
            found |= {name.id for name in names if isinstance(name, ast.Name)}
    return {name for name in found if is_private(name) and name != "_"}


def test_no_private_name_of_another_file_is_looked_at_in_ui() -> None:
    found = [
        f"{path}:{node.lineno} {node.attr}"
        for path, tree in files()
        if "ui" in path.parts
        for own in [own_names(tree)]
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and is_private(node.attr) and node.attr not in own
    ]
    assert found == []


def test_no_class_has_a_private_name_that_is_textuals() -> None:
    for module in pkgutil.walk_packages(shammah_tui.ui.__path__, "shammah_tui.ui."):
        importlib.import_module(module.name)

    def below(kind: type[Any]) -> Iterator[type[Any]]:
        for each in kind.__subclasses__():
            yield each
            yield from below(each)

    theirs: dict[type, set[str]] = {}

    def of_textual(kind: type) -> set[str]:
        if kind not in theirs:
            theirs[kind] = own_names(ast.parse(inspect.cleandoc("\n" + inspect.getsource(kind))))
        return theirs[kind]

    found = set()
    kinds = {*below(MessagePump), *below(Driver)}
    assert kinds >= {ShammahApp, ReplyTable, Composer, TerminalDriver}
    for kind in kinds:
        if not kind.__module__.startswith("shammah_tui") or kind.__module__ in PRIVATES.values():
            continue
        source = inspect.cleandoc("\n" + inspect.getsource(kind))
        ours = own_names(ast.parse(source))
        for base in kind.__mro__:
            if base.__module__.startswith("textual."):
                found |= {f"{kind.__qualname__}.{each}" for each in ours & of_textual(base)}
    assert found == set()
