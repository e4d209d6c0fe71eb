//! The bytes of an import: a file or standard input, what kind of file it is by its content, and its fingerprint.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::format::{Format, encrypted};
use super::limits::{self, Bounds};
use super::sample;
use crate::aside::broken;
use crate::domain::text::hex;
use crate::error::{Error, Place, Result, shell_word};
use crate::files;

/// An opened source.
#[derive(Debug)]
pub struct Source {
    /// As the user named it; `-` for standard input.
    pub name: String,
    /// The file's own name, without folders.
    pub file_name: String,
    /// How many bytes it has.
    pub size: u64,
    /// What it is.
    pub format: Format,
    /// Its first bytes.
    pub head: Vec<u8>,
    /// Whether all of its bytes are UTF-8.
    pub is_utf8: bool,
    /// Where most but not all of its bytes beyond ASCII are UTF-8, the first that is not, and its line.
    pub bad_byte: Option<(u8, u64)>,
    most: Most,
    file: File,
}

impl Source {
    /// Opens a file, or reads standard input into a temporary file for `-`. Exit 65 when it cannot be read or is not something
    /// that can be imported; the message says why.
    pub fn open(name: &str, most: Most) -> Result<Self> {
        if name != "-" {
            let path = Path::new(name);
            if path.is_dir() {
                return Err(files::unreadable(name, &io::ErrorKind::IsADirectory.into()));
            }
            let file = File::open(path).map_err(|error| files::unreadable(name, &error))?;
            let is_file = file.metadata().map_err(|error| files::unreadable(name, &error))?.is_file();
            return Self::of_file(name, if is_file { file } else { kept(file, name, most)? }, most);
        }
        Self::of_file(name, kept(io::stdin().lock(), name, most)?, most)
    }

    /// The source in a file that is open already. Exit 65 when it is not something that can be read; the message says why.
    pub fn of_file(name: &str, file: File, most: Most) -> Result<Self> {
        let mut source = Source {
            name: name.to_owned(),
            file_name: if name == "-" {
                "stdin".to_owned()
            } else {
                Path::new(name).file_name().map_or_else(|| name.to_owned(), |name| name.to_string_lossy().into_owned())
            },
            size: file.metadata().map_err(|error| files::unreadable(name, &error))?.len(),
            format: Format::Text,
            head: Vec::new(),
            is_utf8: true,
            bad_byte: None,
            most,
            file,
        };
        let place = source.place();
        if source.size == 0 {
            return Err(if name == "-" {
                Error::data("standard input is empty").hint("send the file to the command with `<` or `|`, or name the file")
            } else {
                Error::data("the file is empty").at(place).hint("export the sheet again, or name another file")
            });
        }
        most.check(source.size, false).map_err(|error| error.at(place.clone()))?;
        let reader = source.reader()?;
        reader.take(8192).read_to_end(&mut source.head).map_err(|error| files::unreadable(name, &error))?;
        source.format = sniff(&source).map_err(|error| error.at(place.clone()))?;
        most.check(source.size, source.format.is_workbook()).map_err(|error| error.at(place))?;
        if source.format == Format::Text {
            source.examine()?;
        }
        Ok(source)
    }

    /// Finds out whether its bytes are UTF-8.
    fn examine(&mut self) -> Result<()> {
        let mut reader = self.reader()?;
        let mut buffer = vec![0; 1 << 16];
        // How many bytes of a character that was cut in two stand at the start of the buffer.
        let mut pending = 0;
        let (mut line, mut wide, mut bad, mut first) = (1_u64, 0_u64, 0_u64, None);
        loop {
            let read = reader.read(&mut buffer[pending..]).map_err(|error| files::unreadable(&self.name, &error))?;
            let end = pending + read;
            let mut from = 0;
            pending = 0;
            while from < end {
                let (valid, broken) = match std::str::from_utf8(&buffer[from..end]) {
                    Ok(text) => (text.len(), 0),
                    Err(error) => (error.valid_up_to(), error.error_len().unwrap_or(usize::MAX)),
                };
                let text = &buffer[from..from + valid];
                if first.is_none() {
                    line += memchr::memchr_iter(b'\n', text).count() as u64;
                }
                wide += if text.is_ascii() { 0 } else { text.iter().filter(|byte| **byte >= 0xc0).count() as u64 };
                from += valid;
                if broken == usize::MAX && read > 0 {
                    buffer.copy_within(from..end, 0);
                    pending = end - from;
                    break;
                }
                if broken > 0 {
                    bad += 1;
                    first = first.or(Some((buffer[from], line)));
                    from += broken.min(end - from);
                }
            }
            if read == 0 || bad > wide.saturating_add(1000) {
                break;
            }
        }
        self.is_utf8 = bad == 0;
        self.bad_byte = first.filter(|_| wide >= bad);
        Ok(())
    }

