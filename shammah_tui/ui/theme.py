"""The program's two themes; every theme that Textual brings can be chosen as well."""

from textual.theme import BUILTIN_THEMES, Theme

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
        "footer-background": "#fbfbfd",
        "footer-key-foreground": "#2959aa",
        "footer-description-foreground": "#5b6178",
    },
)

THEMES = (DARK, LIGHT)

THEME_NAMES = (*(theme.name for theme in THEMES), *BUILTIN_THEMES)
"""Names that ``theme`` in the settings may have."""

VARIABLE_DEFAULTS = {"claude": "$accent", "local": "$success", "rule": "$panel"}
"""Our own colours in a theme that does not set them."""
