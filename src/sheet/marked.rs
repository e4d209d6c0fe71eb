//! A copy of a workbook in which some cells are coloured and have a remark: all else, its other sheets, merges, colours and widths,
//! stays as it is.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};

use quick_xml::escape::escape;
use quick_xml::events::{BytesEnd, BytesStart, Event};
use quick_xml::{Reader, Writer};
use rust_xlsxwriter::utility::column_number_to_name;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::domain::text::printable_lines;
use crate::error::{Error, Exit, Result};

/// The largest part beside the sheet that is changed, in bytes.
const LARGEST: u64 = 8 << 20;

/// The most styles of cells, in every spreadsheet program.
const STYLES: usize = 64_000;

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const CONTENT_TYPES: &str = "[Content_Types].xml";
const STYLES_PART: &str = "xl/styles.xml";
const COMMENTS: &str = "xl/commentsOfCmf.xml";
const DRAWING: &str = "xl/drawings/drawingOfCmf.vml";

/// What follows the remarks of a sheet, in the order that the format has.
const AFTER: [&str; 8] =
    ["legacyDrawingHF", "picture", "oleObjects", "controls", "webPublishItems", "tableParts", "extLst", "drawingHF"];

/// The remarks by the row, counted from 1, and the column, counted from 0.
pub(crate) type Remarks = BTreeMap<(u64, usize), String>;

/// Writes the copy. Says no, and writes nothing, where the workbook is not of a kind whose remarks can be added to: with remarks of
/// its own on the sheet, with macros, or in another dialect of the format. Exit 73 when it cannot be written.
pub(crate) fn copy(source: File, part: &str, remarks: &Remarks, out: &mut dyn Write) -> Result<bool> {
    let full = |error: io::Error| Error::new(Exit::Output, format!("cannot write the workbook: {error}"));
    let mut file = tempfile::tempfile().map_err(full)?;
    match copied(source, part, remarks, BufWriter::new(&mut file)) {
        Ok(true) => {}
        Ok(false) => return Ok(false),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => return Ok(false),
        Err(error) => return Err(full(error)),
    }
    file.rewind().map_err(full)?;
    io::copy(&mut file, out).map_err(|error| Error::of_writing(error, full))?;
    Ok(true)
}

fn broken(error: impl std::fmt::Display) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error.to_string())
}

fn copied(source: File, part: &str, remarks: &Remarks, out: impl Write + Seek) -> io::Result<bool> {
    let mut archive = ZipArchive::new(BufReader::new(source)).map_err(broken)?;
    let relations = relations_of(part);
    let [Some(types), Some(styles)] = [text(&mut archive, CONTENT_TYPES)?, text(&mut archive, STYLES_PART)?] else {
        return Ok(false);
    };
    let known = text(&mut archive, &relations)?;
    let has_remarks = known
        .as_ref()
        .is_some_and(|known| ["/comments", "/vmlDrawing", "/threadedComment"].iter().any(|kind| known.contains(kind)));
    let (Some(types), Some(known), Some((styles, count))) = (with_types(&types), with_relations(known), with_fill(&styles))
    else {
        return Ok(false);
    };
    if has_remarks || types.contains("macroEnabled") || archive.by_name(COMMENTS).is_ok() {
        return Ok(false);
    }
    let mut book = ZipWriter::new(out);
    let changed = BTreeMap::from([
        (CONTENT_TYPES.to_owned(), types),
        (STYLES_PART.to_owned(), styles),
        (relations, known),
        (COMMENTS.to_owned(), comments(remarks)),
        (DRAWING.to_owned(), drawing(remarks)),
    ]);
    let options = SimpleFileOptions::default();
    let mut sheet_is_there = false;
    for at in 0..archive.len() {
        let entry = archive.by_index_raw(at).map_err(broken)?;
        let name = entry.name().map_err(broken)?.into_owned();
        if changed.contains_key(&name) {
            continue;
        }
        if name != part {
            book.raw_copy_file(entry).map_err(broken)?;
            continue;
        }
        drop(entry);
        sheet_is_there = true;
        book.start_file(name, options).map_err(broken)?;
        let entry = archive.by_index(at).map_err(broken)?;
        if !sheet(BufReader::new(entry), &mut book, remarks, count)? {
            return Ok(false);
        }
    }
    for (name, text) in changed {
        book.start_file(name, options).map_err(broken)?;
        book.write_all(text.as_bytes())?;
    }
    book.finish().map_err(io::Error::other)?.flush()?;
    Ok(sheet_is_there)
}

