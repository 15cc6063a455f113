"""Windows with so few rows that not everything has a place."""

ROOMY = "-roomy"
SHORT_BREAKPOINTS = [(0, "-short"), (10, ROOMY)]
"""Rows from which on a screen has which class: a third of 9 has no room for the composer's frame
and what is written in it."""

SHORT_CSS = """
.-short {
    GeneratorHeader { height: 1; }
    ProgressRule, KeyLine { display: none; }
    Composer, Composer:focus { border: none; min-height: 1; max-height: 50vh; padding: 0; }
}
"""
"""What is written and what is said stay in sight; keys and progress can be had in the palette."""
