//! Crosswalk files: OSCAL mapping collections (JSON, XML, YAML), CISO Assistant mappings (YAML, XLSX), NIST's OLIR and Reference
//! Tool (XLSX, CSV), and plain tables with the columns source, target, relation, confidence. The format is told by the content.
//! Every file becomes rows of codes as they are written; whoever knows the frameworks looks the codes up.

mod ciso;
mod file;
mod oscal;
mod table;

use self::file::not_too_many;
pub use self::file::{CrosswalkFile, Format, Written};
pub use self::table::{LIST, documents, of_table};
use crate::error::{Place, Result};
use crate::import::framework::document::decode;

/// Reads a crosswalk from a document of any known shape, or nothing where the content is a table. Exit 65 when the content is
/// damaged, or a document of another kind.
pub fn read(bytes: &[u8], file: &str) -> Result<Option<CrosswalkFile>> {
    document(bytes).map_err(|error| error.at(Place::of(file)))
}

fn document(bytes: &[u8]) -> Result<Option<CrosswalkFile>> {
    let start = String::from_utf8_lossy(bytes.get(..bytes.len().min(64)).unwrap_or_default());
    let start = start.trim_start_matches('\u{feff}').trim_start();
    let is_yaml = oscal::is_yaml(bytes);
    let is_library = || {
        let text = String::from_utf8_lossy(bytes);
        text.lines().any(|line| {
            let line = line.trim_start();
            ["requirement_mapping_set:", "requirement_mapping_sets:", "requirement_nodes:"]
                .iter()
                .any(|key| line.starts_with(key))
        })
    };
    if bytes.starts_with(b"PK") || !start.starts_with(['<', '{']) && !is_yaml && !is_library() {
        return Ok(None);
    }
    let text = decode(bytes)?;
    let start = text.trim_start();
    let file = if start.starts_with('<') {
        oscal::read_xml(start)?
    } else if is_yaml {
        oscal::read_yaml(&text)?
    } else if start.starts_with('{') {
        oscal::read_json(start)?
    } else {
        ciso::read(&text)?
    };
    not_too_many(file.rows.len())?;
    Ok(Some(file))
}

#[cfg(test)]
mod tests;
