//! Framework files: OSCAL catalogs (JSON, XML), NIST CPRT (flat, and the Reference Tool's tree), the Reference Tool's
//! workbook, CISO Assistant libraries and plain CSV. The format is told by the shape of the content, never by the name.
//!
//! Every source becomes a tree of nodes first; one set of rules then makes three levels of it:
//! - Withdrawn items are taken out, their successors kept.
//! - Siblings are ordered by `sort-id` where all have one (ties by document order). Without it, siblings that differ only in
//!   numbers are ordered by number, others stay as in the document.
//! - One level: everything below one function and one category named `ALL`. Two levels: the first is function and category
//!   both. Three levels: as they are. What lies deeper becomes a subcategory beside its parent.

mod ciso;
mod cprt;
mod export;
mod levels;
mod oscal;
mod table;
mod xml;

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap, HashSet};

use crate::domain::code::Withdrawal;
use crate::domain::framework::{Framework, Subcategory};
use crate::error::{Error, Place, Result};
use crate::import::limits;

/// The most items that a framework may have. NIST's 800-53 has 1,200.
const MOST_ITEMS: usize = 10_000;

/// The deepest nesting that is followed; the official catalogs need 4.
const DEEPEST: usize = 32;

/// The formats a framework is read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// OSCAL catalog as JSON.
    OscalJson,
    /// OSCAL catalog as XML.
    OscalXml,
    /// NIST CPRT with elements and relationships apart.
    CprtFlat,
    /// NIST Reference Tool with nested elements.
    CprtTree,
    /// The Reference Tool's workbook.
    Workbook,
    /// CISO Assistant library.
    CisoAssistant,
    /// Columns function, category, subcategory, name, text.
    Csv,
}

impl Format {
    /// The name shown to people.
    pub const fn name(self) -> &'static str {
        match self {
            Format::OscalJson => "OSCAL catalog (JSON)",
            Format::OscalXml => "OSCAL catalog (XML)",
            Format::CprtFlat => "NIST CPRT (JSON)",
            Format::CprtTree => "NIST Reference Tool (JSON)",
            Format::Workbook => "NIST Reference Tool (XLSX)",
            Format::CisoAssistant => "CISO Assistant library (YAML)",
            Format::Csv => "CSV",
        }
    }
}

/// What a file says about a framework.
#[derive(Debug, Clone)]
pub struct Source {
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
    /// What a careful reader should know.
    pub notices: Vec<String>,
}

/// One item of a source.
#[derive(Debug, Clone, Default)]
struct Node {
    code: String,
    title: String,
    text: String,
    sort: Option<String>,
    /// Successors, where the item is withdrawn.
    withdrawn: Option<Vec<String>>,
    examples: Vec<String>,
    children: Vec<Node>,
}

/// A parsed file before the rules are applied.
#[derive(Debug, Default)]
struct Document {
    name: String,
    version: String,
    description: Option<String>,
    nodes: Vec<Node>,
}

/// Reads a framework file of any known shape.
///
/// # Errors
/// Exit 65 when the content has no known shape, is damaged, or cannot be a framework (a code twice, a code too long).
pub fn read(bytes: &[u8], file: &str) -> Result<Source> {
    parse(bytes).map_err(|error| error.at(Place { file: Some(file.to_owned()), ..Place::default() }))
}

fn parse(bytes: &[u8]) -> Result<Source> {
    if bytes.starts_with(b"PK\x03\x04") {
        return assemble(Format::Workbook, export::read(bytes)?);
    }
    let text = decode(bytes)?;
    let start = text.trim_start();
    if start.starts_with('<') {
        return assemble(Format::OscalXml, oscal::read_xml(start)?);
    }
    if start.starts_with('{') {
        // What was parsed is gone before the tree is made of it.
        let (format, document) = read_json(start)?;
        return assemble(format, document);
    }
    if text.lines().any(|line| line.trim_start().starts_with("requirement_nodes:")) {
        return assemble(Format::CisoAssistant, ciso::read(&text)?);
    }
    match table::read(&text)? {
        Some(document) => assemble(Format::Csv, document),
        None => Err(unknown_shape()),
    }
}