/// A part as text; nothing if it is not there.
fn text<R: Read + Seek>(archive: &mut ZipArchive<R>, name: &str) -> io::Result<Option<String>> {
    let Ok(part) = archive.by_name(name) else { return Ok(None) };
    let mut text = String::new();
    part.take(LARGEST + 1).read_to_string(&mut text)?;
    if text.len() as u64 > LARGEST { Err(broken("a part is too large")) } else { Ok(Some(text)) }
}

fn relations_of(part: &str) -> String {
    let (folder, name) = part.rsplit_once('/').unwrap_or(("", part));
    format!("{folder}/_rels/{name}.rels")
}

/// The text with something before its last end tag.
fn before_end(text: &str, end: &str, added: &str) -> Option<String> {
    let at = text.rfind(end)?;
    Some(format!("{}{added}{}", &text[..at], &text[at..]))
}

fn with_types(types: &str) -> Option<String> {
    let comments = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml";
    let mut added = format!("<Override PartName=\"/{COMMENTS}\" ContentType=\"{comments}\"/>");
    if !types.contains("Extension=\"vml\"") {
        added.push_str("<Default Extension=\"vml\" ContentType=\"application/vnd.openxmlformats-officedocument.vmlDrawing\"/>");
    }
    before_end(types, "</Types>", &added)
}

fn with_relations(known: Option<String>) -> Option<String> {
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let known = known.unwrap_or_else(|| format!("<Relationships xmlns=\"{package}\"></Relationships>"));
    let known = if known.trim_end().ends_with("/>") && !known.contains("</Relationships>") {
        format!("<Relationships xmlns=\"{package}\"></Relationships>")
    } else {
        known
    };
    let added = format!(
        "<Relationship Id=\"cmfRemarks\" Type=\"{RELATIONS}/comments\" Target=\"/{COMMENTS}\"/>\
         <Relationship Id=\"cmfDrawing\" Type=\"{RELATIONS}/vmlDrawing\" Target=\"/{DRAWING}\"/>"
    );
    before_end(&known, "</Relationships>", &added)
}

/// The styles, each once more with the colour of a bad cell, and how many there were: so much further is a style's other one.
fn with_fill(styles: &str) -> Option<(String, usize)> {
    let fills = elements(styles, "fills")?;
    let fill =
        "<fill><patternFill patternType=\"solid\"><fgColor rgb=\"FFFFC7CE\"/><bgColor indexed=\"64\"/></patternFill></fill>";
    let fill_id = fills.len().to_string();
    let formats = elements(styles, "cellXfs")?;
    let count = formats.len();
    if count == 0 || count * 2 > STYLES {
        return None;
    }
    let coloured: Option<String> = formats.iter().map(|format| coloured(format, &fill_id)).collect();
    let styles = before_end(&counted(styles, "fills", fills.len() + 1)?, "</fills>", fill)?;
    Some((before_end(&counted(&styles, "cellXfs", count * 2)?, "</cellXfs>", &coloured?)?, count))
}

