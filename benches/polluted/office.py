"""Pollutes the clean file as offices do with workbooks: XLSX files of minimal parts, made with the standard library alone.

`pollutions(rows)` yields the same `Polluted` as pollute.py does for text. Each is a workbook that a person reads without a doubt, or
one in which the touched records are wrong."""

import io
import zipfile
from xml.sax.saxutils import escape

from pollute import HEADER, Polluted

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
ERRORS = ["#REF!", "#DIV/0!", "#N/A", "#NAME?", "#VALUE!", "#NUM!", "#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!", "#CONNECT!"]


def letters(column):
    text = ""
    column += 1
    while column:
        column, digit = divmod(column - 1, 26)
        text = chr(65 + digit) + text
    return text


class C:
    """A cell: its value, its number format, its formula, or its markup as it is."""

    def __init__(self, value=None, form=None, formula=None, kind=None, raw=None):
        self.value, self.form, self.formula, self.kind, self.raw = value, form, formula, kind, raw


def cell_of(header, text):
    """A cell as a person types it: numbers are numbers, percentages have the format."""
    if header in ("current", "target") and text:
        return C(float(text[:-1]) / 100, "0%") if text.endswith("%") else C(float(text))
    return C(text) if text else C()


def grid(rows, header=HEADER):
    return [[C(one) for one in header]] + [[cell_of(name, text) for name, text in zip(HEADER, row)] for row in rows]


