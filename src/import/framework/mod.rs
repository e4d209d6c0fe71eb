//! Framework files: OSCAL catalogs (JSON, XML, YAML), NIST CPRT (flat, and the Reference Tool's tree), the Reference Tool's
//! workbook and its cells as CSV, CISO Assistant libraries (YAML, XLSX), plain CSV and what `cmf framework show` writes. The format is told by the shape of the content, never by the name.
//!
//! Every source becomes a tree of nodes first; one set of rules then makes three levels of it:
//! - Withdrawn items are taken out, their successors kept.
//! - Siblings are ordered by `sort-id` where all have one (ties by document order). Without it, siblings that differ only in
//!   numbers are ordered by number, others stay as in the document.
//! - One level: everything below one function and one category named `ALL`. Two levels: the first is function and category
//!   both. Three levels: as they are. What lies deeper becomes a subcategory beside its parent.

mod ciso;
mod cprt;
mod depths;
pub(in crate::import) mod document;
mod export;
mod levels;
pub(in crate::import) mod oscal;
mod rows;
pub(in crate::import) mod xml;

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap, HashSet};

use self::document::{Document, INCOMPLETE, Node, decode, unknown_shape};
use crate::domain::code::Withdrawal;
use crate::domain::framework::{Framework, Subcategory};
use crate::domain::named::named;
use crate::error::{Error, Place, Result};
use crate::table::rows::{List, Listed};
use crate::table::{self, limits};

named! {
    /// The formats a framework is read from.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Format {
        /// OSCAL catalog as JSON.
        OscalJson = "OSCAL catalog (JSON)",
        /// OSCAL catalog as XML.
        OscalXml = "OSCAL catalog (XML)",
        /// OSCAL catalog as YAML.
        OscalYaml = "OSCAL catalog (YAML)",
        /// NIST CPRT with elements and relationships apart.
        CprtFlat = "NIST CPRT (JSON)",
        /// NIST Reference Tool with nested elements.
        CprtTree = "NIST Reference Tool (JSON)",
        /// The Reference Tool's workbook.
        Workbook = "NIST Reference Tool (XLSX)",
        /// The Reference Tool's cells as CSV.
        ReferenceCsv = "NIST Reference Tool (CSV)",
        /// The content of a CISO Assistant library as a workbook.
        CisoWorkbook = "CISO Assistant library (XLSX)",
        /// CISO Assistant library.
        CisoAssistant = "CISO Assistant library (YAML)",
        /// Columns function, category, subcategory, name, text.
        Csv = "CSV",
        /// Columns level and code, as `cmf framework show` writes them.
        Shown = "cmf framework show (CSV)",
    }
    /// The name shown to people.
    name
}

/// What a file says about a framework.
#[derive(Debug, Clone)]
pub struct FrameworkFile {
    /// How it was written.
    pub format: Format,
    /// The live tree. Name and version are the file's own, possibly empty.
    pub framework: Framework,
    /// Codes that are no longer live, with their successors.
    pub withdrawn: Vec<Withdrawal>,
    /// Whether the file says of any item that it is withdrawn.
    pub marks_withdrawals: bool,
    /// Implementation examples by code.
    pub examples: BTreeMap<String, Vec<String>>,
    /// Texts in other languages, by the language's code and the item's.
    pub translations: BTreeMap<String, BTreeMap<String, String>>,
    /// What a careful reader should know.
    pub notices: Vec<String>,
}

/// Reads a framework from a document of any known shape, or nothing where the content is a table. Exit 65 when the content has
/// no known shape, is damaged, or cannot be a framework (a code twice, a code too long).
pub fn read(bytes: &[u8], file: &str) -> Result<Option<FrameworkFile>> {
    document(bytes).map_err(|error| error.at(Place::of(file)))
}

