//! Instants, spans and zones.
#![no_main]

use cmf::domain::moment;
use cmf::domain::reading::{self, Zone};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = reading::parse_span(text);
    let _ = moment::age(text);
    let _ = text.parse::<Zone>();
    for zone in ["UTC", "Europe/Berlin", "+14:00"] {
        let zone: Zone = zone.parse().expect("a zone");
        let _ = reading::parse_instant(text, zone);
    }
});