/// The children of the only element of this name, as they are written.
fn elements<'t>(text: &'t str, name: &str) -> Option<Vec<&'t str>> {
    let start = text.find(&format!("<{name} ")).or_else(|| text.find(&format!("<{name}>")))?;
    let inner = start + text[start..].find('>')? + 1;
    let inner = &text[inner..inner + text[inner..].find(&format!("</{name}>"))?];
    let mut reader = Reader::from_str(inner);
    let (mut depth, mut begun, mut found) = (0_usize, 0, Vec::new());
    loop {
        let before = usize::try_from(reader.buffer_position()).ok()?;
        let event = reader.read_event().ok()?;
        let after = usize::try_from(reader.buffer_position()).ok()?;
        match event {
            Event::Start(_) => {
                if depth == 0 {
                    begun = before;
                }
                depth += 1;
            }
            Event::End(_) => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    found.push(inner[begun..after].trim());
                }
            }
            Event::Empty(_) if depth == 0 => found.push(inner[before..after].trim()),
            Event::Eof => return Some(found),
            _ => {}
        }
    }
}

/// The text with another number of children of this element.
fn counted(text: &str, name: &str, count: usize) -> Option<String> {
    let start = text.find(&format!("<{name} ")).or_else(|| text.find(&format!("<{name}>")))?;
    let end = start + text[start..].find('>')?;
    Some(format!("{}<{name} count=\"{count}\"{}", &text[..start], &text[end..]))
}

fn coloured(format: &str, fill: &str) -> Option<String> {
    let mut reader = Reader::from_str(format);
    let (tag, is_empty) = match reader.read_event().ok()? {
        Event::Start(tag) => (tag, false),
        Event::Empty(tag) => (tag, true),
        _ => return None,
    };
    let rest = &format[usize::try_from(reader.buffer_position()).ok()?..];
    let mut text = format!("<{}", tag.name().as_ref());
    for attribute in tag.attributes().with_checks(false).flatten() {
        let key = attribute.key.as_ref();
        if !matches!(key, "fillId" | "applyFill") {
            text.push_str(&format!(" {key}=\"{}\"", attribute.value));
        }
    }
    text.push_str(&format!(" fillId=\"{fill}\" applyFill=\"1\"{}", if is_empty { "/>" } else { ">" }));
    Some(text + rest)
}

/// Copies a sheet, with the other style for each cell of a remark; a cell that is not there is made. Says no where it is written in
/// another dialect.
fn sheet(input: impl io::BufRead, out: &mut impl Write, remarks: &Remarks, count: usize) -> io::Result<bool> {
    let mut reader = Reader::from_reader(input);
    let mut writer = Writer::new(out);
    let mut buffer = Vec::new();
    let (mut depth, mut row, mut is_linked) = (0_usize, 0_u64, false);
    let mut pending: BTreeSet<usize> = BTreeSet::new();
    let mut column = 0;
    let link = format!("<legacyDrawing xmlns:r=\"{RELATIONS}\" r:id=\"cmfDrawing\"/>");
    loop {
        buffer.clear();
        let event = reader.read_event_into(&mut buffer).map_err(broken)?;
        let (is_start, is_empty) = (matches!(event, Event::Start(_)), matches!(event, Event::Empty(_)));
        match event {
            Event::Eof => return Ok(is_linked),
            Event::Start(tag) | Event::Empty(tag) => {
                let name = tag.name().as_ref().to_owned();
                let value = |key: &str| {
                    let mut attributes = tag.attributes();
                    attributes
                        .with_checks(false)
                        .flatten()
                        .find(|one| one.key.as_ref() == key)
                        .map(|one| one.value.into_owned())
                };
                if depth == 0 && (name != "worksheet" || value("xmlns").as_deref() != Some(MAIN)) {
                    return Ok(false);
                }
                if depth == 1 && AFTER.contains(&name.as_str()) && !is_linked {
                    writer.get_mut().write_all(link.as_bytes())?;
                    is_linked = true;
                }
                let mut tag = tag.to_owned();
                if depth == 2 && name == "row" {
                    row = value("r").and_then(|row| row.parse().ok()).unwrap_or(row + 1);
                    column = 0;
                    pending = remarks.range((row, 0)..(row + 1, 0)).map(|((_, column), _)| *column).collect();
                    if is_empty && !pending.is_empty() {
                        writer.write_event(Event::Start(tag))?;
                        made(writer.get_mut(), row, &pending, count)?;
                        writer.write_event(Event::End(BytesEnd::new("row")))?;
                        continue;
                    }
                } else if depth == 3 && name == "c" {
                    column = value("r").and_then(|place| place_of(&place)).unwrap_or(column);
                    let later = pending.split_off(&column);
                    made(writer.get_mut(), row, &pending, count)?;
                    pending = later;
                    if pending.remove(&column) {
                        tag = restyled(&tag, count);
                    }
                    column += 1;
                }
                if is_start {
                    depth += 1;
                    writer.write_event(Event::Start(tag))?;
                } else {
                    writer.write_event(Event::Empty(tag))?;
                }
            }
            Event::End(tag) => {
                depth = depth.saturating_sub(1);
                if depth == 2 && tag.name().as_ref() == "row" {
                    made(writer.get_mut(), row, &pending, count)?;
                    pending.clear();
                }
                if depth == 0 && !is_linked {
                    writer.get_mut().write_all(link.as_bytes())?;
                    is_linked = true;
                }
                writer.write_event(Event::End(tag))?;
            }
            event => writer.write_event(event)?,
        }
    }
}

