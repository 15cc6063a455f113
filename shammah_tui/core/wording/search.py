"""What is said of a search that has a slip in it."""


def no_filter(written: str, meant: str) -> str:
    return f"There is no filter {written}:; did you mean {meant}:?"


def bin_filter(name: str) -> str:
    return f"Write in:{name} for the deleted conversations"


SENDER_FILTER = "Write from:local, from:claude or from:me"


def date_filter(name: str) -> str:
    return f"Write {name}: with a date, such as {name}:2026-11-03"