    /// The same once more. Exit 65 when the system has no room for another open file.
    pub fn again(&self) -> Result<Self> {
        let (name, file_name, head, file) = (self.name.clone(), self.file_name.clone(), self.head.clone(), self.reader()?);
        Ok(Source { name, file_name, head, file, ..*self })
    }

    /// The SHA-256 of its bytes, in hexadecimal. Exit 65 when the file cannot be read.
    pub fn sha256(&self) -> Result<String> {
        let mut hash = Sha256::new();
        let (mut reader, mut buffer) = (self.reader()?, vec![0; 1 << 16]);
        loop {
            let read = reader.read(&mut buffer).map_err(|error| files::unreadable(&self.name, &error))?;
            if read == 0 {
                break;
            }
            hash.update(&buffer[..read]);
        }
        Ok(hex(&hash.finalize()))
    }

    /// A reader from the start of the bytes. Exit 65 when the file cannot be read.
    pub fn reader(&self) -> Result<File> {
        let mut file = self.file.try_clone().map_err(|error| files::unreadable(&self.name, &error))?;
        file.seek(SeekFrom::Start(0)).map_err(|error| files::unreadable(&self.name, &error))?;
        Ok(file)
    }

    /// Whether nothing but blanks is in this line and after it, counted from 1.
    pub(super) fn is_blank_from(&self, line: usize) -> bool {
        let Ok(reader) = self.reader() else { return false };
        let mut lines = BufReader::new(reader).split(b'\n').skip(line.saturating_sub(1));
        lines.all(|line| line.is_ok_and(|line| line.trim_ascii().is_empty()))
    }

    /// Does something that reads it, while another reader is under way: that one continues where it was. Exit 65 when the file
    /// cannot be read.
    pub(super) fn meanwhile<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let mut file = &self.file;
        let at = file.stream_position().map_err(|error| files::unreadable(&self.name, &error))?;
        let done = work()?;
        file.seek(SeekFrom::Start(at)).map_err(|error| files::unreadable(&self.name, &error))?;
        Ok(done)
    }

    /// How far the one who reads it is, in bytes.
    pub(super) fn position(&self) -> Option<u64> {
        (&self.file).stream_position().ok()
    }

    /// What follows for its contents from how large it may be.
    pub(super) fn bounds(&self) -> Bounds {
        Bounds::new(self.most.bytes())
    }

    /// Refuses a file that is a framework, for a command that reads metrics. Exit 65.
    pub(crate) fn refuse_framework(&self) -> Result<()> {
        let is_text = matches!(self.format, Format::Text | Format::Json | Format::Yaml);
        if is_text && looks_like_framework(&String::from_utf8_lossy(&self.head)) {
            return Err(framework(&self.name).at(self.place()));
        }
        Ok(())
    }

    /// The place of the whole file.
    pub fn place(&self) -> Place {
        Place::of(&self.name)
    }
}

/// The most bytes that a source may have.
#[derive(Debug, Clone, Copy)]
pub enum Most {
    /// Of any kind.
    Any(u64),
    /// Of a workbook; text is read row by row and may have any size.
    Workbook(u64),
}

impl Most {
    const fn bytes(self) -> u64 {
        match self {
            Most::Any(most) | Most::Workbook(most) => most,
        }
    }

    fn check(self, size: u64, is_workbook: bool) -> Result<()> {
        let most = self.bytes();
        if size <= most || !is_workbook && matches!(self, Most::Workbook(_)) {
            return Ok(());
        }
        Err(Error::data(format!("the file has more than {} MB", most / 1_000_000)).hint("raise the limit with --max-size"))
    }
}

