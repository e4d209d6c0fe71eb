//! Text in columns and JSON, from bytes to items.
#![no_main]

use std::io::Write;
use std::sync::LazyLock;

use cmf::domain::code::CodeIndex;
use cmf::import::framework;
use cmf::catalog::import::build::{self, Built, Outcome, Refusal, Taker};
use cmf::input::{Asked, Input};
use cmf::readings::Next;
use cmf::table::rows::Listed;
use cmf::table::source::{Most, Source};
use cmf::table::{self, Options, Prepared};
use libfuzzer_sys::fuzz_target;

static INDEX: LazyLock<CodeIndex> =
    LazyLock::new(|| CodeIndex::new(&cmf::import::bundled::ALL[0].framework().expect("a framework")));

struct Count(u64);

impl Taker for Count {
    fn accepts(&mut self, _: &Built) -> Result<(), Refusal> {
        Ok(())
    }

    fn take(&mut self, _: Outcome) -> cmf::error::Result<()> {
        self.0 += 1;
        Ok(())
    }
}

fuzz_target!(|bytes: &[u8]| {
    let mut file = tempfile::NamedTempFile::new_in("/dev/shm").expect("a file");
    file.write_all(bytes).expect("a file");
    let name = file.path().to_str().expect("a path").to_owned();
    if let Ok(source) = Source::open(&name, Most::Any(10_000_000))
        && let Ok(Prepared::Table(mut table)) = table::prepare(&source, &Options::default(), &[&INDEX], None)
    {
        let _ = build::build(&mut table, Some(&INDEX), &mut Count(0));
    }
    let input = Input::open(file.path(), Asked { wide: bytes.len() % 2 == 0, one: None, has_zone: false }, &Options::default(), 10_000_000);
    if let Ok(mut readings) = input.and_then(|input| input.source()) {
        while let Ok(Next::Reading(_) | Next::Refused { .. }) = readings.read() {}
    }
    if let Ok(None) = framework::read(bytes, "a")
        && let Ok(source) = Source::open(&name, Most::Any(10_000_000))
    {
        let list = framework::list(source.format);
        let _ = Listed::open(source, &Options::default(), list).and_then(|table| framework::of_table(&table));
    }
});
