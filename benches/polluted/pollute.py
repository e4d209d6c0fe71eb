"""Pollutes a clean file of 80 metrics, one fault a file: the faults of "Pollock: A Data Loading Benchmark" (PVLDB 16, 2023) at the
levels of file, row and cell, and those that offices make.

`pollutions()` yields `Polluted`: the bytes of a file, and the metrics whose records the fault touches. Those may be kept out, if they
are named; all others must be stored as they were in the clean file, or the file be refused."""

import csv
import io
import pathlib
import random
from dataclasses import dataclass, field

HEADER = ["metric_number", "name", "description", "current", "target", "unit", "direction", "function", "priority", "owner"]
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DIRECTIONS = {"Higher is better": "higher_is_better", "Lower is better": "lower_is_better"}


def clean():
    """The 80 records, as a person would have typed them: names and targets of the starter catalog."""
    rows = []
    with open(ROOT / "fixtures/catalogs/starter-csf-2.0.csv", encoding="utf-8-sig", newline="") as file:
        for at, row in enumerate(csv.DictReader(file)):
            if row["Direction"] not in DIRECTIONS or row["Unit"] not in ("%", "count", "days", "hours"):
                continue
            sign = "%" if row["Unit"] == "%" and at % 3 == 0 else ""
            description = "" if at % 7 == 3 else row["Description"]
            if at % 11 == 5:
                description = description.replace(", ", ",\n", 1)
            rows.append(
                [
                    row["Metric ID"], row["Metric Name"], description, row["Current Value"] + sign * bool(row["Current Value"]), row["Target"] + sign * bool(row["Target"]),
                    row["Unit"], DIRECTIONS[row["Direction"]], row["Subcategory"], row["Priority"],
                    ["Ada Lovelace", "Legal, Compliance", "", "Board office"][at % 4],
                ]
            )
    return rows[:80]


@dataclass
class Polluted:
    name: str
    data: bytes
    # The numbers of the metrics whose records are touched.
    touched: set = field(default_factory=set)
    # What a metric is where the fault is read as a person would: number -> {field: value}.
    instead: dict = field(default_factory=dict)
    ending: str = "csv"
    # Where the record of a metric stands, in workbooks: number -> row.
    at: dict = field(default_factory=dict)


def quoted(cell, delimiter=",", quote='"', always=False):
    if always or any(c in cell for c in (delimiter, quote, "\n", "\r")):
        return quote + cell.replace(quote, quote * 2) + quote
    return cell


def line(cells, delimiter=",", quote='"', always=False):
    return delimiter.join(quoted(cell, delimiter, quote, always) for cell in cells)


def text(rows, delimiter=",", quote='"', end="\n", header=HEADER, always=False):
    return "".join(line(row, delimiter, quote, always) + end for row in [header, *rows])


def joined(lines, end="\n"):
    return "".join(one + end for one in lines)


