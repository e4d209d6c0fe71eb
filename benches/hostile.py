"""The files that `benches/hostile.sh` imports: large ones as people have them, and ones made to need the most memory that the
limits let through. `hostile.py FOLDER [NAME ...]` writes them, each at most 50 MB."""

import json
import random
import struct
import sys
import zipfile

MOST = 50_000_000
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SEPARATORS = [";", "| ", "((", "[](){}", "PR.", "PR.AA-01;", "PR.AA-01 / ", "PR (", "a-", "1 ", "\u00e9;", "GOVERN 1.1: ", "-; "]
HEAD = ["metric_id", "name", "target", "unit", "function"]
noise = random.Random(1)


def text(size):
    """Text that does not pack well."""
    return noise.randbytes(size // 2).hex()


def row(number):
    return [f"M-{number}", f"Metric number {number}", str(number % 100), "%", "PR"]


# --- XLSX -----------------------------------------------------------------------------------------------------------------


def letters(column):
    name = ""
    column += 1
    while column:
        column, digit = divmod(column - 1, 26)
        name = chr(65 + digit) + name
    return name


def xlsx_row(number, cells):
    inside = "".join(
        f'<c r="{letters(at)}{number}"><v>{cell}</v></c>'
        if cell.isdigit()
        else f'<c r="{letters(at)}{number}" t="inlineStr"><is><t>{cell}</t></is></c>'
        for at, cell in enumerate(cells)
    )
    return f'<row r="{number}">{inside}</row>'


def archive(path, parts):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
        for name, pieces in parts:
            with out.open(name, "w", force_zip64=True) as part:
                for piece in [pieces] if isinstance(pieces, (str, bytes)) else pieces:
                    part.write(piece.encode() if isinstance(piece, str) else piece)


def relations(what, target):
    return f'<Relationships><Relationship Id="rId1" Type="{RELATIONS}/{what}" Target="{target}"/></Relationships>'


def xlsx(path, rows, more=(), far=""):
    def sheet():
        yield "<worksheet><sheetData>"
        for number, cells in enumerate(rows, 1):
            yield xlsx_row(number, cells)
        yield far + "</sheetData></worksheet>"

    archive(
        path,
        [
            ("_rels/.rels", relations("officeDocument", "xl/workbook.xml")),
            ("xl/workbook.xml", '<workbook><sheets><sheet name="Metrics" sheetId="1" r:id="rId1"/></sheets></workbook>'),
            ("xl/_rels/workbook.xml.rels", relations("worksheet", "worksheets/sheet1.xml")),
            ("xl/worksheets/sheet1.xml", sheet()),
            *more,
        ],
    )


def rows(count):
    yield HEAD
    yield from (row(number) for number in range(1, count))


def xlsx_rows(path):
    xlsx(path, rows(300_000))


def shared(count, size):
    yield f'<sst uniqueCount="{count}">'
    for _ in range(count):
        yield f"<si><t>{text(size)}</t></si>"
    yield "</sst>"


def xlsx_short_texts(path):
    # 64 + 24 + 6 bytes each: just below 160 MiB.
    xlsx(path, rows(50), [("xl/sharedStrings.xml", shared(1_780_000, 6))])


def xlsx_long_texts(path):
    xlsx(path, rows(50), [("xl/sharedStrings.xml", shared(2800, 30_000))])


def xlsx_styles(path):
    def styles():
        yield "<styleSheet><numFmts>"
        yield '<numFmt numFmtId="200" formatCode="0.0"/></numFmts><cellXfs>'
        for _ in range(300_000):
            yield '<xf numFmtId="200"/>'
        yield "</cellXfs></styleSheet>"

    xlsx(path, rows(50), [("xl/styles.xml", styles())])


def large_cells(count):
    yield HEAD
    yield from (row(number)[:1] + [text(1_000_000)] + row(number)[2:] for number in range(1, count))


def xlsx_large_cells(path):
    xlsx(path, large_cells(80))


def wide(count):
    yield HEAD + [f"c{number}" for number in range(16_384 - len(HEAD))]
    yield from (row(number) + ["7"] * (16_384 - len(HEAD)) for number in range(1, count))


def xlsx_wide(path):
    xlsx(path, wide(100))


def xlsx_far_cell(path):
    xlsx(path, [*rows(20)], far='<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')


def xlsx_four_billion_texts(path):
    xlsx(path, rows(20), [("xl/sharedStrings.xml", '<sst uniqueCount="4294967295"/>')])


def xlsx_cell_of_512_mb(path):
    def one():
        yield HEAD
        yield ["M-1", "x" * (512 << 20), "1", "%", "PR"]

    xlsx(path, one())


def xlsx_bomb(path):
    xlsx(path, rows(20), [("xl/sharedStrings.xml", ["<sst>", *["<si><t>aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa</t></si>" * 1000] * 40_000, "</sst>"])])


def xlsx_lies(path):
    """The directory says that the sheet unpacks to 1000 bytes."""
    xlsx(path, rows(300_000))
    with open(path, "rb") as file:
        data = bytearray(file.read())
    at = 0
    while (at := data.find(b"PK\x01\x02", at)) >= 0:
        name = data[at + 46 : at + 46 + struct.unpack_from("<H", data, at + 28)[0]]
        if name.endswith(b"sheet1.xml"):
            struct.pack_into("<I", data, at + 24, 1000)
        at += 46
    with open(path, "wb") as file:
        file.write(data)


def xlsx_codes(path):
    xlsx(path, (HEAD if at == 0 else row(at)[:4] + [f"PR.XX-{at} PR.AA-01 (PR.AA-{at}) [" * 30_000] for at in range(60)))


# --- XLSB -----------------------------------------------------------------------------------------------------------------


def record(kind, data=b""):
    head = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size = len(data)
    while size > 0x7F:
        head += bytes([size & 0x7F | 0x80])
        size >>= 7
    return head + bytes([size]) + data


def units(words):
    return struct.pack("<I", len(words)) + words.encode("utf-16-le")


def xlsb(path, rows, more=()):
    def sheet():
        yield record(0x81) + record(0x94, bytes(16)) + record(0x91)
        for number, cells in enumerate(rows):
            yield record(0, struct.pack("<I", number) + bytes(13))
            for column, cell in enumerate(cells):
                place = struct.pack("<II", column, 0)
                yield record(5, place + struct.pack("<d", float(cell))) if cell.isdigit() else record(6, place + units(cell))
        yield record(0x92)

    named = struct.pack("<II", 0, 1) + units("rId1") + units("Metrics")
    archive(
        path,
        [
            ("xl/workbook.bin", record(0x83) + record(0x8F) + record(0x9C, named) + record(0x90) + record(0x84)),
            ("xl/_rels/workbook.bin.rels", relations("worksheet", "worksheets/sheet1.bin")),
            ("xl/worksheets/sheet1.bin", sheet()),
            *more,
        ],
    )


def xlsb_rows(path):
    xlsb(path, rows(300_000))


def xlsb_short_texts(path):
    count = 1_600_000

    def table():
        yield record(0x9F, struct.pack("<II", count, count))
        yield from (record(0x13, b"\0" + units(text(6))) for _ in range(count))
        yield record(0xA0)

    xlsb(path, rows(50), [("xl/sharedStrings.bin", table())])


# --- XLS ------------------------------------------------------------------------------------------------------------------


def biff(kind, data=b""):
    return struct.pack("<HH", kind, len(data)) + data


def label(at, column, words):
    return biff(0x204, struct.pack("<HHHHB", at, column, 0, len(words), 0) + words.encode())


def number(at, column, value):
    return biff(0x203, struct.pack("<HHHd", at, column, 0, value))


def compound(stream):
    """A container with sectors of 4096 bytes."""
    sector = 4096
    stream += bytes(-len(stream) % sector)
    sectors = len(stream) // sector
    tables = 1
    while tables * 1024 < sectors + tables + 1:
        tables += 1
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 4, 0xFFFE, 12, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 1, tables, tables, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    head += b"".join(struct.pack("<I", at if at < tables else 0xFFFFFFFF) for at in range(109))
    head += bytes(sector - len(head))
    table = [0xFFFFFFFD] * tables + [0xFFFFFFFE] + [tables + 2 + at for at in range(sectors - 1)] + [0xFFFFFFFE]
    table += [0xFFFFFFFF] * (tables * 1024 - len(table))

    def entry(name, kind, start, size, child=b"\xff" * 4):
        words = name.encode("utf-16-le")
        bytes_ = words + bytes(64 - len(words)) + struct.pack("<HBB", len(words) + 2, kind, 1) + b"\xff" * 8 + child
        return bytes_ + bytes(116 - len(bytes_)) + struct.pack("<IQ", start, size)

    # The reader wants a start for the root; nothing is read there.
    directory = entry("Root Entry", 5, tables + 1, 0, struct.pack("<I", 1)) + entry("Workbook", 2, tables + 1, len(stream))
    return head + struct.pack(f"<{len(table)}I", *table) + directory + bytes(sector - len(directory)) + stream


def xls(path, cells, globals_=b""):
    begin = lambda kind: biff(0x809, struct.pack("<HH", 0x600, kind) + bytes(12))
    bound = lambda place: biff(0x85, struct.pack("<IHBB", place, 0, 2, 0) + b"S1")
    place = len(begin(5)) + len(bound(0)) + len(globals_) + 4
    head = b"".join(label(0, column, name) for column, name in enumerate(HEAD))
    first = b"".join(
        number(1, column, float(cell)) if cell.isdigit() else label(1, column, cell) for column, cell in enumerate(row(1))
    )
    stream = begin(5) + bound(place) + globals_ + biff(0x0A) + begin(0x10) + head + first + b"".join(cells) + biff(0x0A)
    with open(path, "wb") as out:
        out.write(compound(stream))


def xls_cells(path):
    # As many cells as the limit lets through.
    def cells():
        for at in range(2, 4200):
            named = [label(at, column, cell) for column, cell in enumerate(row(at)) if not cell.isdigit()]
            yield b"".join(named[:2]) + number(at, 2, at % 100) + b"".join(named[2:])
            yield b"".join(number(at, column, 7.5) for column in range(5, 256))

    xls(path, cells())


def xls_50_mb(path):
    xls(path, (number(at, column, 7.5) for at in range(2, 10_600) for column in range(256)))


def xls_texts(path):
    def table():
        words = [text(8000) for _ in range(4000)]
        yield biff(0xFC, struct.pack("<II", len(words), len(words)))
        for word in words:
            yield biff(0x3C, struct.pack("<HB", len(word), 0) + word.encode())

    xls(path, [], b"".join(table()))


# --- ODS ------------------------------------------------------------------------------------------------------------------


def ods(path, rows):
    def content():
        yield '<office:document-content><office:body><office:spreadsheet><table:table table:name="Metrics">'
        for cells in rows:
            yield cells if isinstance(cells, str) else "<table:table-row>" + "".join(
                f'<table:table-cell office:value-type="float" office:value="{cell}"/>'
                if cell.isdigit()
                else f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
                for cell in cells
            ) + "</table:table-row>"
        yield "</table:table></office:spreadsheet></office:body></office:document-content>"

    archive(path, [("mimetype", "application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", content())])


def ods_rows(path):
    ods(path, rows(300_000))


def ods_repeats(path):
    cells = '<table:table-cell table:number-columns-repeated="{}" office:value-type="string"><text:p>{}</text:p></table:table-cell>'

    def all_rows():
        yield from rows(20)
        for _ in range(60):
            yield "<table:table-row>" + cells.format(7, text(1_000_000)) + cells.format(16_000, "") + "</table:table-row>"

    ods(path, all_rows())


def ods_large_cells(path):
    ods(path, large_cells(80))


# --- Text -----------------------------------------------------------------------------------------------------------------


def csv(path, rows):
    size = 0
    with open(path, "w") as out:
        for cells in rows:
            line = ",".join(cells) + "\n"
            size += len(line)
            if size > MOST:
                return
            out.write(line)


def csv_rows(path):
    csv(path, rows(10_000_000))


def csv_wide(path):
    csv(path, wide(10_000))


def csv_broad(path):
    csv(path, ([*HEAD, *(f"c{n}" for n in range(40))] if at == 0 else row(at) + ["7"] * 40 for at in range(1_000_000)))


def csv_separators(path):
    csv(path, ([*HEAD] if at == 0 else row(at)[:4] + [piece * (900_000 // len(piece.encode()))] for at, piece in enumerate(SEPARATORS * 4)))


def csv_short_rows(path):
    csv(path, (["name", "target"] if at == 0 else ["a", "1"] for at in range(20_000_000)))


def csv_large_cells(path):
    csv(path, large_cells(80))


def csv_all_wrong(path):
    csv(path, ([*HEAD] if at == 0 else [f"M-{at}", "n", "x", "%", f"PR.XX-{at}"] for at in range(10_000_000)))


def csv_codes(path):
    csv(path, ([*HEAD] if at == 0 else row(at)[:4] + [f"PR.XX-{at} a1-b2-9 " * 50_000] for at in range(60)))


def csv_same(path):
    csv(path, ([*HEAD] if at == 0 else ["M-1", "a", "1", "%", "PR"] for at in range(10_000_000)))


def objects(path, many):
    size = 0
    with open(path, "w") as out:
        out.write("[")
        for at, one in enumerate(many):
            line = ("," if at else "") + json.dumps(one, separators=(",", ":")) + "\n"
            size += len(line)
            if size > MOST:
                break
            out.write(line)
        out.write("]")


def item(at):
    return dict(zip(HEAD, row(at)))


def json_rows(path):
    objects(path, (item(at) for at in range(10_000_000)))


def json_large_objects(path):
    objects(path, ({**item(at), "list": [[]] * 690_000} for at in range(40)))


def json_keys(path):
    objects(path, ({**item(at), **{f"key{key}": "value" for key in range(1900)}} for at in range(10_000)))


def yaml_rows(path):
    with open(path, "w") as out:
        for at in range(1, 270_000):
            out.write("- " + "\n  ".join(f"{key}: {json.dumps(value)}" for key, value in item(at).items()) + "\n")


def yaml_lists(path):
    with open(path, "w") as out:
        out.write("- name: a\n  target: 1\n  function: PR\n  more: [" + "[]," * 10_000_000 + "]\n")


def yaml_texts(path):
    with open(path, "w") as out:
        for at in range(1, 60):
            cells = {**item(at), "description": text(500_000)}
            out.write("- " + "\n  ".join(f"{key}: {json.dumps(value)}" for key, value in cells.items()) + "\n")


# --- Frameworks -----------------------------------------------------------------------------------------------------------


def oscal_json(path):
    control = lambda at: {"id": f"ac-{at}", "title": text(400), "parts": [{"name": "statement", "prose": text(4000)}]}
    groups = [{"id": f"g{g}", "title": "Group", "controls": [control(g * 100 + at) for at in range(100)]} for g in range(100)]
    with open(path, "w") as out:
        json.dump({"catalog": {"metadata": {"title": "Large", "version": "1"}, "groups": groups}}, out)


def oscal_json_values(path):
    with open(path, "w") as out:
        out.write('{"catalog":{"metadata":{"title":"Large","version":"1"},"groups":[')
        out.write(",".join('{"id":"' + "g" * 30 + '"}' for _ in range(490_000)) + ',{"a":' + json.dumps("x" * 20_000_000) + "}]}}")


def oscal_json_corner(path):
    with open(path, "w") as out:
        out.write('{"catalog":{"metadata":{"title":"Large","version":"1"},"groups":[')
        out.write(",".join('{"id":"' + "g" * 30 + '"}' for _ in range(140_000)) + ',{"id":"a","title":' + json.dumps("x" * 38_000_000) + "}]}}")


def oscal_json_titles(path):
    controls = [{"id": f"ac-{at}", "title": text(5000)} for at in range(9_000)]
    with open(path, "w") as out:
        json.dump({"catalog": {"metadata": {"title": "Large", "version": "1"}, "groups": [{"id": "g", "title": "G", "controls": controls}]}}, out)


def oscal_xml_attributes(path):
    with open(path, "w") as out:
        out.write('<catalog xmlns="http://csrc.nist.gov/ns/oscal/1.0"><metadata><title>Large</title><version>1</version></metadata>')
        for at in range(6):
            out.write(f'<group id="g{at}"><prop ' + " ".join(f'a{n}=""' for n in range(700_000)) + "/></group>")
        out.write("</catalog>")


def oscal_xml_many_attributes(path):
    with open(path, "w") as out:
        out.write('<catalog xmlns="http://csrc.nist.gov/ns/oscal/1.0"><metadata><title>Large</title><version>1</version></metadata>')
        out.write('<group id="g">' + ("<prop " + " ".join(f'a{n}=""' for n in range(99)) + "/>") * 60_000 + "</group></catalog>")


def oscal_xml(path):
    with open(path, "w") as out:
        out.write('<catalog xmlns="http://csrc.nist.gov/ns/oscal/1.0"><metadata><title>Large</title><version>1</version></metadata>')
        for group in range(100):
            out.write(f'<group id="g{group}"><title>Group</title>')
            for at in range(100):
                words = text(4000)
                out.write(f'<control id="ac-{group * 100 + at}"><title>T</title><part name="statement"><p>{words}</p></part></control>')
            out.write("</group>")
        out.write("</catalog>")


def oscal_xml_elements(path):
    with open(path, "w") as out:
        out.write('<catalog xmlns="http://csrc.nist.gov/ns/oscal/1.0"><metadata><title>Large</title><version>1</version></metadata>')
        out.write('<group id="a" class="b"><title>T</title>' + '<prop name="n" value="v" ns="x"/>' * 990_000 + "</group></catalog>")


# --- Readings, mappings, comparisons --------------------------------------------------------------------------------------


def readings(count):
    yield ["metric", "value", "at"]
    yield from ([f"M-{at % 1000}", str(at % 100), f"2020-01-{at % 28 + 1:02}T00:{at // 60 % 60:02}:{at % 60:02}Z"] for at in range(count))


def readings_unknown(path):
    csv(path, readings(10_000_000))


def readings_rows(path):
    xlsx(path, readings(300_000))


def readings_large_cells(path):
    csv(path, (["metric", "value", "note"] if at == 0 else ["M-1", str(at), text(900_000)] for at in range(60)))


def readings_wide(path):
    csv(path, (["metric", *(f"c{n}" for n in range(1_000_000))] if at == 0 else ["M-1"] * 1_000_000 for at in range(60)))


def mappings_unknown(path):
    csv(path, (["item_id", "code", "is_confirmed"] if at == 0 else [f"{at}", "PR", "yes"] for at in range(10_000_000)))


def mappings_far_cells(path):
    xlsx(path, [["item_id", "code", "is_confirmed"], *([""] * 99 + ["1"] for _ in range(150_000))])


def mappings_large_cells(path):
    csv(path, (["item_id", "code", "is_confirmed"] if at == 0 else [text(900_000), "PR", "yes"] for at in range(60)))


def compared_rows(path):
    csv(path, rows(10_000_000))


def compared_wrong(path):
    csv_all_wrong(path)


def framework_far_cells(path):
    xlsx(path, [["Function", "Category", "Subcategory"], *([""] * 99 + ["1"] for _ in range(150_000))])


def framework_rows(path):
    csv(path, (["function", "category", "subcategory", "name", "text"] if at == 0 else [f"F{at}", "", "", "n", text(5000)] for at in range(9_900)))


FILES = {
    "xlsx": [xlsx_rows, xlsx_short_texts, xlsx_long_texts, xlsx_styles, xlsx_large_cells, xlsx_wide,
             xlsx_far_cell, xlsx_four_billion_texts, xlsx_cell_of_512_mb, xlsx_bomb, xlsx_lies, xlsx_codes],
    "xlsb": [xlsb_rows, xlsb_short_texts],
    "xls": [xls_cells, xls_50_mb, xls_texts],
    "ods": [ods_rows, ods_repeats, ods_large_cells],
    "csv": [csv_rows, csv_wide, csv_broad, csv_separators, csv_short_rows, csv_large_cells, csv_all_wrong, csv_codes, csv_same],
    "json": [json_rows, json_large_objects, json_keys, oscal_json, oscal_json_values, oscal_json_corner, oscal_json_titles],
    "yaml": [yaml_rows, yaml_lists, yaml_texts],
    "readings": [readings_unknown, readings_rows, readings_large_cells, readings_wide],
    "mappings": [mappings_unknown, mappings_far_cells, mappings_large_cells],
    "compared": [compared_rows, compared_wrong],
    "framework": [framework_far_cells, framework_rows],
    "xml": [oscal_xml, oscal_xml_elements, oscal_xml_attributes, oscal_xml_many_attributes],
}

if __name__ == "__main__":
    folder, wanted = sys.argv[1], sys.argv[2:]
    for ending, makers in FILES.items():
        for make in makers:
            name = make.__name__.replace("_", "-")
            if not wanted or any(name.startswith(one) for one in wanted):
                # The content tells what a file is, so that the name need not.
                make(f"{folder}/{name}.{ending}")
