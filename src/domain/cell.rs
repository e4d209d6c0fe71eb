//! What a cell of a workbook can hold.

/// The most characters of a cell, in every spreadsheet program.
pub const LONGEST: usize = 32_767;

/// How many characters a text has, where that is more than a cell can hold.
pub fn too_long(text: &str) -> Option<usize> {
    // Most texts are too short in bytes already.
    (text.len() > LONGEST).then(|| text.chars().count()).filter(|&count| count > LONGEST)
}

/// What of a text a cell can hold.
pub fn beginning(text: &str) -> &str {
    match too_long(text).and_then(|_| text.char_indices().nth(LONGEST)) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_holds_characters_and_not_bytes() {
        let full = "ü".repeat(LONGEST);
        assert_eq!((too_long(&full), beginning(&full)), (None, full.as_str()));
        let over = format!("{full}x");
        assert_eq!((too_long(&over), beginning(&over)), (Some(LONGEST + 1), full.as_str()));
    }
}
