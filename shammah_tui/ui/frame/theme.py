"""The program's own themes, and the styles that hold for the whole app.

Every theme that Textual brings can be chosen as well.
"""

from collections.abc import Collection, Iterable
from functools import partial
from typing import Protocol

from textual.app import App
from textual.theme import BUILTIN_THEMES, Theme

from shammah_tui.core.wording import notices

DARK = Theme(
    name="shammah-dark",
    primary="#7aa2f7",
    secondary="#9d7cd8",
    accent="#e0af68",
    warning="#e0af68",
    error="#f7768e",
    success="#9ece6a",
    foreground="#d5d9e8",
    background="#14161f",
    surface="#1a1d29",
    panel="#222636",
    dark=True,
    variables={
        "claude": "#e09870",
        "local": "#8fc98a",
        "rule": "#2e3448",
        "border": "#7aa2f7",
        "border-blurred": "#3a4058",
        "scrollbar": "#3a4058",
        "scrollbar-background": "#1a1d29",
        "scrollbar-corner-color": "#1a1d29",
        "footer-background": "#14161f",
        "footer-key-foreground": "#7aa2f7",
        "footer-description-foreground": "#8b93ad",
    },
)

LIGHT = Theme(
    name="shammah-light",
    primary="#2959aa",
    secondary="#7847bd",
    accent="#8f5e15",
    warning="#8f5e15",
    error="#b3243f",
    success="#33762f",
    foreground="#22263a",
    background="#fbfbfd",
    surface="#f1f2f6",
    panel="#e4e6ee",
    dark=False,
    variables={
        "claude": "#a2471a",
        "local": "#2c7030",
        "rule": "#d3d6e2",
        "border": "#2959aa",
        "border-blurred": "#b4b9cb",
        "scrollbar": "#b4b9cb",
        "scrollbar-background": "#f1f2f6",
        "scrollbar-corner-color": "#f1f2f6",
        "footer-background": "#fbfbfd",
        "footer-key-foreground": "#2959aa",
        "footer-description-foreground": "#5b6178",
    },
)

CONTRAST = Theme(
    name="shammah-contrast",
    primary="#00e5ff",
    secondary="#ff9dff",
    accent="#ffe600",
    warning="#ffe600",
    error="#ff8a8a",
    success="#5cff5c",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#1c1c1c",
    dark=True,
    variables={
        "claude": "#ffb454",
        "local": "#5cff5c",
        "rule": "#8c8c8c",
        "border": "#ffffff",
        "border-blurred": "#b0b0b0",
        "text-muted": "#ffffff",
        "text-disabled": "#c0c0c0",
        # Dark enough for every colour that a list's line may have.
        "block-cursor-background": "#003a80",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "bold underline",
        "block-cursor-blurred-background": "#003a80",
        "block-cursor-blurred-foreground": "#ffffff",
        "block-cursor-blurred-text-style": "bold underline",
        "input-selection-background": "#0060ff",
        "footer-background": "#000000",
        "footer-key-foreground": "#ffe600",
        "footer-description-foreground": "#ffffff",
    },
)
"""Text has a contrast of 7 to 1 and more (WCAG 2.2, AAA), in the chosen line 4.5 and more (AA)."""

THEMES = (DARK, LIGHT, CONTRAST)

THEME_NAMES = (*(theme.name for theme in THEMES), *BUILTIN_THEMES)
"""Names that ``theme`` in the settings may have."""

_STAND_INS = {"claude": "accent", "local": "success", "rule": "panel"}


def variable_defaults(theme: Theme) -> dict[str, str]:
    """Return our own colours for a theme that does not set them.

    By their values: Textual refuses a reference to another variable in some places.
    """
    missing = {name: other for name, other in _STAND_INS.items() if name not in theme.variables}
    if not missing:
        return {}
    colours = theme.to_color_system().generate()
    return {name: colours[other] for name, other in missing.items()}