/// Cells that have nothing but the colour.
fn made(out: &mut impl Write, row: u64, columns: &BTreeSet<usize>, count: usize) -> io::Result<()> {
    columns.iter().try_for_each(|column| write!(out, "<c r=\"{}{row}\" s=\"{count}\"/>", letters(*column)))
}

/// A column as places name it.
fn letters(column: usize) -> String {
    column_number_to_name(u16::try_from(column).unwrap_or(u16::MAX))
}

/// The column of a place such as `B5`, counted from 0.
fn place_of(place: &str) -> Option<usize> {
    let letters: Vec<u8> = place.bytes().take_while(u8::is_ascii_alphabetic).collect();
    let number =
        letters.iter().fold(0_usize, |number, letter| number * 26 + usize::from(letter.to_ascii_uppercase() - b'A') + 1);
    number.checked_sub(1)
}

fn restyled(tag: &BytesStart<'_>, count: usize) -> BytesStart<'static> {
    let mut style = count;
    let mut new = BytesStart::new("c");
    for attribute in tag.attributes().with_checks(false).flatten() {
        if attribute.key.as_ref() == "s" {
            style = attribute.value.parse::<usize>().ok().filter(|style| *style < count).map_or(count, |style| style + count);
        } else {
            new.push_attribute(attribute);
        }
    }
    new.push_attribute(("s", style.to_string().as_str()));
    new.into_owned()
}

fn comments(remarks: &Remarks) -> String {
    let mut text = format!("<comments xmlns=\"{MAIN}\"><authors><author>cmf</author></authors><commentList>");
    for ((row, column), remark) in remarks {
        let remark = printable_lines(remark);
        let place = format!("{}{row}", letters(*column));
        text.push_str(&format!(
            "<comment ref=\"{place}\" authorId=\"0\"><text><t xml:space=\"preserve\">{}</t></text></comment>",
            escape(remark.as_str())
        ));
    }
    text + "</commentList></comments>"
}

/// The boxes in which programs show the remarks.
fn drawing(remarks: &Remarks) -> String {
    let mut text = "<xml xmlns:v=\"urn:schemas-microsoft-com:vml\" xmlns:o=\"urn:schemas-microsoft-com:office:office\" \
                    xmlns:x=\"urn:schemas-microsoft-com:office:excel\"><o:shapelayout v:ext=\"edit\"><o:idmap v:ext=\"edit\" \
                    data=\"1\"/></o:shapelayout><v:shapetype id=\"_x0000_t202\" coordsize=\"21600,21600\" o:spt=\"202\" \
                    path=\"m,l,21600r21600,l21600,xe\"><v:stroke joinstyle=\"miter\"/><v:path gradientshapeok=\"t\" \
                    o:connecttype=\"rect\"/></v:shapetype>"
        .to_owned();
    for (number, (row, column)) in remarks.keys().enumerate() {
        let (row, left) = (row.saturating_sub(1), column + 1);
        text.push_str(&format!(
            "<v:shape id=\"_x0000_s{}\" type=\"#_x0000_t202\" style=\"position:absolute;visibility:hidden\" fillcolor=\"#ffffe1\" \
             o:insetmode=\"auto\"><v:fill color2=\"#ffffe1\"/><v:path o:connecttype=\"none\"/><v:textbox/>\
             <x:ClientData ObjectType=\"Note\"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{left}, 15, {row}, 10, {}, 15, {}, 4\
             </x:Anchor><x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>",
            1025 + number,
            left + 3,
            row + 5
        ));
    }
    text + "</xml>"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_cells_get_the_other_style_and_missing_ones_are_made() {
        let remarks: Remarks =
            [((2, 1), "bad".to_owned()), ((2, 3), "missing".to_owned()), ((3, 0), "empty".to_owned())].into();
        let text = format!(
            "<worksheet xmlns=\"{MAIN}\"><cols><col min=\"1\" max=\"1\" width=\"40\"/></cols><sheetData><row r=\"1\"><c r=\"A1\"/></row>\
             <row r=\"2\"><c r=\"A2\" s=\"1\"/><c r=\"B2\" t=\"s\" s=\"1\"><v>0</v></c></row><row r=\"3\"/></sheetData>\
             <mergeCells count=\"1\"><mergeCell ref=\"A1:B1\"/></mergeCells><tableParts/></worksheet>"
        );
        let mut out = Vec::new();
        assert!(sheet(text.as_bytes(), &mut out, &remarks, 2).unwrap());
        let out = String::from_utf8(out).unwrap();
        for piece in [
            "<c r=\"B2\" t=\"s\" s=\"3\"><v>0</v></c><c r=\"D2\" s=\"2\"/></row>",
            "<row r=\"3\"><c r=\"A3\" s=\"2\"/></row>",
            "<c r=\"A2\" s=\"1\"/>",
            "<mergeCell ref=\"A1:B1\"/></mergeCells><legacyDrawing ",
            "/><tableParts/></worksheet>",
        ] {
            assert!(out.contains(piece), "no {piece} in {out}");
        }
        assert!(!sheet("<x:worksheet/>".as_bytes(), &mut Vec::new(), &remarks, 2).unwrap());
    }

    #[test]
    fn every_style_is_there_once_more_with_the_colour() {
        let styles = "<styleSheet><fills count=\"2\"><fill><patternFill/></fill><fill/></fills><cellXfs count=\"2\">\
                      <xf numFmtId=\"9\" fillId=\"1\"/><xf numFmtId=\"0\"><alignment wrapText=\"1\"/></xf></cellXfs></styleSheet>";
        let (styles, count) = with_fill(styles).unwrap();
        assert_eq!(count, 2);
        for piece in [
            "<fills count=\"3\">",
            "<cellXfs count=\"4\">",
            "<xf numFmtId=\"9\" fillId=\"2\" applyFill=\"1\"/>",
            "<xf numFmtId=\"0\" fillId=\"2\" applyFill=\"1\"><alignment wrapText=\"1\"/></xf></cellXfs>",
        ] {
            assert!(styles.contains(piece), "no {piece} in {styles}");
        }
        assert_eq!(with_fill("<styleSheet/>"), None);
        assert_eq!((place_of("A1"), place_of("AB12"), place_of("12")), (Some(0), Some(27), None));
    }
}