fn document(bytes: &[u8]) -> Result<Option<FrameworkFile>> {
    let start = String::from_utf8_lossy(bytes.get(..bytes.len().min(64)).unwrap_or_default());
    let start = start.trim_start_matches('\u{feff}').trim_start();
    let is_library = || String::from_utf8_lossy(bytes).lines().any(|line| line.trim_start().starts_with("requirement_nodes:"));
    let is_yaml = oscal::is_yaml(bytes);
    let is_mapping = || {
        let text = String::from_utf8_lossy(bytes);
        text.lines().any(|line| line.trim_start().starts_with("requirement_mapping_set"))
    };
    if !bytes.starts_with(b"PK") && !start.starts_with(['<', '{']) && !is_library() && is_mapping() {
        return Err(Error::data("the file is a CISO Assistant mapping between frameworks, not a framework")
            .hint("import it with `cmf framework crosswalk import FILE`"));
    }
    if bytes.starts_with(b"PK") || !start.starts_with(['<', '{']) && !is_yaml && !is_library() {
        return Ok(None);
    }
    let text = decode(bytes)?;
    let start = text.trim_start();
    let (format, document) = if start.starts_with('<') {
        (Format::OscalXml, oscal::read_xml(start)?)
    } else if is_yaml {
        (Format::OscalYaml, oscal::read_yaml(&text)?)
    } else if start.starts_with('{') {
        // What was parsed is gone before the tree is made of it.
        read_json(start)?
    } else {
        (Format::CisoAssistant, ciso::read(&text)?)
    };
    assemble(format, document).map(Some)
}

/// The fields of a table of this format.
pub fn list(format: table::format::Format) -> List {
    if format.is_workbook() { export::LIST } else { rows::LIST }
}

/// Reads a framework from a table with the columns of [`list`].
pub fn of_table(table: &Listed) -> Result<FrameworkFile> {
    let has_levels = table.column("subcategory").is_none();
    let source = if table.source().format.is_workbook() {
        let format = if has_levels { Format::CisoWorkbook } else { Format::Workbook };
        export::read(table).and_then(|document| assemble(format, document))
    } else {
        export::is_export(table).and_then(|is_export| match (is_export, has_levels) {
            (true, _) => assemble(Format::ReferenceCsv, export::read(table)?),
            (false, true) => assemble(Format::Shown, rows::read(table)?),
            (false, false) => assemble(Format::Csv, rows::read(table)?),
        })
    };
    source.map_err(|error| error.at(Place { sheet: table.sheet.clone(), ..table.source().place() }))
}

fn read_json(text: &str) -> Result<(Format, Document)> {
    limits::check_json(text)?;
    let json: serde_json::Value = serde_json::from_str(text)
        .map_err(|error| Error::data(format!("the file is not complete JSON: {error}")).hint(INCOMPLETE))?;
    oscal::refuse_other(&json)?;
    if json.pointer("/catalog/metadata").is_some() {
        return Ok((Format::OscalJson, oscal::read_json(&json)?));
    }
    match json.pointer("/response/elements").or_else(|| json.get("documents").map(|_| &json)) {
        Some(tree) if tree.is_array() => Ok((Format::CprtTree, cprt::read_tree(tree)?)),
        Some(flat) if flat.is_object() => Ok((Format::CprtFlat, cprt::read_flat(flat)?)),
        _ => Err(unknown_shape()),
    }
}

fn assemble(format: Format, document: Document) -> Result<FrameworkFile> {
    let Document { name, version, description, mut nodes } = document;
    let mut withdrawn = Vec::new();
    order(&mut nodes);
    take_withdrawn(&mut nodes, false, &mut withdrawn);
    let marks_withdrawals = !withdrawn.is_empty();
    let mut examples = BTreeMap::new();
    let mut notices = Vec::new();
    if nodes.is_empty() {
        return Err(Error::data("the file has no current item of a framework"));
    }
    let mut translations = BTreeMap::new();
    translated(&nodes, &mut translations);
    if !translations.is_empty() {
        let languages = translations.keys().cloned().collect::<Vec<_>>().join(", ");
        notices.push(format!("the file's translations are kept, for suggestions: {languages}"));
    }
    let functions = levels::fit(nodes, &name, &mut examples, &mut notices);
    levels::check_codes(&functions)?;
    let framework = Framework { name, version, description, functions };
    let mut source = FrameworkFile { format, framework, withdrawn, marks_withdrawals, examples, translations, notices };
    keep_known_successors(&mut source);
    Ok(source)
}

/// Gathers the texts in other languages.
fn translated(nodes: &[Node], into: &mut BTreeMap<String, BTreeMap<String, String>>) {
    for node in nodes {
        for (language, text) in &node.translations {
            into.entry(language.clone()).or_default().insert(node.code.clone(), text.clone());
        }
        translated(&node.children, into);
    }
}

/// Sorts siblings at every level; see the module's rules.
fn order(nodes: &mut [Node]) {
    for node in nodes.iter_mut() {
        order(&mut node.children);
    }
    if nodes.iter().all(|node| node.sort.is_some()) {
        nodes.sort_by(|a, b| natural(a.sort.as_deref().unwrap_or_default(), b.sort.as_deref().unwrap_or_default()));
    } else {
        let letters = |node: &Node| node.code.chars().filter(|c| c.is_alphabetic()).collect::<String>().to_uppercase();
        let same = nodes.windows(2).all(|two| letters(&two[0]) == letters(&two[1]));
        if same && nodes.iter().all(|node| node.code.chars().any(|c| c.is_ascii_digit())) {
            nodes.sort_by(|a, b| natural(&a.code, &b.code));
        }
    }
}