/// A copy in a temporary file, which vanishes with this process. More than one byte too many is not read.
fn kept(input: impl Read, name: &str, most: Most) -> Result<File> {
    let limit = match most {
        Most::Any(most) => most.saturating_add(1),
        Most::Workbook(_) => u64::MAX,
    };
    let mut file = tempfile::tempfile().map_err(broken)?;
    let mut input = input.take(limit);
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = input.read(&mut buffer).map_err(|error| files::unreadable(name, &error))?;
        if read == 0 {
            return Ok(file);
        }
        file.write_all(&buffer[..read]).map_err(broken)?;
    }
}

/// What the bytes are, whatever the file is called.
fn sniff(source: &Source) -> Result<Format> {
    let head = &source.head[..];
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return archive(source);
    }
    if head.starts_with(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]) {
        return compound(source);
    }
    if [[0x09, 0x08], [0x09, 0x04], [0x09, 0x02], [0x09, 0x00]].iter().any(|start| head.starts_with(start)) {
        return Err(
            Error::data("this is a workbook of Excel 4 or older").hint("open it in a spreadsheet program and save it as XLSX")
        );
    }
    for (magic, what) in [
        (&b"%PDF"[..], "a PDF document"),
        (b"\x1f\x8b", "gzip-compressed data"),
        (b"7z\xbc\xaf", "a 7z archive"),
        (b"Rar!", "a RAR archive"),
        (b"\x89PNG", "a picture"),
        (b"\xff\xd8\xff", "a picture"),
        (b"GIF8", "a picture"),
        (b"SQLite format 3", "an SQLite database"),
        (b"{\\rtf", "an RTF document"),
        (b"\x7fELF", "a program"),
    ] {
        if head.starts_with(magic) {
            return Err(Error::data(format!("this is {what}, not a spreadsheet")).hint("export the sheet as XLSX or CSV"));
        }
    }
    let utf16 = head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]);
    if !utf16 {
        let text: String =
            String::from_utf8_lossy(head).trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']).chars().take(512).collect();
        let lower = text.to_lowercase();
        if lower.starts_with("mime-version:")
            || lower.contains("\nmime-version:")
            || lower.contains("content-type: multipart/related")
        {
            return Err(Error::data("this is a web archive (MHTML), not a spreadsheet")
                .hint("open it in Excel, and save it as XLSX with File, Save As"));
        }
        if ["<!doctype html", "<html", "<table", "<meta", "<style", "<head", "<body", "<div", "<!--"]
            .iter()
            .any(|start| lower.starts_with(start))
        {
            let is_page = [".html", ".htm"].iter().any(|end| source.name.to_lowercase().ends_with(end));
            let error = Error::data(if is_page {
                "this is an HTML page, not a spreadsheet"
            } else {
                "this is an HTML page that is named like a spreadsheet"
            });
            let error =
                if is_page { error.hint("if it is a report, import the sheet that its numbers come from") } else { error };
            return Err(error.hint("open it in a spreadsheet program and save it as XLSX or CSV"));
        }
        if lower.starts_with("<?xml")
            && (lower.contains("urn:schemas-microsoft-com:office:spreadsheet") || lower.contains("excel.sheet"))
        {
            return Err(Error::data("this is an XML spreadsheet of Excel 2003").hint("open it in Excel and save it as XLSX"));
        }
        if lower.starts_with('<') && (lower.contains("/ns/oscal") || lower.contains("<catalog")) {
            return Err(framework(&source.name));
        }
        if lower.starts_with("<?xml") || lower.starts_with('<') {
            return Err(Error::data("this is XML, not a spreadsheet").hint("export the sheet as XLSX or CSV"));
        }
        if sample::is_one(&String::from_utf8_lossy(head), source.size <= head.len() as u64) {
            return Ok(Format::Samples);
        }
        if text.starts_with('{') || text.starts_with('[') && !text.starts_with("[[") && looks_like_json(&text) {
            return Ok(Format::Json);
        }
        // A text or a number in a file of JSON: told so where it is read.
        let is_value = || source.size <= head.len() as u64 && serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
        if source.name.to_lowercase().ends_with(".json") && is_value() {
            return Ok(Format::Json);
        }
        if looks_like_yaml(&String::from_utf8_lossy(head)) {
            return Ok(Format::Yaml);
        }
        let controls = head.iter().filter(|byte| **byte < 32 && !matches!(**byte, b'\t' | b'\n' | b'\r' | 0x0c)).count();
        let zeros = head.split(|byte| *byte == 0).count() - 1;
        let wide = zeros * 10 >= head.len() * 3 && zeros < head.len() * 7 / 10;
        if !wide && controls * 50 > head.len() {
            return Err(Error::data("this is neither a spreadsheet nor text")
                .hint("export the sheet as CSV, TSV, XLSX, XLS, XLSB, ODS or JSON"));
        }
    }
    Ok(Format::Text)
}

