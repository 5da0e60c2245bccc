"""What goes into a cell of a spreadsheet: text, which no program takes for a formula."""

from typing import Final

# How a workbook is opened for writing, so that nothing in it becomes a formula or a link.
AS_TEXT: Final = {"strings_to_formulas": False, "strings_to_urls": False}
# What begins a formula, here or once the file was saved as CSV; in full width an input method writes the same.
_BEGINNINGS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def neutral(said: str) -> str:
    """A text that somebody sent, as a cell holds it: one that looks like a formula stands behind an apostrophe."""
    return f"'{said}" if said.startswith(_BEGINNINGS) else said