/// Compares by runs: digits by their number, everything else by its characters.
fn natural(left: &str, right: &str) -> Ordering {
    let number = |text: &str| {
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let digits = text[..end].trim_start_matches('0');
        (digits.len(), digits.to_owned(), end)
    };
    let (mut left, mut right) = (left, right);
    loop {
        let (Some(a), Some(b)) = (left.chars().next(), right.chars().next()) else { return left.len().cmp(&right.len()) };
        let ordering = if a.is_ascii_digit() && b.is_ascii_digit() {
            let (x, y) = (number(left), number(right));
            (left, right) = (&left[x.2..], &right[y.2..]);
            (x.0, x.1).cmp(&(y.0, y.1))
        } else {
            (left, right) = (&left[a.len_utf8()..], &right[b.len_utf8()..]);
            a.cmp(&b)
        };
        if ordering != Ordering::Equal {
            return ordering;
        }
    }
}

/// Takes withdrawn items out of the tree. What lies below a withdrawn item is withdrawn with it.
fn take_withdrawn(nodes: &mut Vec<Node>, parent_withdrawn: bool, withdrawn: &mut Vec<Withdrawal>) {
    let mut live = Vec::with_capacity(nodes.len());
    for mut node in nodes.drain(..) {
        let gone = parent_withdrawn || node.withdrawn.is_some();
        if gone {
            let successors = node.withdrawn.take().unwrap_or_default();
            withdrawn.push(Withdrawal { code: node.code.clone(), successors });
            take_withdrawn(&mut node.children, true, withdrawn);
        } else {
            take_withdrawn(&mut node.children, false, withdrawn);
            live.push(node);
        }
    }
    *nodes = live;
}

/// Successors are live codes in their official spelling; a sentence's other words are not.
fn keep_known_successors(source: &mut FrameworkFile) {
    let index = crate::domain::code::CodeIndex::new(&source.framework);
    for withdrawal in &mut source.withdrawn {
        let mut kept: Vec<String> = Vec::new();
        for successor in &withdrawal.successors {
            if let Some(position) = index.find(successor)
                && !kept.iter().any(|code| code == position.code())
            {
                kept.push(position.code().to_owned());
            }
        }
        withdrawal.successors = kept;
    }
}

impl FrameworkFile {
    /// The fraction of `framework`'s subcategories that this source has, live or withdrawn, in the same spelling.
    pub fn coverage_of(&self, framework: &Framework) -> f64 {
        let mine: HashSet<&str> = subcategories(&self.framework)
            .map(|subcategory| subcategory.code.as_str())
            .chain(self.withdrawn.iter().map(|withdrawal| withdrawal.code.as_str()))
            .collect();
        let (mut all, mut found) = (0_u32, 0_u32);
        for subcategory in subcategories(framework) {
            all += 1;
            found += u32::from(mine.contains(subcategory.code.as_str()));
        }
        if all == 0 { 0.0 } else { f64::from(found) / f64::from(all) }
    }

    /// Takes these codes for withdrawn, where the source itself says nothing. Returns how many of them it had as live.
    pub fn withdraw(&mut self, withdrawn: &[Withdrawal]) -> usize {
        let gone: HashMap<&str, &Withdrawal> = withdrawn.iter().map(|each| (each.code.as_str(), each)).collect();
        let mut count = 0;
        for function in &mut self.framework.functions {
            for category in &mut function.categories {
                let before = category.subcategories.len();
                category.subcategories.retain(|subcategory| !gone.contains_key(subcategory.code.as_str()));
                count += before - category.subcategories.len();
            }
            let before = function.categories.len();
            function.categories.retain(|category| !gone.contains_key(category.code.as_str()));
            count += before - function.categories.len();
        }
        self.examples.retain(|code, _| !gone.contains_key(code.as_str()));
        self.translations.values_mut().for_each(|texts| texts.retain(|code, _| !gone.contains_key(code.as_str())));
        self.withdrawn = withdrawn.to_vec();
        count
    }
}

fn subcategories(framework: &Framework) -> impl Iterator<Item = &Subcategory> {
    framework.functions.iter().flat_map(|function| &function.categories).flat_map(|category| &category.subcategories)
}

#[cfg(test)]
mod tests;
