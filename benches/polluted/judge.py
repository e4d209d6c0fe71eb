"""Imports each polluted file, looks what is stored, and counts.

RIGHT    every record is stored as it was in the clean file
NAMED    only touched records were kept out, each named
REFUSED  nothing is stored, and cmf says why
SAID     something is stored otherwise than in the clean file, or an untouched record kept out; the result names it
SILENT   something is stored otherwise, or left out, without a word

`judge.py CMF FOLDER [NAME ...]`: FOLDER is for the files; NAME the beginning of a file's name. PG* and CMF_DATABASE_URL say where.
Where the Python that runs it has duckdb or pandas, the files of the levels file and row are read by them as well, and judged alike.
They hand on what a cell holds, whatever it is, so that the other levels say nothing of them."""

import collections
import concurrent.futures
import csv
import io
import itertools
import json
import importlib.util
import os
import pathlib
import re
import subprocess
import sys

import office
import pollute

QUERY = """COPY (SELECT c.name, i.original_data -> 'parsed' ->> 'metric_number', i.name, i.description, i.current_value, i.target_value,
    i.unit, i.direction, (SELECT string_agg(coalesce(m.subcategory_code, m.category_code, m.function_code), ';' ORDER BY 1)
        FROM metric_catalog_framework_mappings m WHERE m.catalog_item_id = i.id AND m.is_confirmed),
    i.priority, i.original_data -> 'parsed' ->> 'owner'
    FROM metric_catalog_items i JOIN metric_catalogs c ON c.id = i.catalog_id) TO STDOUT (FORMAT csv)"""


def comparable(header, cell):
    """A cell as it is compared: numbers by value, texts without the white space around and of one kind within."""
    cell = (cell or "").strip()
    if header in ("current", "target"):
        try:
            return float(cell.rstrip("%").replace(",", "."))
        except ValueError:
            return cell
    return re.sub(r"\s+", " ", cell)


def record(cells):
    return {header: comparable(header, cell) for header, cell in zip(pollute.HEADER, cells)}


def by_name(columns, rows):
    """Records of a loader by the headers; a column that is missing is seen by whoever asks for it."""
    places = [str(column).strip().lower() for column in columns]
    missing = [header for header in pollute.HEADER if header not in places]
    if missing:
        raise ValueError(f"no column {missing[0]}")
    return [record(["" if row[places.index(header)] is None else str(row[places.index(header)]) for header in pollute.HEADER]) for row in rows]


def duckdb(path):
    import duckdb

    found = duckdb.connect().execute("SELECT * FROM read_csv(?, all_varchar = true)", [str(path)])
    return by_name([column[0] for column in found.description], found.fetchall())


def pandas(path):
    import pandas

    read = pandas.read_csv(path, dtype=str, keep_default_na=False)
    if not isinstance(read.index, pandas.RangeIndex):
        raise ValueError("the first column became the index")
    return by_name(read.columns, read.values.tolist())


LOADERS = [one for one in (duckdb, pandas) if importlib.util.find_spec(one.__name__)]


def load(loader, folder, polluted):
    path = folder / f"{loader.__name__}.{polluted.ending}"
    path.write_bytes(polluted.data)
    try:
        return polluted, 0, "", "", loader(path)
    except Exception as error:
        return polluted, 65, "", str(error), []


def run(cmf, folder, polluted):
    path = folder / f"{polluted.name}.{polluted.ending}"
    path.write_bytes(polluted.data)
    command = [cmf, "import", path, "--name", polluted.name, "--framework", "csf-2.0", "--owner", "analyst", "--allow-partial", "--again", "--format", "json"]
    done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=60)
    path.unlink()
    return polluted, done.returncode, done.stdout.decode(), done.stderr.decode()


def places(rows, polluted):
    """The lines that each record of the clean file may stand on in the polluted one: the line and the record, counted from 1."""
    found = collections.defaultdict(set)
    if polluted.at:
        return found | {number: {at} for number, at in polluted.at.items()}
    for encoding in ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1"):
        try:
            text = polluted.data.decode(encoding)
        except (UnicodeDecodeError, UnicodeError):
            continue
        for at, one in enumerate(re.split(r"\r\n|\n|\r", text), 1):
            for row in rows:
                if row[0] in one or row[1] in one:
                    found[row[0]].add(at)
    for at, row in enumerate(rows, 2):
        found[row[0]].add(at)
    return found