fn read_json(text: &str) -> Result<(Format, Document)> {
    limits::check_json(text)?;
    let json: serde_json::Value =
        serde_json::from_str(text).map_err(|error| Error::data(format!("the file is not whole JSON: {error}")))?;
    if json.pointer("/catalog/metadata").is_some() {
        return Ok((Format::OscalJson, oscal::read_json(&json)?));
    }
    match json.pointer("/response/elements").or_else(|| json.get("documents").map(|_| &json)) {
        Some(tree) if tree.is_array() => Ok((Format::CprtTree, cprt::read_tree(tree)?)),
        Some(flat) if flat.is_object() => Ok((Format::CprtFlat, cprt::read_flat(flat)?)),
        _ => Err(unknown_shape()),
    }
}

fn unknown_shape() -> Error {
    Error::data("the file has the shape of no framework that cmf reads").hint(
        "it reads OSCAL catalogs (JSON, XML), NIST CPRT JSON, the NIST Reference Tool's XLSX, CISO Assistant YAML, \
         and CSV with the columns function, category, subcategory, name, text",
    )
}

/// Refuses what has more items than any framework.
fn not_too_many(items: usize) -> Result<()> {
    if items > MOST_ITEMS {
        return Err(Error::data(format!("the file has more than the {MOST_ITEMS} items that a framework can have")));
    }
    Ok(())
}

fn decode(bytes: &[u8]) -> Result<Cow<'_, str>> {
    let (text, _, damaged) = encoding_rs::UTF_8.decode(bytes);
    if damaged { Err(Error::data("the file is not UTF-8 text")) } else { Ok(text) }
}