def of_file(rows):
    """One choice for the whole file that is not the usual one."""
    plain = text(rows)
    everyone = {row[0] for row in rows}
    for mark, what in [(";", "semicolon"), ("\t", "tab"), ("|", "pipe"), (":", "colon"), ("^", "caret"), ("~", "tilde"), (", ", "comma_space"), ("; ", "semicolon_space"), ("||", "two_pipes"), (" ", "space")]:
        yield Polluted(f"file_delimiter_{what}", text(rows, mark).encode(), everyone if what in ("colon", "space", "two_pipes") else set())
    for mark, what in [("'", "single"), ("`", "backtick"), ("\u201c", "curly")]:
        yield Polluted(f"file_quote_{what}", text(rows, quote=mark).encode(), everyone)
    yield Polluted("file_all_quoted", text(rows, always=True).encode())
    yield Polluted("file_escape_backslash", text(rows).replace('""', '\\"').encode())
    for end, what in [("\r\n", "crlf"), ("\r", "cr"), ("\n\r", "lfcr"), ("\n\n", "double")]:
        yield Polluted(f"file_record_end_{what}", text(rows, end=end).encode())
    accented = [[*row] for row in rows]
    for at, word in [(1, "Müller"), (4, "Größe"), (9, "Señor"), (20, "élève")]:
        accented[at][9] = word
    for encoding in ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1", "iso8859-15", "cp850", "mac-roman"]:
        touched = {accented[at][0] for at in (1, 4, 9, 20)}
        instead = {accented[at][0]: {"owner": accented[at][9]} for at in (1, 4, 9, 20)}
        yield Polluted(f"file_encoding_{encoding}", text(accented).encode(encoding), touched if encoding in ("cp850", "mac-roman") else set(), instead)
    for encoding, word in [("cp1250", "Žižka Řehoř"), ("cp1251", "Иван Петров"), ("shift-jis", "山田太郎"), ("gbk", "王小明的"), ("koi8-r", "Иван Петров"), ("cp1253", "Γιώργος"), ("euc-kr", "김철수")]:
        worded = [[*row] for row in rows]
        for row in worded[:30]:
            row[9] = word
        numbers = {row[0] for row in worded[:30]}
        yield Polluted(f"file_encoding_{encoding}", text(worded).encode(encoding), numbers, {number: {"owner": word} for number in numbers})
    for at in (0, 1, 40, 79):
        worded = [[*row] for row in rows]
        worded[at][9] = "Zoë Brontë"
        data = text(worded).encode().replace("Zoë Brontë".encode(), "Zoë Brontë".encode("cp1252"))
        data = data.replace(rows[5][1].encode(), (rows[5][1] + " – Größe").encode(), 1)
        yield Polluted(f"file_encoding_mixed_{at}", data, {rows[at][0], rows[5][0]}, {rows[at][0]: {"owner": "Zoë Brontë"}, rows[5][0]: {"name": rows[5][1] + " – Größe"}})
    yield Polluted("file_no_payload", b"", everyone)
    yield Polluted("file_header_only", (line(HEADER) + "\n").encode(), everyone)
    yield Polluted("file_no_header", joined(map(line, rows)).encode(), everyone)
    yield Polluted("file_header_twice", (line(HEADER) + "\n" + plain).encode())
    yield Polluted("file_header_repeated_each_20", joined([line(HEADER)] + [one for at, row in enumerate(rows) for one in ([line(HEADER)] if at and at % 20 == 0 else []) + [line(row)]]).encode())
    yield Polluted("file_header_two_rows", ("," * 2 + "Text,Values,,,,Where,,\n" + plain).encode())
    yield Polluted("file_header_upper", text(rows, header=[one.upper() for one in HEADER]).encode())
    yield Polluted("file_header_spaces", text(rows, header=[f"  {one} " for one in HEADER]).encode())
    yield Polluted("file_header_units", text(rows, header=[*HEADER[:3], "current (value)", *HEADER[4:]]).encode(), everyone)
    yield Polluted("file_header_open_quote", plain.replace("name,", '"name,', 1).encode(), everyone)
    yield Polluted("file_header_without_end", plain.replace("\n", ",", 1).encode(), {rows[0][0]} | everyone)
    for column in range(len(HEADER)):
        names = [*HEADER]
        names[column] = ""
        yield Polluted(f"file_header_empty_{column}", text(rows, header=names).encode(), everyone)
        names[column] = HEADER[(column + 1) % len(HEADER)]
        yield Polluted(f"file_header_double_{column}", text(rows, header=names).encode(), everyone)
    for count in (1, 2, 3, 5, 10):
        notes = ["Metrics of the year", "made by the office", "confidential", "", "version 3", "as of today", "see the intranet", "draft", "unit: see below", ""]
        yield Polluted(f"file_preamble_{count}", (joined(notes[:count]) + plain).encode())
        yield Polluted(f"file_preamble_commas_{count}", (joined([f"{note},,,,,,,,," for note in notes[:count]]) + plain).encode())
        feet = ["Source: internal, all rights reserved", "Legend: High, Medium, Low", "End of the list", "Page 1 of 1", "* estimated", "Contact: the office, room 5", "", "n = 80", "checked, signed", "--"]
        yield Polluted(f"file_footnote_{count}", (plain + joined(feet[:count])).encode())
        yield Polluted(f"file_footnote_after_blank_{count}", (plain + "\n" + joined(feet[:count])).encode())
    yield Polluted("file_second_table", (plain + "\n\nperson,room,phone\nAda,12,555-1\nBob,13,555-2\n").encode())
    yield Polluted("file_second_table_wide", (plain + "\n" + line(["quarter", "green", "amber", "red"]) + "\n" + joined([f"Q{n},{n},{n + 1},{n + 2}" for n in range(1, 5)])).encode())
    for count in (1, 2, 20):
        yield Polluted(f"file_trailing_lines_{count}", (plain + "\n" * count).encode())
    yield Polluted("file_no_last_end", plain.rstrip("\n").encode())
    yield Polluted("file_sep_line", ("sep=,\n" + plain).encode())
    yield Polluted("file_sep_line_semicolon", ("sep=;\n" + text(rows, ";")).encode())
    yield Polluted("file_records_end_with_delimiter", joined([line(row) + "," for row in [HEADER, *rows]]).encode())
    yield Polluted("file_records_end_with_semicolon", joined([line(row) + ";" for row in [HEADER, *rows]]).encode(), everyone)
    yield Polluted("file_blank_between", joined([one for row in [HEADER, *rows] for one in (line(row), "")]).encode())
    yield Polluted("file_empty_columns", text([["", *row[:4], "", *row[4:]] for row in rows], header=["", *HEADER[:4], "", *HEADER[4:]]).encode())
    yield Polluted("file_bom_inside", plain.replace(rows[40][0], "\ufeff" + rows[40][0], 1).encode(), {rows[40][0]}, {rows[40][0]: {}})
    yield Polluted("file_two_boms", ("\ufeff\ufeff" + plain).encode())
    yield Polluted("file_nul", plain.replace(rows[40][1], rows[40][1] + "\0", 1).encode(), {rows[40][0]}, {rows[40][0]: {}})
    comma = [[*row[:3], row[3].replace(".", ","), row[4].replace(".", ","), *row[5:]] for row in rows]
    yield Polluted("file_decimal_comma_semicolon", text(comma, ";").encode())
    yield Polluted("file_decimal_comma_quoted", text(comma).encode())
    yield Polluted("file_space_before_quote", text(rows).replace(',"', ', "').encode())
    for share in (0.3, 0.6, 0.9, 0.999):
        cut = plain.encode()[: int(len(plain.encode()) * share)]
        whole = {row[0] for row in rows if (line(row) + "\n").encode() in cut}
        yield Polluted(f"file_cut_{share}", cut, everyone - whole)
    order = list(range(10))
    for turn in range(10):
        random.Random(turn).shuffle(order)
        yield Polluted(f"file_columns_shuffled_{turn}", text([[row[at] for at in order] for row in rows], header=[HEADER[at] for at in order]).encode())
    for turn in range(5):
        mixed = [*rows]
        random.Random(turn).shuffle(mixed)
        yield Polluted(f"file_rows_shuffled_{turn}", text(mixed).encode())