def judge(rows, polluted, code, out, err, stored):
    said = out + err
    if code not in (0, 3):
        return ("REFUSED" if not stored else "SILENT"), err.strip()[:200]
    # What a note names by its row, such as a metric without a number, is told as what is in a list is.
    problems = re.findall(r'(?:"row":|\brow) ?(\d+)', said)
    at = places(rows, polluted)

    def is_named(number, value=None):
        words = [number] + ([value] if value else [])
        return any(word and word in said for word in words) or any(str(place) in problems for place in at[number])

    verdict, why = "RIGHT", ""
    order = ["RIGHT", "NAMED", "SAID", "SILENT"]

    def at_least(what, reason):
        nonlocal verdict, why
        if order.index(what) > order.index(verdict):
            verdict, why = what, reason

    rest = collections.defaultdict(list)
    for one in stored:
        rest[one["metric_number"]].append(one)
    for row in rows:
        right = record(row)
        allowed = [right]
        changed = polluted.instead.get(row[0])
        if changed:
            allowed = [right | {header: comparable(header, cell) for header, cell in changed.items()}]
        here = rest.get(allowed[0]["metric_number"], [])
        match = next((one for one in here if one in allowed), None)
        if match:
            here.remove(match)
            continue
        if here:
            one = here.pop(0)
            differing = [(header, one[header], right[header]) for header in pollute.HEADER if one[header] != right[header]]
            at_least("SAID" if is_named(row[0], str(differing[0][1])) else "SILENT", f"{row[0]}: {differing[:2]}")
        elif is_named(row[0]):
            at_least("NAMED" if row[0] in polluted.touched else "SAID", f"{row[0]} kept out")
        elif polluted.name.startswith("file_cut") and row[0].encode() not in polluted.data and code == 3:
            at_least("NAMED", "the cut was told")
        else:
            at_least("SILENT", f"{row[0]} is gone")
    for number, more in rest.items():
        for one in more:
            at_least("SAID" if is_named(number or "", one["name"]) and one["name"] in said else "SILENT", f"more: {one}")
    return verdict, why


def main():
    cmf, folder, wanted = sys.argv[1], pathlib.Path(sys.argv[2]), tuple(sys.argv[3:])
    rows = pollute.clean()
    made = itertools.chain(pollute.pollutions(), office.pollutions(rows))
    files = [one for one in made if not wanted or one.name.startswith(wanted)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as workers:
        done = list(workers.map(lambda one: run(cmf, folder, one), files))
    copied = subprocess.run([os.environ.get("PSQL", "psql"), "-X", "-q", "-c", QUERY], capture_output=True, check=True).stdout
    stored = collections.defaultdict(list)
    for catalog, *cells in csv.reader(io.StringIO(copied.decode(), newline="")):
        stored[catalog].append(record(cells))
    counts = count("cmf", rows, ((*one, stored[one[0].name]) for one in done), wanted)
    loadable = [one for one in files if one.name.startswith(("file_", "row_"))]
    for loader in LOADERS if loadable else []:
        count(loader.__name__, rows, (load(loader, folder, one) for one in loadable), ())
    return 1 if counts["SILENT"] else 0


def count(tool, rows, results, wanted):
    """Judges and prints what a tool made of the files: a line a level, and the files that it read wrong without a word."""
    counts = collections.defaultdict(collections.Counter)
    for polluted, code, out, err, stored in results:
        verdict, why = judge(rows, polluted, code, out, err, stored)
        for level in (polluted.name.split("_")[0], "all"):
            counts[level][verdict] += 1
        if wanted or verdict == "SILENT" and tool == "cmf":
            print(f"{verdict:8}{polluted.name}: {why}")
    classes = ["RIGHT", "NAMED", "REFUSED", "SAID", "SILENT"]
    print(f"{tool:10}" + "".join(f"{one:>9}" for one in classes))
    for level, of_level in sorted(counts.items(), key=lambda one: one[0] == "all"):
        print(f"{level:10}" + "".join(f"{of_level[one]:>9}" for one in classes))
    total = counts["all"]
    print(f"right or named: {100 * (total['RIGHT'] + total['NAMED']) / total.total():.1f} in 100\n")
    return total


sys.exit(main())
