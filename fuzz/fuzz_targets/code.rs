//! Codes of a framework as people write them.
#![no_main]

use std::sync::LazyLock;

use cmf::domain::code::CodeIndex;
use libfuzzer_sys::fuzz_target;

static INDEXES: LazyLock<Vec<CodeIndex>> = LazyLock::new(|| {
    cmf::import::bundled::ALL.iter().map(|bundled| CodeIndex::new(&bundled.framework().expect("a framework"))).collect()
});

fuzz_target!(|text: &str| {
    for index in INDEXES.iter() {
        index.resolve(text);
        index.find_all(text);
        index.near(text);
        if let Some(position) = index.find(text) {
            assert_eq!(index.find(position.code()), Some(position));
        }
    }
});
