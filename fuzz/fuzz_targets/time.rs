//! Instants, spans and zones.
#![no_main]

use cmf::domain::moment::Day;
use cmf::domain::reading::{self, Zone};
use cmf::domain::span;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = span::parse(text, Some("s"));
    let _ = span::days(text);
    let _ = text.parse::<Zone>();
    for zone in ["UTC", "Europe/Berlin", "+14:00"] {
        let zone: Zone = zone.parse().expect("a zone");
        let _ = reading::parse_instant(text, zone, Day::Start);
    }
});
