"""Every format tells the same of a table: errors that are no blanks, what is hidden, days counted from 1904."""

import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from core.imports.formats import xlsx
from core.imports.sheets import FROM_1900, FROM_1904, Fault, HiddenColumns, Line, Merge, Unreadable
from tests.core.imports import files
from tests.core.imports.files import CASES, HEADERS, cell, person
from tests.core.imports.opening import book, rows, told

ERROR = Unreadable(Fault.ERROR)


def ods(path: Path, *tables: str, styles: str = "", settings: str = "") -> Path:
    namespaces = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text", "style")
    )
    content = (
        f'<?xml version="1.0"?><office:document-content{namespaces} xmlns:calcext="urn:org:documentfoundation:calc">'
        f"<office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{settings}{''.join(tables)}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
    return path


def ods_cell(text: str, more: str = "") -> str:
    return f'<table:table-cell office:value-type="string" {more}><text:p>{text}</text:p></table:table-cell>'


def xml2003(path: Path, *rows: str, after: str = "", before: str = "") -> Path:
    path.write_text(
        '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"'
        ' xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet" xmlns:x="urn:schemas-microsoft-com:office:excel">'
        f'{before}<Worksheet ss:Name="花名册"><Table>{"".join(rows)}</Table>{after}</Worksheet></Workbook>',
        encoding="utf-8",
    )
    return path


def xml_cell(text: str, kind: str = "String", more: str = "") -> str:
    return f'<Cell {more}><Data ss:Type="{kind}">{text}</Data></Cell>'


# Errors and formulas


def test_an_error_of_an_xlsx_is_no_blank() -> None:
    found = rows(CASES / "error_cells.xlsx")
    assert [row.index(ERROR) for row in found[1:6]] == [3, 5, 6, 7, 4]


def test_an_error_of_an_xls_is_no_blank() -> None:
    assert [row[3] for row in rows(CASES / "old_workbook.xls")] == ["救助类别", "城保", ERROR, "支贫"]


def test_an_error_of_an_ods_and_of_an_xml_spreadsheet_is_no_blank(tmp_path: Path) -> None:
    error = ods_cell("#N/A", 'calcext:value-type="error"')
    path = ods(
        tmp_path / "a.ods", f"<table:table><table:table-row>{ods_cell('甲')}{error}</table:table-row></table:table>"
    )
    assert rows(path) == [["甲", ERROR]]
    assert rows(xml2003(tmp_path / "a.xls", f"<Row>{xml_cell('甲')}{xml_cell('#N/A', 'Error')}</Row>")) == [
        ["甲", ERROR]
    ]


def test_a_formula_that_was_never_computed_is_no_blank(tmp_path: Path) -> None:
    uncomputed = Unreadable(Fault.UNCOMPUTED)
    data = (
        f'<sheetData><row r="1">{cell("A1", "甲")}<c r="B1"><f>VLOOKUP(A1,X,2)</f><v></v></c>'
        '<c r="C1"><f>NOW()</f></c><c r="D1" t="str"><f>""</f><v></v></c></row></sheetData>'
    )
    assert rows(files.package(tmp_path / "a.xlsx", data)) == [["甲", uncomputed, uncomputed]]
    formula = '<table:table-cell table:formula="of:=A1"/>'
    path = ods(
        tmp_path / "a.ods", f"<table:table><table:table-row>{ods_cell('甲')}{formula}</table:table-row></table:table>"
    )
    assert rows(path) == [["甲", uncomputed]]
    assert rows(xml2003(tmp_path / "a.xls", f'<Row>{xml_cell("甲")}<Cell ss:Formula="=A1"/></Row>')) == [
        ["甲", uncomputed]
    ]


# What is hidden


def test_hidden_rows_columns_and_sheets_of_an_xlsx_are_told(tmp_path: Path) -> None:
    def hide(name: str, page: Worksheet) -> None:
        page.set_row(1, None, None, {"hidden": True})
        page.set_column(2, 3, None, None, {"hidden": True})
        if name == "旧":
            page.hide()

    pages = {name: [HEADERS, person(1), person(2)] for name in ("新", "旧", "很旧")}
    found = book(files.sheets(tmp_path / "a.xlsx", pages, hide))
    assert [(sheet.name, sheet.hidden) for sheet in found.sheets] == [("新", False), ("旧", True), ("很旧", False)]
    parts = list(found.sheets[0].parts())
    assert [part.hidden for part in parts if isinstance(part, Line)] == [False, True, False]
    assert HiddenColumns(2, 3) in parts


def test_hidden_rows_columns_and_sheets_of_an_xls_are_told() -> None:
    found = book(CASES / "old_workbook.xls")
    assert [(sheet.name, sheet.hidden) for sheet in found.sheets] == [
        ("花名册", False),
        ("旧底册", True),
        ("合并", False),
    ]
    parts = list(found.sheets[0].parts())
    assert [part.hidden for part in parts if isinstance(part, Line)] == [False, False, False, True]
    assert HiddenColumns(5, 5) in parts
    assert Merge(2, 0, 3, 0) in list(found.sheets[2].parts())


def test_hidden_rows_columns_and_sheets_of_an_ods_are_told(tmp_path: Path) -> None:
    unseen = '<style:table-properties table:display="false"/>'
    style = f'<style:style style:name="ta1" style:family="table">{unseen}</style:style>'
    shown = f"<table:table-row>{ods_cell('甲')}</table:table-row>"
    hidden = f'<table:table-row table:visibility="filter">{ods_cell("乙")}</table:table-row>'
    column = '<table:table-column table:number-columns-repeated="2" table:visibility="collapse"/>'
    path = ods(
        tmp_path / "a.ods",
        f'<table:table table:name="新">{column}{shown}{hidden}</table:table>',
        f'<table:table table:name="旧" table:style-name="ta1">{shown}</table:table>',
        styles=style,
    )
    assert [(sheet.name, sheet.hidden) for sheet in book(path).sheets] == [("新", False), ("旧", True)]
    assert [(line.cells, line.hidden) for line in told(path)] == [(["甲"], False), (["乙"], True)]
    assert HiddenColumns(0, 1) in list(book(path).sheets[0].parts())
    assert rows(path, 1) == [["甲"]]


def test_hidden_rows_columns_and_sheets_of_an_xml_spreadsheet_are_told(tmp_path: Path) -> None:
    options = "<x:WorksheetOptions><x:Visible>SheetHidden</x:Visible></x:WorksheetOptions>"
    path = xml2003(
        tmp_path / "a.xls",
        '<Column ss:Index="2" ss:Hidden="1" ss:Span="1"/>',
        f"<Row>{xml_cell('甲')}</Row>",
        f'<Row ss:Index="4" ss:Hidden="1">{xml_cell("乙", more="ss:Index=" + chr(34) + "3" + chr(34))}</Row>',
        after=options,
    )
    [sheet] = book(path).sheets
    assert (sheet.name, sheet.hidden) == ("花名册", True)
    assert list(sheet.parts()) == [HiddenColumns(1, 2), Line(1, ["甲"]), Line(4, ["", "", "乙"], True)]


# Days


@pytest.mark.parametrize(("from_1904", "zero"), [(False, FROM_1900), (True, FROM_1904)])
def test_a_workbook_counts_its_days_from_1900_or_from_1904(tmp_path: Path, from_1904: bool, zero: date) -> None:
    path = files.sheets(tmp_path / "a.xlsx", {"一": [["甲", date(2026, 3, 2)]]}, date_1904=from_1904)
    [sheet] = book(path).sheets
    assert (rows(path), sheet.zero) == ([["甲", datetime(2026, 3, 2)]], zero)  # noqa: DTZ001  # as a spreadsheet has it


def test_an_xls_counts_its_days_from_1900_or_from_1904() -> None:
    assert rows(CASES / "old_workbook.xls")[1][4] == datetime(2024, 7, 1)  # noqa: DTZ001  # a cell knows no time zone
    assert rows(CASES / "old_workbook_1904.xls")[1][4] == datetime(2028, 7, 2)  # noqa: DTZ001  # a cell knows no time zone
    assert book(CASES / "old_workbook_1904.xls").sheets[0].zero == FROM_1904


def test_ods_and_xml_spreadsheets_say_their_day_zero(tmp_path: Path) -> None:
    null = '<table:calculation-settings><table:null-date table:date-value="1904-01-01"/></table:calculation-settings>'
    assert book(ods(tmp_path / "a.ods", "<table:table/>", settings=null)).sheets[0].zero == FROM_1904
    path = xml2003(tmp_path / "a.xls", before="<x:ExcelWorkbook><x:Date1904/></x:ExcelWorkbook>")
    assert book(path).sheets[0].zero == FROM_1904


@pytest.mark.parametrize(
    ("code", "shows"),
    [
        ("yyyy-mm-dd", True),
        ('yyyy"年"m"月"d"日";@', True),
        ("[$-804]yyyy\\-mm\\-dd", True),
        ("m/d/yy h:mm", True),
        ("[$-411]ge.m.d", True),
        ("General", False),
        ("0.00E+00", False),
        ("#,##0.00_);[Red](#,##0.00)", False),
        ('0"年度"', False),
        ("h:mm:ss", False),
        ("@", False),
    ],
)
def test_a_number_is_a_day_if_its_format_shows_one(code: str, shows: bool) -> None:
    assert xlsx.shows_day(code) is shows


# Values, places and texts


def test_the_values_of_an_xlsx_are_read_by_their_types(tmp_path: Path) -> None:
    data = (
        f'<sheetData><row r="2">{cell("B2", "甲_x000D_乙 &lt;&amp;")}'
        '<c r="D2"><v>3</v></c><c r="E2" t="b"><v>1</v></c><c r="F2" t="d"><v>2026-03-02T00:00:00</v></c>'
        '<c r="G2" t="str"><f>A1</f><v>公式</v></c>'
        '<c r="H2" t="inlineStr"><is><r><t>王</t></r><r><t>芳</t></r><rPh><t>ワン</t></rPh></is></c></row></sheetData>'
    )
    [row] = told(files.package(tmp_path / "a.xlsx", data))
    day = datetime(2026, 3, 2)  # noqa: DTZ001  # a cell knows no time zone
    assert row == Line(2, ["", "甲\r乙 <&", "", 3.0, True, day, "公式", "王芳"])


def test_cells_and_rows_without_references_stand_where_they_are_written(tmp_path: Path) -> None:
    data = "<sheetData><row><c><v>1</v></c><c><v>2</v></c></row><row><c/><c><v>3</v></c></row></sheetData>"
    assert told(files.package(tmp_path / "a.xlsx", data)) == [Line(1, [1.0, 2.0]), Line(2, ["", 3.0])]


def test_an_xlsx_of_another_writer_is_read_with_prefixes_and_other_slashes(tmp_path: Path) -> None:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    row = '<x:row r="1"><x:c r="A1"><x:v>1</x:v></x:c></x:row>'
    sheet = f'<x:worksheet xmlns:x="{main}"><x:sheetData>{row}</x:sheetData></x:worksheet>'
    path = files.package(tmp_path / "a.xlsx", "", parts={"xl/worksheets/sheet1.xml": sheet})
    with zipfile.ZipFile(path) as archive:
        parts = {entry.filename.replace("xl/", "xl\\"): archive.read(entry) for entry in archive.infolist()}
    with zipfile.ZipFile(tmp_path / "b.xlsx", "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert rows(path) == rows(tmp_path / "b.xlsx") == [[1.0]]


def test_a_chart_is_a_sheet_without_cells(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as made:
        made.add_worksheet("表").write(0, 0, "甲")
        chart = made.add_chart({"type": "pie"})
        chart.add_series({"values": "=表!$A$1"})
        made.add_chartsheet("图").set_chart(chart)
    assert book(tmp_path / "a.xlsx").charts == ("图",)


def test_repeated_cells_rows_spans_and_notes_of_an_ods_are_told_as_they_are_shown(tmp_path: Path) -> None:
    note = "<office:annotation><text:p>批注</text:p></office:annotation>"
    three = 'office:value-type="float" office:value="3" table:number-columns-repeated="2"'
    text = 'office:value-type="string" table:number-rows-spanned="2"'
    blank = "<table:table-cell table:number-columns-repeated="
    table = (
        '<table:table><table:table-row table:number-rows-repeated="2"/>'
        f'<table:table-row table:number-rows-repeated="2">{blank}"2"/>'
        f'<table:table-cell {three}>{note}</table:table-cell>{blank}"16000"/></table:table-row>'
        f'<table:table-row><table:table-cell {text}><text:p>一<text:s text:c="2"/>二</text:p><text:p>三</text:p>'
        '</table:table-cell><table:table-cell office:value-type="date" office:date-value="2026-03-02"/>'
        "</table:table-row>"
        f'<table:table-row table:number-rows-repeated="1048000">{blank}"16384"/></table:table-row></table:table>'
    )
    day = datetime(2026, 3, 2)  # noqa: DTZ001  # a cell knows no time zone
    path = ods(tmp_path / "a.ods", table)
    assert told(path) == [Line(3, ["", "", 3.0, 3.0]), Line(4, ["", "", 3.0, 3.0]), Line(5, ["一  二\n三", day])]
    assert Merge(5, 0, 6, 0) in list(book(path).sheets[0].parts())


def test_a_web_page_named_xls_is_read_as_a_spreadsheet_program_shows_it(tmp_path: Path) -> None:
    assert rows(CASES / "html_named.xls")[1] == ["网页一", "319999196402010711", "龙潭社区居委会", "城保", "2025-01-01"]
    page = (
        '<html><head><meta http-equiv=Content-Type content="text/html; charset=gb2312"></head><body>'
        "<table><tr><td colspan=3>花名册</table><p>x</p><table>"
        "<tr><th>姓名<th rowspan=2>所属<br>居委<th>电话"
        "<tr style='display:none'><td>甲&amp;<td>1<table><tr><td>内</td></tr></table></tr></table></body></html>"
    )
    (tmp_path / "a.xls").write_bytes(page.encode("gb18030"))
    assert told(tmp_path / "a.xls") == [
        Line(1, ["花名册", "", ""]),
        Line(2, ["姓名", "所属\n居委", "电话"]),
        Line(3, ["甲&", "", "1内"], True),
    ]
    assert Merge(2, 1, 3, 1) in list(book(tmp_path / "a.xls").sheets[0].parts())


def test_an_xml_spreadsheet_named_xls_is_read(tmp_path: Path) -> None:
    path = xml2003(
        tmp_path / "a.xls",
        f"<Row>{xml_cell('甲', more='ss:MergeAcross=' + chr(34) + '1' + chr(34))}{xml_cell('45474', 'Number')}</Row>",
        f"<Row>{xml_cell('2024-07-01T00:00:00.000', 'DateTime')}{xml_cell('1', 'Boolean')}</Row>",
    )
    day = datetime(2024, 7, 1)  # noqa: DTZ001  # a cell knows no time zone
    assert told(path) == [Line(1, ["甲", "", 45474.0]), Line(2, [day, True])]
