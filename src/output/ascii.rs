//! What cmf draws, for terminals of a locale without UTF-8.

use std::borrow::Cow;

/// Whether the locale has UTF-8: by `LC_ALL`, else `LC_CTYPE`, else `LANG`, of which POSIX takes the first that is not empty.
pub(super) fn has_utf8() -> bool {
    if cfg!(windows) {
        return true;
    }
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(std::env::var_os).find(|value| !value.is_empty());
    locale.is_some_and(|locale| names_utf8(&locale.to_string_lossy()))
}

fn names_utf8(locale: &str) -> bool {
    let locale = locale.to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

/// A text with the marks and lines of cmf in ASCII. The letters of others stay as they are.
pub(super) fn spelled(text: &str) -> Cow<'_, str> {
    if text.chars().all(|c| mark(c).is_none()) {
        return Cow::Borrowed(text);
    }
    let mut spelled = String::with_capacity(text.len());
    for c in text.chars() {
        match mark(c) {
            Some(mark) => spelled.push_str(mark),
            None => spelled.push(c),
        }
    }
    Cow::Owned(spelled)
}

fn mark(c: char) -> Option<&'static str> {
    if c.is_ascii() {
        return None;
    }
    Some(match c {
        '─' | '−' | '–' | '—' | '▃' | '▏' | '▎' | '▍' => "-",
        '│' | '┤' => "|",
        '└' | '╯' | '╮' | '╭' | '╰' | '▅' => "+",
        '┄' | '·' | '▁' => ".",
        '░' | '▂' => ":",
        '▇' | '█' => "#",
        '▄' | '▌' | '▋' | '▊' | '▉' => "=",
        '●' => "o",
        '→' => "->",
        '▆' | '×' => "*",
        '≥' => ">=",
        '≤' => "<=",
        '±' => "+/-",
        '…' => "...",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_locale_tells() {
        for utf8 in ["C.UTF-8", "en_US.utf8", "de_DE.UTF-8@euro", "UTF-8"] {
            assert!(names_utf8(utf8), "{utf8}");
        }
        for other in ["C", "POSIX", "en_US", "de_DE.ISO-8859-1", ""] {
            assert!(!names_utf8(other), "{other}");
        }
    }

    #[test]
    fn marks_have_a_spelling_and_letters_stay() {
        assert_eq!(spelled("95 → 92, 100 × 92 / 95 ≥ 5 … ██▌··"), "95 -> 92, 100 * 92 / 95 >= 5 ... ##=..");
        assert_eq!(spelled("Prüfung"), "Prüfung");
        for c in ('\u{2500}'..='\u{259f}').filter(|c| "─│┤└╯╮╭╰┄░▁▂▃▄▅▆▇█▏▎▍▌▋▊▉".contains(*c))
        {
            assert!(spelled(&c.to_string()).is_ascii(), "{c}");
        }
    }
}
