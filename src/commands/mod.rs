//! One file a noun: a command's arguments beside the function that does it. Commands own the transaction; SQL is in `db`.

pub mod audit;
pub mod catalog;
pub mod check;
pub mod completions;
pub mod config;
pub mod db;
pub mod demo;
pub mod doctor;
pub mod due;
pub mod framework;
pub mod history;
pub mod import;
pub mod init;
pub mod local;
pub mod man;
pub mod map;
pub mod metric;
pub mod migrate;
pub mod openmetrics;
pub mod record;
pub mod report;
pub mod score;
pub mod seed;
pub mod status;
pub mod tenant;
pub mod undo;
pub mod user;

use crate::domain::item::Field;
use crate::output::Shapes;
use crate::table::format::Format;

/// What commands print, by their words.
pub(crate) fn shapes() -> Shapes {
    let nouns = [
        audit::shapes,
        catalog::shapes,
        check::shapes,
        config::shapes,
        db::shapes,
        doctor::shapes,
        due::shapes,
        framework::shapes,
        history::shapes,
        import::shapes,
        init::shapes,
        local::shapes,
        map::shapes,
        metric::shapes,
        migrate::shapes,
        openmetrics::shapes,
        record::shapes,
        report::shapes,
        score::shapes,
        seed::shapes,
        status::shapes,
        tenant::shapes,
        undo::shapes,
        user::shapes,
    ];
    nouns.into_iter().flat_map(|shapes| shapes()).collect()
}

/// The fields that `--map` of a command knows, by the command's words.
pub(crate) fn fields(words: &str) -> Vec<&'static str> {
    match words {
        "import" | "catalog diff" => Field::ALL.map(Field::as_str).to_vec(),
        "framework import" => crate::import::framework::list(Format::Text).names(),
        "framework crosswalk import" => crate::import::crosswalk::LIST.names(),
        "map import" => crate::map::sheet::LIST.names(),
        "metric set" => crate::metric::settings::LIST.names(),
        "record" => crate::record::fields::LONG.names(),
        _ => Vec::new(),
    }
}
