//! Running text in lines.

/// The most characters of a line of running text, however wide the terminal is.
pub(super) const WIDEST_TEXT: usize = 120;

/// Breaks a text between words into lines of at most `width` characters; a longer word has a line of its own.
pub(super) fn wrapped(text: &str, width: usize, indent: usize) -> String {
    let start = text.len() - text.trim_start().len();
    let mut lines = text[..start].to_owned();
    let mut length = start;
    let mut is_first = true;
    for word in text.split_whitespace() {
        let count = word.chars().count();
        if !is_first && length + 1 + count > width {
            lines.push('\n');
            lines.extend(std::iter::repeat_n(' ', indent));
            length = indent;
        } else if !is_first {
            lines.push(' ');
            length += 1;
        }
        lines.push_str(word);
        length += count;
        is_first = false;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_breaks_between_words_and_goes_on_indented() {
        assert_eq!(wrapped("  1 one two three", 11, 4), "  1 one two\n    three");
        assert_eq!(wrapped("unbreakable words", 5, 2), "unbreakable\n  words");
        assert_eq!(wrapped("", 5, 2), "");
    }
}
