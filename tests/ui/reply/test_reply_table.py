"""Tables in replies: what they show, in what width, how they grow and what is copied."""

import random
from itertools import pairwise

import pytest
from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Offset
from textual.pilot import Pilot
from textual.selection import Selection
from textual.widgets import Markdown

from shammah_tui.core.settings.settings import Settings
from shammah_tui.ui.reply.reply_table import ReplyTable
from shammah_tui.ui.reply.reply_text import ReplyText
from shammah_tui.ui.reply.table_grid import TableGrid, shared_out
from tests.services.fakes import FakeBackend
from tests.services.turns import CLAUDE_DONE
from tests.ui.apps import Stage, wait_until
from tests.ui.looks import row_of, segments

PRICES = """| who | cost | where it is |
|:---|---:|:-:|
| Local | 0 | here |
| **Claude** | `1000` | far away |
"""
LONG = """| what | says |
|---|---|
| tide | It comes in twice a day and goes out again, whoever looks on |
| ebb | Less |
"""


class Page(App[None]):
    """Nothing but a pane with one reply."""

    def compose(self) -> ComposeResult:
        with VerticalScroll():
            yield ReplyText()

    @property
    def table(self) -> ReplyTable:
        return self.query_one(ReplyTable)

    def lines(self) -> list[str]:
        """The lines that show something."""
        drawn = [strip.text.rstrip() for strip in self.screen._compositor.render_strips()]
        return [line for line in drawn if line]


async def written(pilot: Pilot[None], *pieces: str) -> None:
    text = pilot.app.query_one(ReplyText)
    for piece in pieces:
        await text.append(piece)
    await text.finish()
    await pilot.pause()


async def test_cells_are_aligned_as_the_table_says() -> None:
    page = Page()
    async with page.run_test(size=(60, 20)) as pilot:
        await written(pilot, PRICES)
        assert page.lines() == [
            "┌────────┬──────┬─────────────┐",
            "│ who    │ cost │ where it is │",
            "├────────┼──────┼─────────────┤",
            "│ Local  │    0 │    here     │",
            "├────────┼──────┼─────────────┤",
            "│ Claude │ 1000 │  far away   │",
            "└────────┴──────┴─────────────┘",
        ]


async def test_a_wide_cell_wraps_in_a_narrow_window() -> None:
    page = Page()
    async with page.run_test(size=(40, 20)) as pilot:
        await written(pilot, LONG)
        assert page.lines() == [
            "┌──────┬───────────────────────────────┐",
            "│ what │ says                          │",
            "├──────┼───────────────────────────────┤",
            "│ tide │ It comes in twice a day and   │",
            "│      │ goes out again, whoever looks │",
            "│      │ on                            │",
            "├──────┼───────────────────────────────┤",
            "│ ebb  │ Less                          │",
            "└──────┴───────────────────────────────┘",
        ]
        await pilot.resize_terminal(200, 20)
        await pilot.pause()
        assert (
            "│ tide │ It comes in twice a day and goes out again, whoever looks on │"
            in page.lines()
        )


async def test_a_table_of_too_many_columns_is_turned() -> None:
    page = Page()
    names = ["continent", "mountains", "population", "waterways"]
    table = f"| {' | '.join(names)} |\n{'|---' * 4}|\n| Africa | Atlas | 1.5e9 | the Nile |\n"
    async with page.run_test(size=(30, 20)) as pilot:
        await written(pilot, table)
        assert page.lines() == [
            "┌────────────┬──────────┐",
            "│ continent  │ Africa   │",
            "│ mountains  │ Atlas    │",
            "│ population │ 1.5e9    │",
            "│ waterways  │ the Nile │",
            "└────────────┴──────────┘",
        ]
        await pilot.resize_terminal(80, 20)
        await pilot.pause()
        assert len(page.lines()) == 5


async def test_wide_characters_take_two_cells() -> None:
    page = Page()
    async with page.run_test(size=(24, 20)) as pilot:
        await written(pilot, "| 名 | e\u0301 |\n|---|--:|\n| 漢字かな交じり文です | 1 |\n")
        assert page.lines() == [
            "┌──────────────────┬───┐",
            "│ 名               │ e\u0301 │",
            "├──────────────────┼───┤",
            "│ 漢字かな交じり文 │ 1 │",
            "│ です             │   │",
            "└──────────────────┴───┘",
        ]


async def test_a_break_makes_another_line_of_a_cell() -> None:
    page = Page()
    async with page.run_test(size=(24, 20)) as pilot:
        await written(pilot, "| a |\n|---|\n| one<br>two<BR/>three |\n\nfour<br />five\n")
        assert page.lines()[3:] == [
            "│ one   │",
            "│ two   │",
            "│ three │",
            "└───────┘",
            "four<br />five",
        ]