def of_row(rows):
    """One record written in another way than the others."""
    lines = [line(row) for row in [HEADER, *rows]]

    def changed(name, at, new, touched=None):
        return Polluted(name, joined([*lines[:at], new, *lines[at + 1 :]]).encode(), touched or {rows[at - 1][0]})

    for at in range(1, 81):
        row = rows[at - 1]
        cells = [quoted(cell) for cell in row]
        following = {one[0] for one in rows[at - 1 : at + 3]}
        for column in {(at * 3) % 10, (at * 7 + 1) % 10, (at + 5) % 10}:
            with_quote = [*cells]
            half = len(row[column]) // 2
            with_quote[column] = row[column][:half] + '"' + row[column][half:] if not cells[column].startswith('"') else '"' + row[column][:half] + '"' + row[column][half:] + '"'
            yield changed(f"row_extra_quote{at}_col{column}", at, ",".join(with_quote), following)
            opened = [*cells]
            opened[column] = '"' + row[column]
            yield changed(f"row_open_quote{at}_col{column}", at, ",".join(opened), following)
            yield changed(f"row_more_sep_row{at}_col{column}", at, ",".join([*cells[:column], "", *cells[column:]]))
            yield changed(f"row_less_sep_row{at}_col{column}", at, ",".join([*cells[:column], *([cells[column] + cells[column + 1]] if column < 9 else [cells[column]]), *cells[column + 2 :]]))
        for mark, code in [(";", "0x3B"), ("\t", "0x9"), ("|", "0x7C"), (" ", "0x20")][at % 4 : at % 4 + 2] or [(";", "0x3B")]:
            yield changed(f"row_field_delimiter_{at}_{code}", at, line(row, mark))
        yield changed(f"row_quote_single_{at}", at, line(row, quote="'", always=True))
        if at % 4 == 0:
            yield changed(f"row_short_{at}", at, ",".join(cells[: 3 + at % 6]))
            yield changed(f"row_long_{at}", at, lines[at] + ",extra,cells")
            yield changed(f"row_cr_{at}", at, lines[at].replace("\n", " ") + "\r", {row[0]})
            yield changed(f"row_blank_before_{at}", at, "\n" + lines[at], {row[0]})
            yield changed(f"row_commented_{at}", at, "# " + lines[at])
            yield changed(f"row_all_quoted_{at}", at, line(row, always=True))
            yield changed(f"row_twice_{at}", at, lines[at] + "\n" + lines[at])
            yield changed(f"row_in_one_cell_{at}", at, quoted(lines[at], always=True))
        if at % 20 == 0:
            yield changed(f"row_joined_{at}", at, lines[at] + ("," + lines[at + 1] if at < 80 else ""), following)