fn assemble(format: Format, document: Document) -> Result<Source> {
    let Document { name, version, description, mut nodes } = document;
    let mut withdrawn = Vec::new();
    order(&mut nodes);
    take_withdrawn(&mut nodes, false, &mut withdrawn);
    let marks_withdrawals = !withdrawn.is_empty();
    let mut examples = BTreeMap::new();
    let mut notices = Vec::new();
    if nodes.is_empty() {
        return Err(Error::data("the file has no live item of a framework"));
    }
    let functions = levels::fit(nodes, &name, &mut examples, &mut notices);
    levels::check_codes(&functions)?;
    let framework = Framework { name, version, description, functions };
    let mut source = Source { format, framework, withdrawn, marks_withdrawals, examples, notices };
    keep_known_successors(&mut source);
    Ok(source)
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
fn keep_known_successors(source: &mut Source) {
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

/// Codes named in a sentence such as `Incorporated into GV.RR-02, GV.SC-02`; words that are no codes are dropped later.
fn codes_in(sentence: &str) -> Vec<String> {
    let after = sentence.split_once("into ").or_else(|| sentence.split_once("to ")).map_or(sentence, |(_, after)| after);
    after
        .split([',', ';'])
        .flat_map(|part| part.split(" and "))
        .map(|part| part.trim().trim_end_matches(['.', ']']).to_owned())
        .filter(|part| !part.is_empty() && !part.contains(' '))
        .collect()
}

/// Blanks and line breaks as one blank.
fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Source {
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
        self.withdrawn = withdrawn.to_vec();
        count
    }
}

fn subcategories(framework: &Framework) -> impl Iterator<Item = &Subcategory> {
    framework.functions.iter().flat_map(|function| &function.categories).flat_map(|category| &category.subcategories)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tree as `GV(GV.OC[GV.OC-01,GV.OC-02])`.
    fn shape(source: &Source) -> String {
        let list = |items: Vec<String>| items.join(",");
        list(
            source
                .framework
                .functions
                .iter()
                .map(|function| {
                    let categories = function.categories.iter().map(|category| {
                        let codes = category.subcategories.iter().map(|subcategory| subcategory.code.clone()).collect();
                        format!("{}[{}]", category.code, list(codes))
                    });
                    format!("{}({})", function.code, list(categories.collect()))
                })
                .collect(),
        )
    }

    fn withdrawn(source: &Source) -> Vec<String> {
        source.withdrawn.iter().map(|one| format!("{}>{}", one.code, one.successors.join("+"))).collect()
    }

    fn read_text(text: &str) -> Source {
        read(text.as_bytes(), "file").unwrap()
    }

    const OSCAL_JSON: &str = r##"{"catalog": {"metadata": {"title": "Some Controls", "version": "5.2"}, "groups": [
        {"id": "ac", "title": "Access Control", "controls": [
            {"id": "ac-2", "title": "Accounts", "props": [{"name": "label", "value": "AC-2"}, {"name": "sort-id", "value": "ac-02"}],
             "parts": [{"name": "statement", "prose": "Do {{ insert: param, ac-2_prm_1 }}:", "parts": [{"name": "item", "prose": "well."}]}],
             "controls": [
                {"id": "ac-2.10", "title": "Ten", "props": [{"name": "label", "value": "AC-2(10)"}, {"name": "status", "value": "Withdrawn"}],
                 "links": [{"rel": "moved-to", "href": "#ac-2.1"}, {"rel": "addressed_by", "href": "#ac-2_smt.k"}, {"rel": "related", "href": "#ac-1"}]},
                {"id": "ac-2.1", "title": "One", "props": [{"name": "label", "class": "zero-padded", "value": "AC-02(01)"}, {"name": "label", "value": "AC-2(1)"}]}]},
            {"id": "ac-1", "title": "Policy", "props": [{"name": "label", "value": "AC-1"}, {"name": "sort-id", "value": "ac-01"}]}]}]}}"##;

    #[test]
    fn family_control_enhancement_are_three_levels_and_labels_are_the_codes() {
        let source = read_text(OSCAL_JSON);
        assert_eq!((source.format, shape(&source).as_str()), (Format::OscalJson, "AC(AC-1[],AC-2[AC-2(1)])"));
        assert_eq!(withdrawn(&source), ["AC-2(10)>AC-2(1)+AC-2"]);
        let control = &source.framework.functions[0].categories[1];
        assert_eq!(control.description.as_deref(), Some("Do [organization-defined]: well."));
        assert_eq!((source.framework.name.as_str(), source.framework.version.as_str()), ("Some Controls", "5.2"));
    }

    #[test]
    fn oscal_xml_is_the_same_and_entities_are_not_expanded() {
        let source = read_text(
            "<!DOCTYPE catalog [<!ENTITY big 'xxxxxxxx'>]><catalog xmlns='http://csrc.nist.gov/ns/oscal/1.0'><metadata><title>T</title>\
             <version>1</version></metadata><group id='A'><title>ALPHA</title><control id='A.B'><title>B &amp; C&big;</title>\
             <control id='A.B-10'><title>A.B-10</title><part name='statement'><p>ten</p></part></control>\
             <control id='A.B-9'><title>A.B-9</title><part name='statement'><p>nine</p></part><part name='example'><p>like this</p></part></control>\
             <control id='A.B-1'><title>A.B-1</title><prop name='status' value='withdrawn'/><link rel='incorporated-into' href='#A.B'/></control>\
             </control></group></catalog>",
        );
        assert_eq!(shape(&source), "A(A.B[A.B-9,A.B-10])");
        assert_eq!(source.framework.functions[0].name, "Alpha");
        assert_eq!(source.framework.functions[0].categories[0].name, "B & C");
        assert_eq!(withdrawn(&source), ["A.B-1>A.B"]);
        assert_eq!(source.examples["A.B-9"], ["like this"]);
    }

    #[test]
    fn equal_sort_ids_keep_the_order_of_the_document() {
        let control = |id: &str| format!("<control id='{id}'><prop name='sort-id' value='1'/></control>");
        let source = read_text(&format!(
            "<catalog><metadata/><group id='Z'><control id='Z.1'>{}{}{}</control></group></catalog>",
            control("Z.1-3"),
            control("Z.1-1"),
            control("Z.1-2")
        ));
        assert_eq!(shape(&source), "Z(Z.1[Z.1-3,Z.1-1,Z.1-2])");
    }

    #[test]
    fn cprt_flat_drops_stubs_and_keeps_successors_at_any_level() {
        let source = read_text(
            r#"{"response": {"elements": {"documents": [{"name": "F", "version": "2"}], "elements": [
                {"element_identifier": "B.X-02", "element_type": "subcategory", "title": ""},
                {"element_identifier": "A", "element_type": "function", "title": "ALPHA", "text": "a"},
                {"element_identifier": "A.X", "element_type": "category", "title": "X", "text": "x"},
                {"element_identifier": "A.X-01", "element_type": "subcategory", "title": "", "text": "one"},
                {"element_identifier": "WR-A.X-01", "element_type": "withdraw_reason", "text": "Incorporated into A.X, B.X-02 and other Categories"},
                {"element_identifier": "B", "element_type": "function", "title": "BETA", "text": "b"},
                {"element_identifier": "B.X", "element_type": "category", "title": "X", "text": "x"},
                {"element_identifier": "B.X-02", "element_type": "subcategory", "title": "", "text": "two"},
                {"element_identifier": "B.X-02.001", "element_type": "implementation_example", "title": "Ex1", "text": "such"}],
              "relationships": [
                {"relationship_identifier": "projection", "source_element_identifier": "A", "dest_element_identifier": "A.X"},
                {"relationship_identifier": "projection", "source_element_identifier": "A.X", "dest_element_identifier": "A.X-01"},
                {"relationship_identifier": "projection", "source_element_identifier": "A.X-01", "dest_element_identifier": "WR-A.X-01"},
                {"relationship_identifier": "projection", "source_element_identifier": "WR-A.X-01", "dest_element_identifier": "B.X-02"},
                {"relationship_identifier": "projection", "source_element_identifier": "B", "dest_element_identifier": "B.X"},
                {"relationship_identifier": "projection", "source_element_identifier": "B.X", "dest_element_identifier": "B.X-02"},
                {"relationship_identifier": "projection", "source_element_identifier": "B.X-02", "dest_element_identifier": "B.X-02.001"}]}}}"#,
        );
        assert_eq!((source.format, shape(&source).as_str()), (Format::CprtFlat, "A(A.X[]),B(B.X[B.X-02])"));
        assert_eq!(withdrawn(&source), ["A.X-01>A.X+B.X-02"]);
        assert_eq!(source.framework.functions[1].categories[0].subcategories[0].description, "two");
        assert_eq!(source.examples["B.X-02"], ["such"]);
    }

    #[test]
    fn the_reference_tools_tree_is_read() {
        let source = read_text(
            r#"{"response": {"elements": [{"elementIdentifier": "A", "elementTypeIdentifier": "function", "title": "ALPHA", "text": "a", "elements": [
                {"elementIdentifier": "A.Y", "elementTypeIdentifier": "category", "title": "Y", "text": "", "elements": [
                    {"elementIdentifier": "A.Y-01", "elementTypeIdentifier": "subcategory", "title": "", "text": "old"},
                    {"elementIdentifier": "WR-A.Y", "elementTypeIdentifier": "withdraw_reason", "title": "", "text": "Moved to A.X"}]},
                {"elementIdentifier": "A.X", "elementTypeIdentifier": "category", "title": "X", "text": "x", "elements": [
                    {"elementIdentifier": "A.X-02", "elementTypeIdentifier": "subcategory", "title": "", "text": "two"},
                    {"elementIdentifier": "A.X-01", "elementTypeIdentifier": "subcategory", "title": "", "text": "one", "elements": [
                        {"elementIdentifier": "first", "elementTypeIdentifier": "party", "title": "1st", "text": "1st Party Risk"},
                        {"elementIdentifier": "A.X-01.001", "elementTypeIdentifier": "implementation_example", "title": "Ex1", "text": "such"}]}]}]}]}}"#,
        );
        assert_eq!((source.format, shape(&source).as_str()), (Format::CprtTree, "A(A.X[A.X-01,A.X-02])"));
        assert_eq!(withdrawn(&source), ["A.Y>A.X", "A.Y-01>"]);
        assert_eq!(source.examples["A.X-01"], ["such"]);
    }

    #[test]
    fn a_ciso_assistant_library_is_read_and_its_depth_fitted() {
        let library = |nodes: &str| {
            format!(
                "urn: urn:x\nname: L\nversion: 6\nobjects:\n  framework:\n    ref_id: X\n    name: NIST Things v2.0\n    requirement_nodes:\n{nodes}"
            )
        };
        let node = |urn: &str, parent: &str, code: &str| {
            let parent = if parent.is_empty() { String::new() } else { format!("      parent_urn: {parent}\n") };
            format!(
                "    - urn: {urn}\n      depth: 1\n{parent}      ref_id: {code}\n      description: about {code}\n      annotation: |-\n        1st: party\n        Ex1: such\n"
            )
        };
        let text = library(
            &[
                node("u:a", "", "A"),
                node("u:a.1", "u:a", "A.1"),
                node("u:a.1.1", "u:a.1", "A.1.1"),
                node("u:deep", "u:a.1.1", "A.1.1.1"),
            ]
            .concat(),
        );
        let source = read_text(&text);
        assert_eq!((source.format, shape(&source).as_str()), (Format::CisoAssistant, "A(A.1[A.1.1,A.1.1.1])"));
        assert_eq!((source.framework.name.as_str(), source.framework.version.as_str()), ("NIST Things", "2.0"));
        assert!(source.notices[0].contains("4 levels"), "{:?}", source.notices);
        assert_eq!(source.examples["A.1.1"], ["such"]);

        let two = read_text(&library(&[node("u:a", "", "A"), node("u:a.1", "u:a", "A.1")].concat()));
        assert_eq!(shape(&two), "A(A[A.1])");
        let one = read_text(&library(&[node("u:a", "", "A"), node("u:b", "", "B")].concat()));
        assert_eq!(shape(&one), "ALL(ALL[A,B])");
        let orphan = read(library(&node("u:a", "u:nowhere", "A")).as_bytes(), "f").unwrap_err();
        assert!(orphan.message().contains("a parent that is not in the file: u:nowhere"));
    }

    #[test]
    fn plain_csv_is_read_with_its_withdrawn_rows() {
        let source = read_text(
            "function,category,subcategory,name,text\nA,,,Alpha,a\nA,A.X,,X,x\nA,A.X,A.X-2,,two\nA,A.X,A.X-10,,ten\nA,A.X,A.X-1,,[Withdrawn: Moved to A.X-2]\n",
        );
        assert_eq!((source.format, shape(&source).as_str()), (Format::Csv, "A(A.X[A.X-2,A.X-10])"));
        assert_eq!(withdrawn(&source), ["A.X-1>A.X-2"]);
    }

    #[test]
    fn what_is_no_framework_is_refused_with_the_reason() {
        for (content, message) in [
            ("hello", "the shape of no framework"),
            ("", "the shape of no framework"),
            ("a,b\n1,2\n", "the shape of no framework"),
            ("{\"catalog\": 1}", "the shape of no framework"),
            ("{\"catalog\": ", "not whole JSON"),
            ("<catalog><metadata/>", "ends within an element"),
            ("<html><metadata/></html>", "<html> is no OSCAL catalog"),
            ("<catalog><metadata/></catalog>", "no live item"),
            ("PK\x03\x04rubbish", "the workbook's archive is damaged"),
            ("function,category,subcategory,name,text\nA,A.X,A.X-1,,x\nA,A.X,A.X-1,,y\n", "`A.X-1` is in the file twice"),
            ("function,category,subcategory,name,text\nABCDEFGHIJK,A.X,A.X-1,,x\n", "longer than 10 characters"),
            ("x: &a [1]\nrequirement_nodes: *b\n", "no CISO Assistant library"),
        ] {
            let error = read(content.as_bytes(), "some.file").unwrap_err();
            assert!(error.message().contains(message), "{content}: {}", error.message());
            assert_eq!(error.exit(), crate::error::Exit::Data);
            assert!(error.to_text().contains("some.file"));
        }
        let deep = "<a>".repeat(5000);
        assert!(read(deep.as_bytes(), "f").unwrap_err().message().contains("nests deeper"));
        let circle = r#"{"documents": [], "elements": [
            {"element_identifier": "R", "element_type": "function", "text": "r"},
            {"element_identifier": "A", "element_type": "function", "text": "a"},
            {"element_identifier": "B", "element_type": "category", "text": "b"}],
          "relationships": [{"source_element_identifier": "R", "dest_element_identifier": "A"},
            {"source_element_identifier": "A", "dest_element_identifier": "B"},
            {"source_element_identifier": "B", "dest_element_identifier": "A"}]}"#;
        assert!(read(circle.as_bytes(), "f").unwrap_err().message().contains("in a circle"));
    }
}
