"""Tables as workbooks: every cell a text, so that no program changes a number into another one or runs a formula."""

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Final

import xlsxwriter

from core import spreadsheets
from core.spreadsheets import neutral

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WIDEST: Final = 40
_NARROWEST: Final = 8
_LAST_ROW: Final = 1_048_575


def write(sheet_name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A workbook with one table; None is an empty cell."""
    made = BytesIO()
    with xlsxwriter.Workbook(made, {**spreadsheets.AS_TEXT, "in_memory": True}) as workbook:
        text = workbook.add_format({"num_format": "@", "border": 1})
        heading = workbook.add_format({"num_format": "@", "border": 1, "bold": True, "bg_color": "#EEEEEE"})
        sheet = workbook.add_worksheet(sheet_name)
        sheet.freeze_panes(1, 0)
        widths = [_width(title) for title in header]
        for column, title in enumerate(header):
            sheet.write_string(0, column, title, heading)
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                said = "" if value is None else neutral(str(value))
                sheet.write_string(number, column, said, text)
                widths[column] = max(widths[column], _width(said))
        for column, width in enumerate(widths):
            sheet.set_column(column, column, min(max(width, _NARROWEST), _WIDEST))
        # That a number stands as text is meant.
        sheet.ignore_errors({"number_stored_as_text": f"A1:{_column_name(len(header))}{_LAST_ROW}"})
    return made.getvalue()


def _width(said: str) -> int:
    """About how wide a text is: a Chinese character as wide as two digits."""
    return 2 + sum(1 if character.isascii() else 2 for character in said)


def _column_name(number: int) -> str:
    name: str = xlsxwriter.utility.xl_col_to_name(number - 1)
    return name
