"""The screen before Textual is imported: its first picture, and what is typed into it."""