fn framework(name: &str) -> Error {
    Error::data("this is a framework, not a table of metrics")
        .hint(format!("`cmf framework import {}` reads it", shell_word(name)))
}

/// Whether text is the beginning of a framework, in one of the shapes that an import of frameworks reads.
fn looks_like_framework(head: &str) -> bool {
    let text = head.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with('{') {
        let has = |key: &str| text.contains(&format!("\"{key}\""));
        return has("catalog") && (has("controls") || has("groups")) || has("element_identifier") || has("elementIdentifier");
    }
    let columns: String =
        text.lines().next().unwrap_or_default().to_lowercase().replace(['"', ' '], "").replace([';', '\t'], ",");
    columns.starts_with("function,category,subcategory,name,text")
        || text.lines().any(|line| line.trim_start() == "requirement_nodes:")
}

fn looks_like_json(text: &str) -> bool {
    let inside = text[1..].trim_start();
    // A list of something else is told so where it is read.
    inside.starts_with('{') || inside.starts_with(']') || serde_json::from_str::<Vec<serde::de::IgnoredAny>>(text).is_ok()
}

/// A mapping or a list of mappings: every line has a key, is an item, or is indented below one. Titles above text in columns
/// (`Report: KPIs`) look alike, but the columns themselves do not.
fn looks_like_yaml(text: &str) -> bool {
    let is_key = |line: &str| {
        line.split_once(':').is_some_and(|(key, value)| {
            !key.is_empty()
                && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '"' | '\''))
                && (value.is_empty() || value.starts_with(' '))
        })
    };
    let text = text.trim_start_matches('\u{feff}');
    // The last line may be cut off where the look at the file ends.
    let whole = if text.len() < 8_000 { text } else { text.rsplit_once('\n').map_or(text, |(whole, _)| whole) };
    let lines: Vec<&str> = whole
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty() && !line.trim_start().starts_with('#') && *line != "---" && !line.starts_with('%'))
        .collect();
    let first = lines.first().map(|line| line.trim_start_matches("- "));
    lines.len() > 1 && first.is_some_and(is_key) && lines.iter().all(|line| line.starts_with([' ', '-']) || is_key(line))
}

fn archive(source: &Source) -> Result<Format> {
    limits::directory(source.reader()?)?;
    let mut archive = zip::ZipArchive::new(source.reader()?).map_err(|_| {
        Error::data("the workbook is cut off or damaged")
            .hint("copy or download it again, or open and save it in a spreadsheet program")
    })?;
    let names: Vec<String> = archive.file_names().flatten().map(|name| name.replace('\\', "/").to_lowercase()).collect();
    let has = |name: &str| names.iter().any(|known| known == name || known.ends_with(&format!("/{name}")));
    if has("workbook.bin") {
        return Ok(Format::Xlsb);
    }
    if names.iter().any(|name| name.ends_with("workbook.xml") || name.starts_with("xl/")) {
        return Ok(Format::Xlsx);
    }
    if has("content.xml") && names.iter().any(|name| name == "mimetype") {
        let mut kind = String::new();
        if let Ok(file) = archive.by_name("mimetype") {
            // A mimetype is a line; whatever is longer is none.
            let _ = file.take(200).read_to_string(&mut kind);
        }
        if kind.contains("spreadsheet") {
            return Ok(Format::Ods);
        }
        return Err(
            Error::data("this is an OpenDocument file, but not a spreadsheet").hint("save the table as ODS, XLSX or CSV")
        );
    }
    if names.iter().any(|name| name.starts_with("word/")) {
        return Err(Error::data("this is a Word document").hint("copy its table into a spreadsheet and save it as XLSX"));
    }
    if names.iter().any(|name| name.starts_with("ppt/")) {
        return Err(Error::data("this is a PowerPoint file").hint("save the table in it as XLSX or CSV"));
    }
    if names.iter().any(|name| name.ends_with("index.iwa") || name.contains("/tables/")) {
        return Err(Error::data("this is an Apple Numbers file").hint("export it from Numbers as Excel or CSV"));
    }
    Err(Error::data("this is a zip archive without a workbook in it").hint("unpack it and name the spreadsheet inside"))
}