def of_cell(rows):
    """One cell that is not what its column holds, or looks like another one."""

    def as_read(value, column, at):
        """What a person would read, where that is beyond doubt."""
        known = {"３": "3", "<5": "5", "PR.AA_01": "PR.AA-01", "PR AA 01": "PR.AA-01", "Urgent": "High", "up": "higher_is_better", "asc": "higher_is_better"}
        if value == "0.88" and rows[at][5] != "%":
            return value
        return known.get(value)

    def changed(name, at, column, value, right=None):
        right = as_read(value, column, at) if right is None else right
        new = [[*row] for row in rows]
        new[at][column] = value
        number = rows[at][0]
        instead = {} if right is None else {number: {HEADER[column]: right}}
        return Polluted(name, text(new).encode(), {number, value}, instead)

    numbers = ["4 bananas", "4O", "l5", "12..5", "1,2,3", "--5", "5-", "n/a 5", "approx. 12", "12 or 13", "twelve", "1 2", "0x1F", "1e400", "NaN", "inf", "#REF!", "#DIV/0!", "#SPILL!", "=A1", "USD 412", "5 %%", "5 kg", "5,", ".", "1_000", "３", "5*", "<5", "5/0", "TRUE", "2026-01-31", "12:30"]
    for turn, value in enumerate(numbers):
        for at in (turn, 79 - turn):
            yield changed(f"cell_current_{turn}_{at}", at, 3, value)
            yield changed(f"cell_target_{turn}_{at}", at, 4, value)
    codes = ["PR.DS-O1", "PR.PS-l2", "not PR.AT-01", "n/a for PR.PS-02", "PR.ZZ-01", "PR.AA-99", "XX", "PR.AA_01", "PR AA 01", "PR.AA-01?", "GV.OC-01 or GV.OC-02", "ID.AM-1O", "see below", "PR.AA-01x", "todo"]
    for turn, value in enumerate(codes):
        for at in (3 * turn, 79 - 2 * turn):
            yield changed(f"cell_code_{turn}_{at}", at, 7, value)
    words = [("direction", 6, ["up", "better", "?", "higher is worse", "lower_is_bettter", "x", "-1", "asc"]), ("priority", 8, ["Urgent", "Mid-high", "7", "Hgih", "?", "A+"]), ("unit", 5, ["bananas", "#REF!", "?"])]
    for what, column, values in words:
        for turn, value in enumerate(values):
            for at in (5 * turn, 77 - 3 * turn):
                yield changed(f"cell_{what}_{turn}_{at}", at, column, value)
    texts = [(" {} ", None), ("\u00a0{}", None), ("{}\u200b", None), ("'{}", None), ('="{}"', None), ("\t{}", None)]
    for turn, (form, _) in enumerate(texts):
        for at in (turn, 40 + turn):
            for column in (0, 3, 7):
                original = rows[at][column]
                one = changed(f"cell_dressed_{turn}_{at}_{column}", at, column, form.format(original))
                one.instead = {rows[at][0]: {}}
                yield one
    for at in range(0, 80, 8):
        yield changed(f"cell_number_empty_{at}", at, 0, "")
        yield changed(f"cell_name_empty_{at}", at, 1, "")
        yield changed(f"cell_name_long_{at}", at, 1, "x" * 300)
        yield changed(f"cell_number_long_{at}", at, 0, "M-" + "9" * 40)
        yield changed(f"cell_number_of_another_{at}", at, 0, rows[(at + 1) % 80][0])
        yield changed(f"cell_fraction_{at}", at, 3, "0.88")
        yield changed(f"cell_html_{at}", at, 1, f"<b>{rows[at][1]}</b>", f"<b>{rows[at][1]}</b>")
        yield changed(f"cell_formula_{at}", at, 1, "=1+1")


