//! A JSON object as the cells of a row.

use serde_json::{Map, Value};

use crate::table::row::Kind;

/// An object as cells. What cmf itself exports comes back: the rows of a rejects file, and the parsed part of an item.
pub(super) fn flattened(mut object: Map<String, Value>) -> Vec<(String, (Kind, String))> {
    if object.contains_key("problems")
        && let Some(Value::Object(row)) = object.shift_remove("row")
    {
        object = row;
    }
    if let Some(Value::Object(original)) = object.shift_remove("original_data")
        && let Some(Value::Object(parsed)) = original.get("parsed")
    {
        for (key, value) in parsed {
            object.entry(key.clone()).or_insert_with(|| value.clone());
        }
    }
    // Mappings by their deepest code, as one list.
    for key in ["mappings", "framework_mappings"] {
        if let Some(Value::Array(mappings)) = object.get(key) {
            let codes: Vec<String> = mappings.iter().filter_map(deepest).collect();
            if codes.len() == mappings.len() {
                object.shift_remove(key);
                object.insert("csf_subcategory_codes".to_owned(), Value::String(codes.join("; ")));
            }
        }
    }
    let mut cells = Vec::new();
    for (key, value) in object {
        add(&mut cells, key, value);
    }
    cells
}

fn deepest(mapping: &Value) -> Option<String> {
    match mapping {
        Value::String(code) => Some(code.clone()),
        Value::Object(parts) => ["subcategory_code", "category_code", "function_code", "code"]
            .iter()
            .find_map(|part| parts.get(*part).and_then(Value::as_str))
            .map(str::to_owned),
        _ => None,
    }
}

fn add(cells: &mut Vec<(String, (Kind, String))>, key: String, value: Value) {
    let cell = match value {
        Value::Null => (Kind::Empty, String::new()),
        Value::Bool(value) => (Kind::Bool, value.to_string()),
        Value::Number(number) => (Kind::Number, number.to_string()),
        Value::String(text) if text.is_empty() => (Kind::Empty, text),
        Value::String(text) => (Kind::Text, text),
        Value::Array(list) => {
            let texts: Vec<String> = list
                .into_iter()
                .map(|one| match one {
                    Value::String(text) => text,
                    Value::Object(object) => named(&object).unwrap_or_else(|| Value::Object(object).to_string()),
                    other => other.to_string(),
                })
                .collect();
            let text = texts.join("; ");
            (if text.is_empty() { Kind::Empty } else { Kind::Text }, text)
        }
        Value::Object(object) => {
            // A reference to another object (`{"id": ..., "str": "days"}`) is its name.
            if let Some(name) = named(&object) {
                (Kind::Text, name)
            } else {
                for (inner, value) in object {
                    add(cells, format!("{key}.{inner}"), value);
                }
                return;
            }
        }
    };
    cells.push((key, cell));
}

fn named(object: &Map<String, Value>) -> Option<String> {
    if !object.contains_key("id") {
        return None;
    }
    ["str", "name", "label", "ref_id"].iter().find_map(|key| object.get(*key).and_then(Value::as_str)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_become_cells() {
        let object = serde_json::json!({
            "name": "A", "target": 95.5, "unit": { "id": "1", "str": "days" }, "meta": { "owner": "Ada" }, "tags": ["x", "y"],
            "mappings": [{ "function_code": "PR", "category_code": "PR.AA", "subcategory_code": "PR.AA-01" }, { "function_code": "GV" }],
        });
        let Value::Object(object) = object else { panic!("an object") };
        let cells: Vec<(String, String)> = flattened(object).into_iter().map(|(key, cell)| (key, cell.1)).collect();
        let expected = [
            ("name", "A"),
            ("target", "95.5"),
            ("unit", "days"),
            ("meta.owner", "Ada"),
            ("tags", "x; y"),
            ("csf_subcategory_codes", "PR.AA-01; GV"),
        ];
        assert_eq!(cells, expected.map(|(key, text)| (key.to_owned(), text.to_owned())));
    }
}
