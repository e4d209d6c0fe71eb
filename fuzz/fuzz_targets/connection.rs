//! Connection strings. Files that a string names are the user's own and are left alone.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if !["passfile", "service", "ssl"].iter().any(|name| text.contains(name)) && !text.contains('%') {
        let _ = cmf::parse_connection(text);
    }
});