@pytest.mark.parametrize("width", [24, 60])
async def test_it_is_the_same_however_it_is_cut(width: int) -> None:
    quoted = "> | q |\n> |---|\n> | r |\n"
    whole = f"Before:\n{PRICES}| `a\\|b` | | c | d |\n| last\n\n## After\n\n{LONG}{quoted}"
    chance = random.Random(3)
    shown = []
    for count in (0, 3, 20, len(whole) - 1):
        page = Page()
        async with page.run_test(size=(width, 60)) as pilot:
            cuts = [0, *sorted(chance.sample(range(1, len(whole)), count)), len(whole)]
            await written(pilot, *(whole[start:end] for start, end in pairwise(cuts)))
            assert "".join(each.source for each in page.query(Markdown)) == whole
            shown.append(page.lines())
    assert len(shown[0]) > 20
    assert all(each == shown[0] for each in shown)


async def test_blocks_after_a_table_are_where_the_source_has_them() -> None:
    page = Page()
    async with page.run_test() as pilot:
        await written(
            pilot, PRICES, "| a | b | c |\n", "| d | e ", "| f |\n\nSo", " it is.\n\n# End\n"
        )
        sources = [block.source for block in page.query_one(Markdown).children]  # type: ignore[attr-defined]
        assert sources[-2:] == ["So it is.\n", "# End\n"]
        assert len(page.table.rows) == 4


