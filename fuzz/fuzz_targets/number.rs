//! Numbers as sheets write them, and as readings are given.
#![no_main]

use cmf::domain::number::{self, Mark};
use cmf::domain::reading;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for mark in [Mark::Point, Mark::Comma] {
        if let Ok(value) = number::parse(text, mark) {
            let _ = format!("{value:?}");
        }
    }
    number::is_nothing(text);
    if let Ok(value) = reading::Value::parse(text) {
        // What was taken is taken again as it is shown.
        assert_eq!(reading::Value::parse(&value.decimal().to_string()).map(reading::Value::decimal), Ok(value.decimal()));
    }
    let _ = reading::check_value(text);
});