class Book:
    """A workbook of one sheet of interest; what is polluted is an attribute."""

    def __init__(self, cells):
        self.cells, self.merged, self.hidden_rows, self.hidden_columns = cells, [], set(), set()
        self.shared, self.prefix, self.numbered, self.addressed = False, "", True, True
        self.dimension, self.tail, self.before_data, self.workbook, self.state = None, "", "", "", ""
        self.before, self.after, self.parts, self.order, self.row_order = [], [], {}, None, None
        self.sheet_path, self.target, self.styled_to, self.name, self.calc = "xl/worksheets/sheet1.xml", "worksheets/sheet1.xml", 0, "Metrics", ""
        self.runs, self.between, self.book_properties = None, "", ""

    def text(self, value):
        if self.runs:
            return self.runs(value)
        return f'<{self.prefix}t xml:space="preserve">{escape(value)}</{self.prefix}t>'

    def sheet(self, cells, plain=False):
        x = self.prefix
        rows = []
        for at, row in enumerate(cells):
            made = []
            for column, one in enumerate(row):
                place = f' r="{letters(column)}{at + 1}"' if self.addressed or plain else ""
                if one.raw is not None:
                    made.append(one.raw.format(place=place))
                    continue
                style = f' s="{self.style(one.form)}"' if one.form else ""
                formula = f"<{x}f>{escape(one.formula)}</{x}f>" if one.formula is not None else ""
                value, kind = one.value, one.kind
                if value is None and not formula:
                    if not style and (self.addressed or plain):
                        continue
                    made.append(f"<{x}c{place}{style}/>")
                elif isinstance(value, bool):
                    made.append(f'<{x}c{place}{style} t="b">{formula}<{x}v>{int(value)}</{x}v></{x}c>')
                elif isinstance(value, (int, float)):
                    made.append(f"<{x}c{place}{style}>{formula}<{x}v>{value!r}</{x}v></{x}c>")
                elif value is None:
                    made.append(f"<{x}c{place}{style}>{formula}</{x}c>")
                elif kind or formula:
                    made.append(f'<{x}c{place}{style} t="{kind or "str"}">{formula}<{x}v>{escape(value)}</{x}v></{x}c>')
                elif self.shared and not plain:
                    made.append(f'<{x}c{place}{style} t="s"><{x}v>{self.string(value)}</{x}v></{x}c>')
                else:
                    made.append(f'<{x}c{place}{style} t="inlineStr"><{x}is>{self.text(value)}</{x}is></{x}c>')
            if self.order and not plain:
                made = self.order(made)
            hidden = ' hidden="1"' if at in self.hidden_rows and not plain else ""
            number = f' r="{at + 1}"' if self.numbered or plain else ""
            rows.append(f"<{x}row{number}{hidden}>{self.between.join(made)}</{x}row>")
        for at in range(len(cells), self.styled_to):
            rows.append(f'<{x}row r="{at + 1}"><{x}c r="A{at + 1}" s="0"/></{x}row>')
        if self.row_order and not plain:
            rows = self.row_order(rows)
        columns = "".join(f'<{x}col min="{at + 1}" max="{at + 1}" width="9" hidden="1"/>' for at in sorted(self.hidden_columns)) if not plain else ""
        merged = "".join(f'<{x}mergeCell ref="{one}"/>' for one in self.merged) if not plain else ""
        return (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<{x}worksheet xmlns{":" + x[:-1] if x else ""}="{MAIN}" xmlns:r="{OFFICE}">'
            + ("" if plain or self.dimension is None else self.dimension)
            + ("" if plain else self.before_data)
            + (f"<{x}cols>{columns}</{x}cols>" if columns else "")
            + f"<{x}sheetData>{self.between.join(rows)}</{x}sheetData>"
            + ("" if plain else self.tail.split("|")[0])
            + (f"<{x}mergeCells>{merged}</{x}mergeCells>" if merged else "")
            + ("" if plain else "".join(self.tail.split("|")[1:]))
            + f"</{x}worksheet>"
        )

    def style(self, form):
        if form not in self.forms:
            self.forms.append(form)
        return self.forms.index(form) + 1

    def string(self, value):
        if value not in self.strings:
            self.strings[value] = len(self.strings)
        return self.strings[value]

    def bytes(self):
        self.forms, self.strings = [], {}
        sheets = [*self.before, (self.name, None, self.state), *self.after]
        parts, names, relations = {}, [], []
        other = 10
        for number, (name, cells, state) in enumerate(sheets, 1):
            state = f' state="{state}"' if state else ""
            names.append(f'<sheet name="{escape(name)}" sheetId="{number}"{state} r:id="rId{number}"/>')
            if cells is None:
                parts[self.sheet_path], target = self.sheet(self.cells), self.target
            else:
                other += 1
                target = f"worksheets/sheet{other}.xml"
                parts["xl/" + target] = self.sheet(cells, plain=True)
            relations.append(f'<Relationship Id="rId{number}" Type="{OFFICE}/worksheet" Target="{target}"/>')
        if self.strings:
            items = "".join(f"<si>{self.text(value)}</si>" for value in self.strings)
            parts["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}" count="{len(self.strings)}" uniqueCount="{len(self.strings)}">{items}</sst>'
            relations.append(f'<Relationship Id="rIdS" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/>')
        forms = "".join(f'<numFmt numFmtId="{164 + at}" formatCode="{escape(form, {chr(34): "&quot;"})}"/>' for at, form in enumerate(self.forms))
        xfs = '<xf numFmtId="0"/>' + "".join(f'<xf numFmtId="{164 + at}" applyNumberFormat="1"/>' for at in range(len(self.forms)))
        parts["xl/styles.xml"] = f'<styleSheet xmlns="{MAIN}"><numFmts count="{len(self.forms)}">{forms}</numFmts><cellStyleXfs><xf numFmtId="0"/></cellStyleXfs><cellXfs>{xfs}</cellXfs></styleSheet>'
        relations.append(f'<Relationship Id="rIdF" Type="{OFFICE}/styles" Target="styles.xml"/>')
        parts["xl/workbook.xml"] = f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{self.book_properties}{self.workbook}<sheets>{"".join(names)}</sheets>{self.calc}</workbook>'
        parts["xl/_rels/workbook.xml.rels"] = f'<Relationships xmlns="{PACKAGE}">{"".join(relations)}</Relationships>'
        parts["_rels/.rels"] = f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        parts["[Content_Types].xml"] = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>'
        parts.update(self.parts)
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in parts.items():
                archive.writestr(name, text)
        return out.getvalue()


def pollutions(rows):
    everyone = {row[0] for row in rows}
    width = len(HEADER)
    last = letters(width - 1)
    functions = {"GV": "GOVERN", "ID": "IDENTIFY", "PR": "PROTECT", "DE": "DETECT", "RS": "RESPOND", "RC": "RECOVER"}
    column = HEADER.index

    def made(name, book, touched=(), instead=None, above=0):
        at = {row[0]: place + 2 + above for place, row in enumerate(rows)}
        return Polluted(f"xlsx_{name}", book.bytes(), set(touched), instead or {}, "xlsx", at)

    def plain(what, touched=(), instead=None, header=HEADER, **attributes):
        book = Book(grid(rows, header))
        for key, value in attributes.items():
            setattr(book, key, value)
        return made(what, book, touched, instead)

    def changed(name, changes, touched=None, instead=None, **attributes):
        """Some cells are others: (record, field, cell)."""
        book = Book(grid(rows))
        for record, what, one in changes:
            book.cells[record + 1][column(what)] = one
        for key, value in attributes.items():
            setattr(book, key, value)
        return made(name, book, {rows[record][0] for record, *_ in changes} if touched is None else touched, instead)

    # How texts are written.
    yield plain("typed")
    yield plain("shared_texts", shared=True)
    yield made("all_text", Book([[C(one) for one in row] for row in [HEADER, *rows]]))
    halves = lambda value: f"<r><t xml:space=\"preserve\">{escape(value[: len(value) // 2])}</t></r><r><rPr><b/></rPr><t xml:space=\"preserve\">{escape(value[len(value) // 2 :])}</t></r>"
    yield plain("runs", runs=halves)
    yield plain("runs_shared", runs=halves, shared=True)
    yield plain("phonetic", runs=lambda value: f"<t>{escape(value)}</t><rPh sb=\"0\" eb=\"1\"><t>kana</t></rPh><phoneticPr fontId=\"1\"/>", shared=True)
    yield plain("phonetic_inline", runs=lambda value: f"<t>{escape(value)}</t><rPh sb=\"0\" eb=\"1\"><t>kana</t></rPh>")
    yield plain("cdata", runs=lambda value: f"<t><![CDATA[{value}]]></t>")
    yield plain("escaped_line_ends", runs=lambda value: "<t>" + escape(value).replace("\n", "_x000D_\n") + "</t>")
    yield plain("prefixed_elements", prefix="x:")
    yield plain("white_space_between", between="\n  ")
    yield plain("remarks_in_markup", between="<!-- here -->")
    yield changed("names_by_formula", [(at, "name", C(row[1], formula="Lists!A1")) for at, row in enumerate(rows)], set())

    # Where things stand in the archive.
    yield plain("absolute_target", target="/xl/worksheets/sheet1.xml")
    yield plain("other_part_name", sheet_path="xl/worksheets/Tabelle1.xml", target="worksheets/Tabelle1.xml")
    yield plain("capital_part_name", sheet_path="xl/worksheets/SHEET1.XML")
    yield plain("backslashes", sheet_path="xl\\worksheets\\sheet1.xml")
    yield plain("mark_before_xml", parts={"xl/media/a.png": "x", "docProps/app.xml": "<Properties/>"})
    yield plain("macro", parts={"xl/vbaProject.bin": "x"})

    # The sheet says of itself what is not so.
    for what, text in [("one_cell", '<dimension ref="A1"/>'), ("full", '<dimension ref="A1:XFD1048576"/>'), ("empty", '<dimension ref=""/>'), ("no_ref", "<dimension/>"), ("absolute", '<dimension ref="$A$1:$J$9"/>'), ("row_zero", '<dimension ref="A0"/>')]:
        yield plain(f"dimension_{what}", dimension=text)
    yield plain("rows_without_numbers", numbered=False)
    yield plain("cells_without_places", numbered=False, addressed=False)
    yield plain("cells_reversed", order=lambda cells: cells[::-1])
    yield plain("rows_reversed", row_order=lambda made: made[::-1])
    yield plain("rows_mixed", row_order=lambda made: made[1::2] + made[::2])
    yield plain("blank_cells_to_row_3000", styled_to=3000)
    far = '<row r="1048576"><c r="A1048576" s="0"/></row>'
    yield plain("blank_cell_in_the_last_row", row_order=lambda made: [*made, far])

    # Titles, headers.
    for count in (1, 2, 4):
        titles = [[C(text)] for text in ["Cybersecurity metrics 2026", "Board report, confidential", "", "As of 31 January 2026"][:count]]
        book = Book(titles + grid(rows))
        book.merged = [f"A{at + 1}:{last}{at + 1}" for at in range(count)]
        yield made(f"title_merged_{count}", book, above=count)
    book = Book([[C("What")] + [C()] * 2 + [C("Values")] + [C()] * 3 + [C("Where")] + [C()] * 2] + grid(rows))
    book.merged = ["A1:C1", "D1:G1", f"H1:{last}1"]
    yield made("header_of_groups", book, above=1)
    book = Book(grid(rows))
    book.cells.insert(1, [C() for _ in HEADER])
    book.merged = [f"{letters(at)}1:{letters(at)}2" for at in range(width)]
    yield made("header_merged_down", book, above=1)
    two = [C(one.split("_")[0]) for one in HEADER]
    under = [C("_".join(one.split("_")[1:]) or None) for one in HEADER]
    yield made("header_in_two_rows", Book([two, under, *grid(rows)[1:]]), everyone, above=1)
    broken = ["Metric\nnumber", "Metric\nname", "Descrip-\ntion", "Current\nvalue", "Target\nvalue", "Unit", "Direc-\ntion", "Sub-\ncategory", "Prio-\nrity", "Owner"]
    yield plain("header_line_breaks", header=[one.replace("-\n", "") for one in broken])
    yield plain("header_hyphens", header=broken)
    yield plain("header_no_break_blanks", header=[one.replace("_", "\u00a0") for one in HEADER])
    yield plain("header_unseen", header=["\u200b" + one + "\ufeff" for one in HEADER])
    yield plain("header_upper", header=[one.upper().replace("_", " ") for one in HEADER])
    yield plain("header_colon", header=[one + ":" for one in HEADER])
    book = Book(grid(rows))
    for at in (60, 40, 20):
        book.cells.insert(at + 1, [C(one) for one in HEADER])
    yield made("header_each_20_rows", book)
    book = Book([[]] * 4 + [[C(), C()] + row for row in grid(rows)])
    yield made("table_at_c5", book, above=4)
    yield made("empty_columns", Book([[one for cell in row for one in (cell, C())] for row in grid(rows)]))

    # Rows that are no metrics.
    def grouped(of, after=True):
        cells, group = [grid(rows)[0]], None
        merged = []
        for row, made_row in [*zip(rows, grid(rows)[1:]), (None, None)]:
            function = row[7][:2] if row else None
            if group and function != group and after:
                cells.append(of(group))
            if not after and function and function != group:
                cells.append(of(function))
                merged.append(f"A{len(cells)}:{last}{len(cells)}")
            group = function
            if made_row:
                cells.append(made_row)
        book = Book(cells)
        return book, merged

    def summary(text, at=1):
        return lambda code: [C()] * at + [C(text.format(code=code, name=functions.get(code, code)))] + [C()] * (2 - at) + [C(61.2), C(80)]

    for turn, text in enumerate(["{name} ({code}) average", "Average {name}", "{name} total", "Subtotal", "Ø", "Mean of {code}", "Zwischensumme", "Result"]):
        yield made(f"average_after_each_function_{turn}", grouped(summary(text))[0])
    for turn, text in enumerate(["{name} ({code})", "{name}", "{code} - {name}"]):
        book, merged = grouped(lambda code, text=text: [C(text.format(code=code, name=functions.get(code, code)))], after=False)
        book.merged = merged
        yield made(f"heading_before_each_function_{turn}", book)
    yield made("blank_row_after_each_function", grouped(lambda code: [])[0])
    for turn, row in enumerate([["", "Total", "", 5000, 7000], ["", "Overall score", "", 71.5, 88.2], ["", "Count", "", 80], ["Average", "", "", 71.5, 88.2], ["", "Gesamtergebnis", "", 5000.0, 7000.0]]):
        yield made(f"last_row_{turn}", Book(grid(rows) + [[C(one) if one != "" else C() for one in row]]))
    legends = [
        [["Legend"], ["High", "must be seen by the board"], ["Medium", "quarterly"], ["Low", "yearly"]],
        [["Green", "target met"], ["Amber", "within 10 %"], ["Red", "more than 10 % off"]],
        [["person", "team", "phone"], ["Nora Lind", "Governance", 4711], ["Tomas Weber", "Risk", 4712]],
        [["Function", "Metrics", "Mean"], ["GOVERN", 12, 71.2], ["PROTECT", 30, 66.1]],
        [["Version", "Date", "Author", "Change"], ["1.0", "2026-01-31", "Ada", "first"], ["1.1", "2026-02-28", "Bob", "targets"]],
        [["Prepared by: the office"], ["Approved: ____________"]],
        [["* estimated"], ["Source: internal survey 2026"]],
        [["Page 1 of 1"]],
    ]
    for turn, legend in enumerate(legends):
        for gap in (1, 2) if turn < 4 else (1,):
            yield made(f"below_{turn}_{gap}", Book(grid(rows) + [[]] * gap + [[C(one) for one in row] for row in legend]))
    beside = Book(grid(rows))
    for at, row in enumerate([["Green", "target met"], ["Amber", "near"], ["Red", "missed"]]):
        beside.cells[at + 3] += [C(), C()] + [C(one) for one in row]
    yield made("legend_beside", beside)

    # Metric numbers.
    for what, form, shown in [("000", "000", "{:03}"), ("decimals", "0.00", "{}.00"), ("prefix", '"CTRL-"000', "CTRL-{:03}"), ("group", "\\K\\-0000", "K-{:04}")]:
        other = [[shown.format(at + 1), *row[1:]] for at, row in enumerate(rows)]
        book = Book(grid(rows))
        for at in range(len(rows)):
            book.cells[at + 1][0] = C(at + 1, form)
        polluted = made(f"number_format_{what}", book)
        polluted.instead = {row[0]: {"metric_number": new[0]} for row, new in zip(rows, other)}
        yield polluted
    yield changed("numbers_became_dates", [(at, "metric_number", C(46023 + at, "mmm\\-yy")) for at in (0, 1, 2)])
    yield changed("number_became_a_day", [(7, "metric_number", C(46031, "dd/mm/yyyy"))])
    yield changed("apostrophes", [(at, "metric_number", C("'" + rows[at][0])) for at in range(len(rows))], set())

    # Percentages and numbers.
    percent = [at for at, row in enumerate(rows) if row[5] == "%"]

    def share(at, what):
        text = rows[at][column(what)].rstrip("%")
        return float(text) / 100 if text else None

    both = [(at, what) for at in percent for what in ("current", "target") if share(at, what) is not None]
    yield changed("percent_format", [(at, what, C(share(at, what), "0%")) for at, what in both], set())
    yield changed("percent_format_decimals", [(at, what, C(share(at, what), "[Red]0.0 %;-0.0 %")) for at, what in both], set())
    yield changed("percent_sign_only_shown", [(at, what, C(share(at, what) * 100, '0"%"')) for at, what in both], set())
    yield changed("percent_all_fractions", [(at, what, C(share(at, what))) for at, what in both], {rows[at][0] for at in percent})
    yield changed("percent_half_fractions", [(at, what, C(share(at, what))) for turn, (at, what) in enumerate(both) if turn % 4 < 2], {rows[at][0] for at in percent})
    yield changed("percent_current_fractions", [(at, what, C(share(at, what))) for at, what in both if what == "current"], {rows[at][0] for at in percent})
    yield changed("percent_as_text", [(at, what, C(f"{share(at, what) * 100:g} %")) for at, what in both], set())
    filled = [(at, "current") for at, row in enumerate(rows) if row[3]]
    value = lambda at: float(rows[at][3].rstrip("%")) / (100 if rows[at][3].endswith("%") else 1)
    form = lambda at: "0%" if rows[at][3].endswith("%") else None
    yield changed("number_as_text_marked", [(at, what, C(rows[at][3])) for at, what in filled], set())
    yield changed("number_with_blanks", [(at, what, C(f" {rows[at][3]}\u00a0")) for at, what in filled], set())
    yield changed("formats_of_money", [(at, what, C(value(at), form(at) or '_-* #,##0.00_-;-* #,##0.00_-;_-* "-"??_-;_-@_-')) for at, what in filled], set())
    yield changed("formats_in_thousands", [(at, what, C(value(at), form(at) or '0.0,"K"')) for at, what in filled], {rows[at][0] for at, _ in filled})
    hours = [at for at, row in enumerate(rows) if row[5] == "hours"]
    times = [(at, what) for at in hours for what in ("current", "target") if rows[at][column(what)]]
    for what, code in [("h", "[h]:mm"), ("hhmmss", "[hh]:mm:ss"), ("clock", "h:mm")]:
        yield changed(f"duration_{what}", [(at, field, C(float(rows[at][column(field)]) / 24, code)) for at, field in times], {rows[at][0] for at in hours})
    others = [at for at in range(len(rows)) if rows[at][5] not in ("hours", "days")]
    yield changed("duration_under_other_units", [(at, "current", C(1.5, "[h]:mm")) for at in others[:3]])
    yield changed("value_is_a_day", [(at, "current", C(46031, "yyyy-mm-dd")) for at in (3, 33)])
    yield changed("value_is_a_day_1904", [(at, "current", C(44569, "yyyy-mm-dd")) for at in (3, 33)], book_properties='<workbookPr date1904="1"/>')
    yield plain("counted_from_1904", book_properties='<workbookPr date1904="1"/>')
    yield changed("truths_under_percent", [(at, "current", C(True)) for at in percent[:2]])

    # Formulas, errors.
    calculate = '<calcPr calcId="191029" fullCalcOnLoad="1"/>'
    formulas = lambda result: [(at, what, C(result(at), form(at), formula=f"SUM(A{at},B{at})")) for at, what in filled]
    yield changed("formulas", formulas(value), set())
    zeros = {rows[at][0] for at, _ in filled if value(at) == 0}
    yield changed("formulas_of_a_program", formulas(value), zeros, calc=calculate)
    yield changed("formulas_never_calculated", formulas(lambda at: 0), calc=calculate)
    yield changed("formulas_without_result", formulas(lambda at: None))
    yield changed("formulas_with_empty_result", [(at, what, C(raw='<c{place}><f>1</f><v></v></c>')) for at, what in filled])
    yield changed("formulas_of_text", [(at, what, C(rows[at][3], formula="A1", kind="str")) for at, what in filled], set())
    for turn, error in enumerate(ERRORS):
        yield changed(f"error_{turn}", [(turn * 5, "current", C(error, kind="e"))])
        if turn % 3 == 0:
            yield changed(f"error_by_formula_{turn}", [(turn * 5 + 1, "target", C(error, kind="e", formula="NOW()"))])
    outside = Book(grid(rows))
    for at, error in enumerate(ERRORS):
        outside.cells[at + 1] += [C(), C(error, kind="e")]
    yield made("errors_outside", outside)

    # What is hidden, merged, protected or beside.
    yield plain("hidden_rows", hidden_rows={5, 6, 40})
    yield plain("filtered_rows", hidden_rows=set(range(10, 60)), tail=f'<autoFilter ref="A1:{last}81"><filterColumn colId="5"><filters><filter val="%"/></filters></filterColumn></autoFilter>|')
    yield plain("hidden_owner", hidden_columns={9})
    yield plain("hidden_columns", hidden_columns={2, 5, 9})
    old = Book([[*row[:5], C("target") if at == 0 else C(1), *row[5:]] for at, row in enumerate(grid(rows))])
    old.hidden_columns = {5}
    yield made("hidden_old_target", old, everyone)
    cover = [[C("Cybersecurity metrics")], [], [C("Author"), C("the office")], [C("Version"), C("1.2")]]
    lists = [[C("Priority"), C("Unit")], [C("High"), C("%")], [C("Medium"), C("days")], [C("Low"), C("count")]]
    yield plain("cover_first", before=[("Cover", cover, "")])
    yield plain("lists_first", before=[("Lists", lists, "")])
    yield plain("hidden_sheet_first", before=[("Old", grid(rows[:20]), "hidden")])
    yield plain("very_hidden_sheet_first", before=[("Old", grid(rows[:20]), "veryHidden")])
    yield plain("empty_sheets", before=[("Sheet1", [], "")], after=[("Sheet3", [], "")])
    yield plain("other_metrics_sheet", touched=everyone, after=[("Last year", grid(rows[:60]), "")])
    for what, at in [("function", 7), ("priority", 8), ("owner", 9), ("unit", 5)]:
        book = Book(grid(rows))
        start = 0
        for end in range(1, len(rows) + 1):
            if end == len(rows) or rows[end][at] != rows[start][at]:
                if end - start > 1 and rows[start][at]:
                    book.merged.append(f"{letters(at)}{start + 2}:{letters(at)}{end + 1}")
                    for one in range(start + 1, end):
                        book.cells[one + 1][at] = C()
                start = end
        yield made(f"merged_{what}", book)
    wide = Book([[*row[:2], C(), *row[2:]] for row in grid(rows)])
    wide.merged = [f"B{at + 1}:C{at + 1}" for at in range(len(rows) + 1)]
    yield made("merged_names_across", wide)
    yield plain("protected", tail='<sheetProtection password="CC1A" sheet="1" objects="1"/>|')
    yield plain("panes_and_filters", before_data='<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" state="frozen"/></sheetView></sheetViews>', tail=f'<autoFilter ref="A1:{last}81"/>|<dataValidations count="1"><dataValidation type="list" sqref="I2:I81"><formula1>"High,Medium,Low"</formula1></dataValidation></dataValidations><hyperlinks><hyperlink ref="A2" location="Metrics!A1"/></hyperlinks>')
    remarks = f'<comments xmlns="{MAIN}"><authors><author>Ada</author></authors><commentList><comment ref="D3" authorId="0"><text><t>was 12, see mail</t></text></comment></commentList></comments>'
    yield plain("remarks", parts={"xl/comments1.xml": remarks, "xl/worksheets/_rels/sheet1.xml.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{OFFICE}/comments" Target="../comments1.xml"/></Relationships>'})
    table = f'<table xmlns="{MAIN}" id="1" name="T1" displayName="Metrics_2026" ref="A1:{last}81"/>'
    yield plain("named_table", parts={"xl/tables/table1.xml": table, "xl/worksheets/_rels/sheet1.xml.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{OFFICE}/table" Target="../tables/table1.xml"/></Relationships>'}, tail='|<tableParts count="1"><tablePart r:id="rId1"/></tableParts>')
    yield plain("sheet_name_odd", name="Metrics & 'goals' <2026>")
    waiting = ["n/a", "tbd", "-", "N/A", "pending"]
    yield changed("waiting", [(at, "current", C(word)) for at, word in enumerate(waiting)], instead={rows[at][0]: {"current": ""} for at in range(len(waiting))})
