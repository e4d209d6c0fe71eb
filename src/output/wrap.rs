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

/// As [`wrapped`], for lines that a terminal would break anywhere: a command between backticks stays whole, so that it can be
/// copied, and a line that fits stays as it is.
pub(super) fn readable(line: &str, width: usize) -> String {
    // A character of no text, in place of the blanks that hold a command together.
    const GLUE: char = '\u{f8ff}';
    if line.chars().count() <= width {
        return line.to_owned();
    }
    let mut within = false;
    let glued: String = line
        .chars()
        .map(|c| {
            within ^= c == '`';
            if within && c == ' ' { GLUE } else { c }
        })
        .collect();
    wrapped(&glued, width, 2 + line.len() - line.trim_start().len()).replace(GLUE, " ")
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

    #[test]
    fn a_long_line_breaks_but_not_within_a_command() {
        assert_eq!(readable("hint:  as it is", 15), "hint:  as it is");
        assert_eq!(readable("hint: try `cmf a b` or `cmf c`", 18), "hint: try\n  `cmf a b` or\n  `cmf c`");
        assert_eq!(readable("  one two three", 9), "  one two\n    three");
        assert_eq!(readable("an `odd one out", 9), "an\n  `odd one out");
    }
}
