//! Framework files of every shape.

use std::io::Write as _;

use super::*;
use crate::table::Options;
use crate::table::source::Most;

/// The tree as `GV(GV.OC[GV.OC-01,GV.OC-02])`.
fn shape(source: &FrameworkFile) -> String {
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

fn withdrawn(source: &FrameworkFile) -> Vec<String> {
    source.withdrawn.iter().map(|one| format!("{}>{}", one.code, one.successors.join("+"))).collect()
}

/// Reads a document, or a table as the command does.
fn read(bytes: &[u8], file: &str) -> Result<FrameworkFile> {
    if let Some(source) = super::read(bytes, file)? {
        return Ok(source);
    }
    let mut content = tempfile::tempfile().unwrap();
    content.write_all(bytes).unwrap();
    let source = table::source::Source::of_file(file, content, Most::Any(1 << 20))?;
    let list = list(source.format);
    of_table(&Listed::open(source, &Options::default(), list)?)
}

fn read_text(text: &str) -> FrameworkFile {
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
        ("hello", "not a framework in a form"),
        ("", "the file is empty"),
        ("a,b\n1,2\n", "not a framework in a form"),
        ("{\"catalog\": 1}", "not a framework in a form"),
        ("{\"catalog\": ", "not complete JSON"),
        ("<catalog><metadata/>", "inside <catalog> (line 1, column 21)"),
        ("<html><metadata/></html>", "<html> is not an OSCAL catalog"),
        ("<catalog><metadata/></catalog>", "no current item"),
        ("PK\x03\x04rubbish", "the workbook is cut off or damaged"),
        ("function,category,subcategory,name,text\nA,A.X,A.X-1,,x\nA,A.X,A.X-1,,y\n", "`A.X-1` is in the file twice"),
        ("function,category,subcategory,name,text\nABCDEFGHIJK,A.X,A.X-1,,x\n", "longer than 10 characters"),
        ("x: &a [1]\nrequirement_nodes: *b\n", "not a CISO Assistant library"),
    ] {
        let error = read(content.as_bytes(), "some.file").unwrap_err();
        assert!(error.message().contains(message), "{content}: {}", error.message());
        assert_eq!(error.exit(), crate::error::Exit::Data);
        assert!(error.to_text().contains("some.file"));
    }
    for (rows, place) in [
        ("A,A.X,A.X-1,,x\nA,A.X,A.X-1,,y\n", "in rows 2 and 3"),
        ("A,A.X,,,x\nB,A.X,,,y\n", "one is below `A`, the other below `B`"),
    ] {
        let text = format!("function,category,subcategory,name,text\n{rows}");
        let error = read(text.as_bytes(), "some.file").unwrap_err().to_text();
        assert!(error.contains("in the file twice") && error.contains(place), "{error}");
    }
    for (content, hint) in [
        ("<catalog>\n<metadata>é", "get it again"),
        ("<catalog></metadata>", "get it again"),
        ("{\"catalog\": ", "get it again"),
        ("<html><metadata/></html>", "cmf reads OSCAL catalogs"),
    ] {
        let error = read(content.as_bytes(), "some.file").unwrap_err();
        assert!(error.hints()[0].contains(hint), "{}", error.to_text());
    }
    let cut = read("<catalog>\n<metadata>é".as_bytes(), "f").unwrap_err();
    assert!(cut.message().ends_with("inside <metadata> (line 2, column 12)"), "{}", cut.message());
    let deep = "<a>".repeat(5000);
    assert!(read(deep.as_bytes(), "f").unwrap_err().message().contains("nested deeper"));
    let circle = r#"{"documents": [], "elements": [
        {"element_identifier": "R", "element_type": "function", "text": "r"},
        {"element_identifier": "A", "element_type": "function", "text": "a"},
        {"element_identifier": "B", "element_type": "category", "text": "b"}],
      "relationships": [{"source_element_identifier": "R", "dest_element_identifier": "A"},
        {"source_element_identifier": "A", "dest_element_identifier": "B"},
        {"source_element_identifier": "B", "dest_element_identifier": "A"}]}"#;
    assert!(read(circle.as_bytes(), "f").unwrap_err().message().contains("form a circle"));
}

#[test]
fn the_yaml_notation_of_oscal_is_the_same_tree() {
    let yaml = "# made by hand\n---\ncatalog:\n  metadata:\n    title: Some Controls\n    version: 5.2\n  groups:\n  - id: ac\n    \
                title: Access Control\n    controls:\n    - id: ac-2\n      title: Accounts\n      controls:\n      - id: ac-2.1\n        \
                title: One\n";
    let source = read_text(yaml);
    assert_eq!((source.format, shape(&source).as_str()), (Format::OscalYaml, "AC(AC-2[AC-2.1])"));
    assert_eq!((source.framework.name.as_str(), source.framework.version.as_str()), ("Some Controls", "5.2"));
}

#[test]
fn other_documents_of_oscal_are_named() {
    for (text, said) in [
        ("{\"profile\": {\"uuid\": \"x\", \"imports\": []}}", "a profile, which chooses controls"),
        ("profile:\n  uuid: x\n  imports: []\n", "a profile, which chooses controls"),
        ("{\"mapping-collection\": {}}", "a collection of mappings"),
        ("catalog:\n - [", "not complete YAML"),
    ] {
        let error = read(text.as_bytes(), "file").unwrap_err();
        assert!(error.message().contains(said), "{text}: {}", error.message());
    }
}

#[test]
fn the_cells_of_the_reference_tool_are_read_from_csv_too() {
    let source = read_text(
        "Function,Category,Subcategory,Implementation Examples\n\"GOVERN (GV): The strategy, known\",,,\n\
         ,Organizational Context (GV.OC): The mission,,\n,,GV.OC-01: The mission is understood,\"Ex1: Share it\nEx2: Show it\"\n\
         ,,\"GV.OC-02: [Withdrawn: Incorporated into GV.OC-01]\",\n",
    );
    assert_eq!((source.format, shape(&source).as_str()), (Format::ReferenceCsv, "GV(GV.OC[GV.OC-01])"));
    assert_eq!(withdrawn(&source), ["GV.OC-02>GV.OC-01"]);
    assert_eq!(source.examples["GV.OC-01"], ["Share it", "Show it"]);
    assert_eq!(source.framework.functions[0].name, "Govern");
}

#[test]
fn a_level_and_a_code_a_row_are_a_tree() {
    let shown = "code,level,name,description\nA,function,Alpha,a\nA.X,category,Ex,x\nA.X-1,subcategory,,one\nB,function,Beta,\n\
                 B.Y,category,,\nB.Y-1,subcategory,,two\n";
    let source = read_text(shown);
    assert_eq!((source.format, shape(&source).as_str()), (Format::Shown, "A(A.X[A.X-1]),B(B.Y[B.Y-1])"));
    let depths = "assessable,depth,ref_id,name,description\n,1,A,Alpha,\n,2,,Group,\nx,3,A.1,,one\nx,3,A.2,,two\n";
    assert_eq!(shape(&read_text(depths)), "A(Group[A.1,A.2])");
    for (text, said) in [
        ("code,level\nA,2\n", "level 2 follows level 0"),
        ("code,level\nA,deep\n", "the level `deep` is not a number"),
        ("code,level\n,1\n", "there is no code"),
        ("category,subcategory\nA,A.1\n", "not a framework in a form"),
    ] {
        let error = read(text.as_bytes(), "file").unwrap_err();
        assert!(error.message().contains(said), "{text}: {}", error.message());
    }
}
