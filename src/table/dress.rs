//! What spreadsheets put around texts, and in their place.

use super::row::{Cell, Kind};
use crate::domain::item::Field;

/// Whether this is what spreadsheets show where a formula has no value: `#REF!`, `#BEZUG!`, `#N/A`.
pub fn is_error(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|rest| {
        let word = rest.trim_end_matches(['!', '?']);
        let is_word = !word.is_empty() && word.chars().all(|c| c.is_uppercase() || matches!(c, '/' | '0' | '¡' | '¿' | '_'));
        is_word && (word.len() < rest.len() && rest.len() <= 16 || matches!(word, "N/A" | "NV" | "N/D"))
    })
}

/// A cell of this field without what spreadsheets put around texts: `="007"`, `'007`, and characters that nobody sees.
pub fn undressed(field: Field, cell: Cell<'_>) -> Cell<'_> {
    if cell.kind != Kind::Text {
        return cell;
    }
    let text =
        cell.text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}'));
    let formula = text.strip_prefix("=\"").and_then(|text| text.strip_suffix('"')).filter(|text| !text.contains('"'));
    // An apostrophe keeps what looks like a number or a formula a text; other texts may begin with one, single words do not.
    let is_word =
        |text: &str| !field.is_prose() && !text.is_empty() && !text.contains(|c: char| c == '\'' || c.is_whitespace());
    let is_marked = |text: &&str| is_word(text) || text.starts_with(|c: char| c.is_ascii_digit() || "+-=@".contains(c));
    let marked = text.strip_prefix('\'').filter(is_marked);
    Cell { kind: cell.kind, text: formula.or(marked).unwrap_or(text) }
}