/// A compound file: an XLS workbook, or an encrypted one of XLSX.
fn compound(source: &Source) -> Result<Format> {
    let container = cfb::CompoundFile::open(source.reader()?).map_err(|_| {
        Error::data("the workbook is cut off or damaged").hint("copy it again, or open and save it in a spreadsheet program")
    })?;
    let has = |name: &str| container.exists(name);
    if has("/EncryptedPackage") || has("/EncryptionInfo") {
        return Err(encrypted());
    }
    if has("/Workbook") || has("/Book") {
        return Ok(Format::Xls);
    }
    if has("/WordDocument") {
        return Err(Error::data("this is a Word document").hint("copy its table into a spreadsheet and save it as XLSX"));
    }
    Err(Error::data("this is an Office file, but not a workbook").hint("save the sheet as XLSX or CSV"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_controls_and_no_wide_text_is_no_text_however_short() {
        let folder = tempfile::tempdir().unwrap();
        let format = |bytes: &[u8]| {
            let path = folder.path().join("file");
            std::fs::write(&path, bytes).unwrap();
            Source::open(path.to_str().unwrap(), Most::Any(1_000_000))
                .map(|source| source.format)
                .map_err(|error| error.message().to_owned())
        };
        let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        assert_eq!(format(&wide("Name,Target\nA,5\n")), Ok(Format::Text));
        assert_eq!(format(&[b"a,b\n".repeat(50), vec![1; 4]].concat()), Ok(Format::Text), "a control or two is a slip");
        for bytes in [&b"\x01\x02\x03\x04\x05\x06"[..], &[0; 100], &[b"a,b\n".repeat(50), vec![1; 5]].concat()] {
            assert!(format(bytes).is_err_and(|reason| reason.contains("neither a spreadsheet nor text")), "{bytes:?}");
        }
    }

    #[test]
    fn a_framework_is_told_from_a_catalog() {
        for text in [
            "function,category,subcategory,name,text\nPR,,,Protect,\n",
            r#"{"catalog":{"uuid":"x","groups":[{"id":"ac"}]}}"#,
            r#"{"response":{"elements":{"elements":[{"element_identifier":"PR"}]}}}"#,
            "urn: x\nobjects:\n  framework:\n    requirement_nodes:\n    - urn: a\n",
        ] {
            assert!(looks_like_framework(text), "{text}");
        }
        for text in ["function,category,subcategory,name,target\n", r#"[{"name":"MFA","catalog":"ours"}]"#, "name: x\n", ""] {
            assert!(!looks_like_framework(text), "{text}");
        }
    }

    #[test]
    fn yaml_is_told_from_text_in_columns() {
        for text in
            ["# c\n---\nname: x\nobjects:\n  metric_definitions:\n    - ref_id: a\n", "- name: A\n  target: 5\n- name: B\n"]
        {
            assert!(looks_like_yaml(text), "{text}");
        }
        for text in [
            "Report: KPIs\nDate: 2026-11-01\n\nName,Target\nA,5\n",
            "Name,Target\nA,5\n",
            "name: x\n",
            "Name;Target:\nA: b;5\n",
            "",
        ] {
            assert!(!looks_like_yaml(text), "{text}");
        }
    }
}
