//! What spreadsheets put around texts, and in their place.

use crate::table::row::{Cell, Kind};

/// A cell without what spreadsheets put around texts: `="007"`, `'007`, and characters that nobody sees.
pub(super) fn undressed(cell: Cell<'_>) -> Cell<'_> {
    if cell.kind != Kind::Text {
        return cell;
    }
    let text =
        cell.text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}'));
    let formula = text.strip_prefix("=\"").and_then(|text| text.strip_suffix('"')).filter(|text| !text.contains('"'));
    // An apostrophe keeps what looks like a number or a formula a text.
    let marked = text.strip_prefix('\'').filter(|text| text.starts_with(|c: char| c.is_ascii_digit() || "+-=@".contains(c)));
    Cell { kind: cell.kind, text: formula.or(marked).unwrap_or(text) }
}