async def test_only_new_rows_are_parsed_and_the_widget_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Otherwise a piece costs what all rows before it cost."""
    page = Page()
    made: list[int] = []
    async with page.run_test() as pilot:
        text = page.query_one(ReplyText)
        await text.append(PRICES)
        table = page.table
        real = ReplyTable.__init__

        def counted(self: ReplyTable, *args: object) -> None:
            real(self, *args)  # type: ignore[arg-type]
            made.append(len(self.rows))

        monkeypatch.setattr(ReplyTable, "__init__", counted)
        for number in range(40):
            await text.append(f"| row {number} | ")
            await text.append(f"{number} | there |\n")
        await pilot.pause()
        assert page.table is table
        assert len(table.rows) == 42
        assert max(made) == 1
        assert table.size.height == 2 * 43 + 1


async def test_what_changes_alone_is_drawn_anew() -> None:
    page = Page()
    async with page.run_test(size=(60, 20)) as pilot:
        text = page.query_one(ReplyText)
        await text.append(PRICES + "| Ol")
        await pilot.pause()
        assert page.lines()[-2] == "│ Ol     │      │             │"
        kept = page.table._strips[3]
        await text.append("lam")
        await pilot.pause()
        assert page.lines()[-2] == "│ Ollam  │      │             │"
        assert page.table._strips[3] is kept
        await text.append("a and more |")
        await pilot.pause()
        assert page.lines()[1] == "│ who             │ cost │ where it is │"
        assert page.lines()[-2] == "│ Ollama and more │      │             │"


async def test_a_table_in_a_list_and_in_a_quotation_grows() -> None:
    page = Page()
    async with page.run_test(size=(60, 30)) as pilot:
        for sign in ("> ", "- "):
            indent = "  " if sign == "- " else sign
            await written(pilot, f"{sign}| a |\n{indent}|---|\n{indent}| 1 |\n")
            table = page.query(ReplyTable).last()
            await written(pilot, f"{indent}| 2", "2 |\n", f"{indent}| 3 |\n\n")
            assert page.query(ReplyTable).last() is table
            assert [[cell.plain for cell in row] for row in table.rows] == [["1"], ["22"], ["3"]]


async def test_all_is_copied_with_tabs_and_without_what_is_drawn() -> None:
    page = Page()
    async with page.run_test(size=(40, 20)) as pilot:
        await written(pilot, LONG)
        page.table.text_select_all()
        assert page.screen.get_selected_text() == (
            "what\tsays\n"
            "tide\tIt comes in twice a day and goes out again, whoever looks on\n"
            "ebb\tLess"
        )


async def test_a_part_is_selected_by_mouse_and_copied() -> None:
    page = Page()
    async with page.run_test(size=(40, 20)) as pilot:
        await written(pilot, LONG)
        top = page.table.region.y
        await pilot.mouse_down(offset=(12, top + 3))
        await pilot.hover(offset=(12, top + 4))
        await pilot.mouse_up(offset=(12, top + 4))
        await pilot.pause()
        # "It comes…" from its fourth character on, and the line below it up to the mouse.
        assert page.screen.get_selected_text() == "comes in twice a day and goes"
        drawn = [part for part in page.table.render_line(3) if part.style]
        usual = {part.style.bgcolor for part in page.table.render_line(7) if part.style}
        chosen = "".join(p.text for p in drawn if p.style and p.style.bgcolor not in usual)
        assert chosen == "comes in twice a day and"


async def test_what_is_selected_in_one_cell_is_marked_there_alone() -> None:
    page = Page()
    async with page.run_test(size=(90, 20)) as pilot:
        await written(pilot, LONG)
        table = page.table
        usual = {part.style.bgcolor for part in table.render_line(3) if part.style}
        # The second and third characters of "tide", with a long cell after it.
        page.screen.selections = {table: Selection(Offset(3, 3), Offset(5, 3))}
        await pilot.pause()
        drawn = [part for part in table.render_line(3) if part.style]
        marked = [part.text for part in drawn if part.style and part.style.bgcolor not in usual]
        assert marked == ["id"]


async def test_cells_of_several_rows_are_copied_as_rows() -> None:
    page = Page()
    async with page.run_test(size=(60, 20)) as pilot:
        await written(pilot, PRICES)
        table = page.table
        # From "cost" of the headers to "Local".
        chosen = Selection(Offset(11, 1), Offset(7, 3))
        assert table.get_selection(chosen) == ("cost\twhere it is\nLocal", "\n\n")
        assert table.get_selection(Selection(Offset(3, 5), Offset(5, 5))) == ("la", "\n\n")


@pytest.mark.parametrize(
    "theme", ["shammah-dark", "shammah-light", "shammah-contrast", "ansi-dark", "ansi-light"]
)
async def test_headers_lines_and_cells_look_different(theme: str) -> None:
    claude = FakeBackend(PRICES, CLAUDE_DONE)
    app = Stage(claude=claude, settings=Settings(theme=theme)).app()
    async with app.run_test(size=(80, 30)) as pilot:
        await pilot.press(*"hi", "enter")
        await wait_until(pilot, lambda: row_of(app, "far away") is not None)
        styles = {part.text.strip()[:6]: part.style for part in segments(app)}
        who, local, line = styles["who"], styles["Local"], styles["├─────"]
        assert who is not None and local is not None and line is not None
        assert who.bold and not local.bold
        assert len({who.color, local.color, line.color}) == 3
        assert {who.bgcolor, line.bgcolor} == {local.bgcolor}
        # In the cells, as elsewhere.
        claude_style, code = styles["Claude"], styles["1000"]
        assert claude_style is not None and claude_style.bold
        assert code is not None and (code.color, code.bgcolor) != (local.color, local.bgcolor)


async def test_without_colours_headers_are_bold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = Stage(claude=FakeBackend(PRICES, CLAUDE_DONE)).app()
    async with app.run_test(size=(80, 30)) as pilot:
        await pilot.press(*"hi", "enter")
        await wait_until(pilot, lambda: row_of(app, "far away") is not None)
        found = {each.text.strip(): each.style for each in segments(app)}
        who, local = found["who"], found["Local"]
        assert who is not None and local is not None
        assert who.bold and not local.bold
        assert who.color == local.color


async def test_another_theme_is_drawn_at_once() -> None:
    app = Stage(claude=FakeBackend(PRICES, CLAUDE_DONE)).app()
    async with app.run_test(size=(80, 30)) as pilot:
        await pilot.press(*"hi", "enter")
        await wait_until(pilot, lambda: row_of(app, "far away") is not None)

        def color() -> object:
            return next(
                each.style and each.style.color for each in segments(app) if "who" in each.text
            )

        before = color()
        app.theme = "shammah-light"
        await wait_until(pilot, lambda: color() != before)


@pytest.mark.parametrize(
    ("naturals", "words", "room", "widths"),
    [
        ([3, 5], [3, 5], 20, [3, 5]),
        ([3, 50, 50], [3, 9, 9], 33, [3, 15, 15]),
        ([3, 50, 50], [3, 9, 9], 34, [3, 16, 15]),
        ([30, 50], [20, 9], 32, [20, 12]),
        ([30, 50], [30, 50], 32, [16, 16]),
        ([9, 9], [9, 9], 3, [2, 1]),
        ([9, 9], [9, 9], -3, [1, 1]),
        ([0, 40], [0, 40], 10, [1, 9]),
    ],
)
def test_columns_share_the_room(
    naturals: list[int], words: list[int], room: int, widths: list[int]
) -> None:
    assert shared_out(naturals, words, room) == widths


@pytest.mark.parametrize("room", [9, 23, 31, 60])
def test_a_grid_to_which_rows_were_added_is_as_one_with_all_of_them(room: int) -> None:
    chance = random.Random(room)

    def row() -> list[Content]:
        return [Content("word " * chance.randrange(9)) for _ in range(3)]

    headers, rows = row(), [row() for _ in range(12)]
    grown = TableGrid(headers, [])
    grown.fit(room)
    for number in range(12):
        grown.replace(number, [row()])
        grown.replace(number, rows[number : number + 1])
    whole = TableGrid(headers, rows)
    whole.fit(room)
    assert (grown.height, grown.widths, grown.count) == (whole.height, whole.widths, whole.count)
    places = [grown.place(y) for y in range(grown.height)]
    assert places == [whole.place(y) for y in range(grown.height)]
    assert places[0] == (0, -1) and places[-1] == (grown.count, -1)
    for number in range(grown.count):
        lines = max(map(len, grown.fragments(number)))
        assert [place.line for place in places if place.row == number][-lines:] == [*range(lines)]
        assert places[grown.start(number)] == (number, 0)