# Notices are small and stand on the composer's upper edge, or on a panel's line of hints: so they
# cover nothing that is read.
_THEME_CSS = f"""
ToastRack {{ dock: bottom; align: right bottom; margin: 0 1 2 0; }}
ChatScreen ToastRack {{ margin: 0 1 3 0; }}
Toast {{ width: auto; max-width: 70%; margin: 0; padding: 0 1; }}
.-theme-{CONTRAST.name} {{
    .text-area--placeholder {{ color: #c0c0c0; }}
    CodeBlock, OpenFence {{ color: #ffffff; background: #000000; }}
    ModalScreen {{ background: #000000; }}
}}
App:nocolor {{
    .option-list--option-highlighted, Button:focus {{ text-style: bold underline; }}
    .datatable--cursor, .input--cursor {{ text-style: reverse; }}
}}
"""
"""What a theme's variables do not reach, and how things are marked where there is no colour."""

ROOMY = "-roomy"
SHORT_BREAKPOINTS = [(0, "-short"), (10, ROOMY)]
"""Rows from which on a screen has which class: a third of 9 has no room for the composer's frame
and what is written in it."""

_SHORT_CSS = """
.-short {
    GeneratorHeader { height: 1; }
    ProgressRule, KeyLine { display: none; }
    Composer, Composer:focus { border: none; min-height: 1; max-height: 50vh; padding: 0; }
}
"""
"""What is written and what is said stay in sight; keys and progress can be had in the palette."""

APP_CSS = _THEME_CSS + _SHORT_CSS


class ThemeMemory(Protocol):
    """Keeps the name of the theme that was chosen last."""

    def recall(self) -> str:
        """Return the name; empty when none is kept."""
        ...

    def choose(self, name: str) -> None: ...


def own_first(names: Iterable[str]) -> list[str]:
    """Return the names of themes: our own, then the others by the alphabet."""
    own = [theme.name for theme in THEMES]
    return [*own, *sorted(set(names) - set(own))]


def find_theme(name: str, themes: Collection[str]) -> tuple[str, str]:
    """Return the theme that ``name`` means, with or without ``shammah-``, or a sentence if none."""
    wanted = name.strip().lower()
    for each in (f"shammah-{wanted}", wanted):
        if each in themes:
            return each, ""
    # Deferred: only a mistyped word needs it.
    from shammah_tui.core.wording.suggestions import suggestion

    return "", notices.no_theme(name, suggestion(wanted, themes))


class ThemeChoice:
    """The theme that was chosen: by the settings, the last time, or since.

    Our own are registered with ``app``; ``memory`` keeps it for the next start, unless the settings
    name one.
    """

    def __init__(self, app: App[None], memory: ThemeMemory | None, setting: str) -> None:
        for own in THEMES:
            app.register_theme(own)
        remembered = memory.recall() if memory is not None else ""
        known = remembered if remembered in app.available_themes else ""
        self._app = app
        self._memory = memory
        self._setting = setting
        self._name = setting or known or DARK.name

    def begin(self) -> None:
        """Set the theme before anything is drawn.

        Setting ``theme`` would have all styles read and applied twice, which takes 5 ms.
        """
        app, theme = self._app, self._app.available_themes[self._name]
        if theme.dark and not theme.ansi:
            app.set_reactive(App.theme, self._name)
            app.update_classes({f"-theme-{self._name}": True, "-dark-mode": True}, update=False)
            app.stylesheet.set_variables(app.get_css_variables())
        else:
            # Textual's filters are made for a dark theme.
            app.theme = self._name

    def choose(self, name: str) -> None:
        """Change to the theme ``name``; without one, have it chosen from a list."""
        app = self._app
        if name:
            found, hint = find_theme(name, app.available_themes)
            if found:
                self._use(found)
            else:
                app.notify(hint, severity="warning", markup=False)
            return
        # Deferred: 2 ms before the first frame, and few sessions need it.
        from shammah_tui.ui.panels.theme_panel import ThemePanel

        panel = ThemePanel(own_first(app.available_themes), app.theme)
        app.push_screen(panel, partial(self._end_preview, app.theme))

    def _end_preview(self, before: str, chosen: str | None) -> None:
        if chosen is None:
            self._app.theme = before
        else:
            self._use(chosen)

    def _use(self, name: str) -> None:
        """Change the theme, and keep it for the next start unless the settings name one."""
        self._app.theme = name
        if name == self._name:
            return
        self._name = name
        if self._setting or self._memory is None:
            self._app.notify(notices.theme_not_kept(name, self._setting), markup=False)
        else:
            self._memory.choose(name)
