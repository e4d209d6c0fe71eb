//! The zip archive of an XLSX or XLSB workbook: its parts, and which parts belong to a part.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, Read};

use quick_xml::events::Event;
use zip::ZipArchive;
use zip::read::ZipFile;

use super::super::limits::{self, Bounds, Timed};
use super::super::source::Source;
use super::cells::Properties;
use super::xml::{Xml, attribute, damaged};
use crate::error::Result;

pub(super) type Part<'p> = Timed<ZipFile<'p, BufReader<File>>>;

/// A relation of a part to another one.
#[derive(Debug, Clone)]
pub(super) struct Relation {
    pub(super) id: String,
    /// The last word of its type.
    pub(super) kind: String,
    /// The other part's name.
    pub(super) target: String,
}

/// An opened archive that is within the limits.
pub(super) struct Package {
    archive: ZipArchive<BufReader<File>>,
    /// The parts by their names in small letters.
    parts: HashMap<String, usize>,
    bounds: Bounds,
}

impl Package {
    /// Opens the archive. Exit 65 when it is damaged or claims more than the bounds.
    pub(super) fn open(source: &Source) -> Result<Self> {
        let archive = ZipArchive::new(BufReader::new(source.reader()?)).map_err(|error| damaged(&error))?;
        let named = archive.file_names().enumerate();
        let parts = named.filter_map(|(index, name)| Some((name.ok()?.replace('\\', "/").to_lowercase(), index))).collect();
        let mut package = Package { archive, parts, bounds: source.bounds() };
        limits::check(&mut package.archive, source.size, source.bounds())?;
        Ok(package)
    }

    /// A part, if it is there. Programs do not agree about capital letters. Exit 65 when it is damaged.
    pub(super) fn part(&mut self, name: &str) -> Result<Option<Part<'_>>> {
        let Some(index) = self.parts.get(&name.trim_start_matches('/').to_lowercase()) else { return Ok(None) };
        let part = self.archive.by_index(*index).map_err(|error| damaged(&error))?;
        Ok(Some(Timed::new(part, self.bounds)))
    }

    /// A part of XML, if it is there. Exit 65 when it is damaged.
    pub(super) fn xml(&mut self, name: &str) -> Result<Option<Xml<Part<'_>>>> {
        self.part(name)?.map(Xml::new).transpose()
    }

    /// The relations of a part; of the whole workbook where its name is empty. Exit 65 when they are damaged.
    pub(super) fn relations(&mut self, part: &str) -> Result<Vec<Relation>> {
        let (folder, name) = part.rsplit_once('/').unwrap_or(("", part));
        let mut relations = Vec::new();
        let Some(mut xml) = self.xml(&format!("{folder}/_rels/{name}.rels"))? else { return Ok(relations) };
        loop {
            match xml.next()? {
                Event::Start(tag) if tag.local_name().as_ref() == "Relationship" => {
                    let (Some(id), Some(target)) = (attribute(&tag, "Id"), attribute(&tag, "Target")) else { continue };
                    let kind = attribute(&tag, "Type").unwrap_or_default();
                    let kind = kind.rsplit('/').next().unwrap_or_default().to_owned();
                    relations.push(Relation { id, kind, target: resolved(folder, &target.replace('\\', "/")) });
                }
                Event::Eof => return Ok(relations),
                _ => {}
            }
        }
    }

    /// The main part, as the package names it. Exit 65 when its relations are damaged.
    pub(super) fn main(&mut self, usual: &str) -> Result<String> {
        let named = self.relations("")?.into_iter().find(|one| one.kind == "officeDocument").map(|one| one.target);
        Ok(named.filter(|name| self.parts.contains_key(&name.to_lowercase())).unwrap_or_else(|| usual.to_owned()))
    }

    /// What the workbook says of itself.
    pub(super) fn properties(&mut self) -> Properties {
        let mut found = Properties::default();
        // What is read up to a damage counts.
        let _ = self.read_properties(&mut found);
        found
    }

    fn read_properties(&mut self, found: &mut Properties) -> Result<()> {
        let Some(mut xml) = self.xml("docProps/core.xml")? else { return Ok(()) };
        loop {
            match xml.next()? {
                Event::Start(tag) => {
                    let wanted = match tag.local_name().as_ref() {
                        "creator" => &mut found.author,
                        "title" => &mut found.title,
                        _ => continue,
                    };
                    let name = tag.name().as_ref().to_owned();
                    xml.text(&name, wanted.insert(String::new()))?;
                }
                Event::Eof => return Ok(()),
                _ => {}
            }
        }
    }
}

/// The name of a part that another one in this folder names.
fn resolved(folder: &str, target: &str) -> String {
    if let Some(whole) = target.strip_prefix('/') {
        return whole.to_owned();
    }
    let mut path: Vec<&str> = folder.split('/').filter(|step| !step.is_empty()).collect();
    for step in target.split('/') {
        match step {
            ".." => {
                path.pop();
            }
            "." | "" => {}
            step => path.push(step),
        }
    }
    path.join("/")
}

/// All bytes of a part that has at most so many.
pub(super) fn whole(part: impl Read, most: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    part.take(most + 1).read_to_end(&mut bytes).map_err(|error| damaged(&error))?;
    if bytes.len() as u64 > most {
        return Err(damaged(&format!("a part of it has more than {} MB", most >> 20)));
    }
    Ok(bytes)
}
