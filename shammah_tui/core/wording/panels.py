"""What panels say beside what they list: what keys do there, and why a list is empty."""

ENTER_SAVES = "Enter saves · Esc cancels"
ENTER_CHOOSES = "Enter chooses · Esc cancels"
ENTER_EXPORTS = "Enter exports · Tab, arrows and Space choose · Esc cancels"
TAB_COMPLETES = "Tab completes the path · Enter adds it · Esc cancels"
NO_HELP_FOUND = "Nothing found. Delete a letter, or press Esc to close."

FILTERS = "Filters: from:claude  model:qwen  before:2026-11-03  in:bin"
BIN = "Deleted conversations are kept for 30 days · Enter restores one · ^t closes the bin"
EMPTY_BIN = "The bin is empty · ^t closes it"

ADD_LORA = "Add an adapter: a GGUF file on this disk"
LORAS_NEED_MODEL = "Adapters are applied once a model is loaded."
NO_LORA_ON = "No adapter is on: the model is unchanged."


def keys_setting(ids: str) -> str:
    return f'Other keys for a command, such as stop = "f4". Their names: {ids}'


def nothing_found(unknown_filter: str, *, has_filter: bool) -> str:
    why = " · a filter looks at each message by itself" if has_filter else ""
    if unknown_filter:
        why = f" · there is no filter {unknown_filter}"
    return f"Nothing was found{why}"


def no_loras(folder: str, *, has_found: bool) -> str:
    choose = "Choose one above, press a" if has_found else "Press a"
    return f"No adapters yet. {choose} to add one, or put files in {folder}"


def save_code(number: int, count: int) -> str:
    which = f" {number} of {count} (↑ and ↓ choose)" if count > 1 else ""
    return f"Save code block{which} as"