def summaries(rows):
    """Rows that are no metrics among those that are."""
    lines = [line(row) for row in [HEADER, *rows]]
    between = [
        ["", "Total", "", "80", "100", "", "", "", "", ""],
        ["", "Average", "", "71.5", "88.2", "", "", "", "", ""],
        ["", "PROTECT average", "", "71.5", "88.2", "%", "", "", "", ""],
        ["", "Overall score", "", "71.5", "", "%", "", "", "", ""],
        ["", "Gesamtergebnis", "", "5720", "7056", "", "", "", "", ""],
        ["", "Count", "", "80", "", "", "", "", "", ""],
        ["", "Min", "", "1", "2", "", "", "", "", ""],
        ["", "Max", "", "100", "100", "", "", "", "", ""],
        ["", "Ø", "", "71,5", "88,2", "", "", "", "", ""],
        ["Total", "", "", "80", "100", "", "", "", "", ""],
        ["PROTECT", "", "", "", "", "", "", "", "", ""],
        ["", "PROTECT (PR)", "", "", "", "", "", "", "", ""],
        ["", "Legend", "High: at once", "", "", "", "", "", "", ""],
        ["", "Source: internal survey", "", "", "", "", "", "", "", ""],
        ["text", "text", "text", "number", "number", "text", "enum", "code", "enum", "text"],
        ["unique id of the metric", "short name", "what is measured", "value today", "value wanted", "unit of both", "which way", "code of the framework", "weight", "who answers"],
        ["e.g. M-001", "Example metric", "an example", "50", "90", "%", "higher_is_better", "PR.AA-01", "High", "you"],
        ["Page 1 of 3", "", "", "", "", "", "", "", "", ""],
        ["-----", "-----", "-----", "-----", "-----", "-----", "-----", "-----", "-----", "-----"],
    ]
    for turn, cells in enumerate(between):
        for at in ([1] if 14 <= turn <= 16 else [11, 41, 81] if turn != 17 else [30, 81]):
            yield Polluted(f"between_{turn}_{at}", joined([*lines[:at], line(cells), *lines[at:]]).encode(), {cells[0], cells[1]})


def pollutions():
    rows = clean()
    for part in (of_file, of_row, of_cell, summaries):
        yield from part(rows)
