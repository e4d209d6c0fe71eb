//! The words of messages: what is cut of them, and what a shell takes for one word.

use std::fmt;

/// How many characters of what somebody wrote a message repeats.
pub(super) const QUOTED: usize = 200;

/// How many characters a message has between two quotations.
pub(super) const SPOKEN: usize = 10_000;

/// The beginning of a text that may be very long.
pub fn beginning(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// A message whose quotations, which may be whole cells of a file, are cut where they are very long.
pub fn readable(message: impl Into<String>) -> String {
    let message = without_number(message.into());
    if message.len() <= QUOTED {
        return message;
    }
    let parts = message.split('`').enumerate();
    let cut = parts.map(|(place, part)| beginning(part, if place % 2 == 1 { QUOTED } else { SPOKEN }));
    cut.collect::<Vec<_>>().join("`")
}

/// A message without the number that the library puts behind the words of the system: `(os error 2)`.
pub(super) fn without_number(mut message: String) -> String {
    const BEFORE: &str = " (os error ";
    while let Some(at) = message.find(BEFORE) {
        let digits = message[at + BEFORE.len()..].find(|c: char| !c.is_ascii_digit() && c != '-');
        let Some(end) = digits.map(|end| at + BEFORE.len() + end).filter(|end| message[*end..].starts_with(')')) else { break };
        message.replace_range(at..=end, "");
    }
    message
}

/// The most bytes of a hint, which people read and type, and of a file's name: no system has longer ones.
pub(super) const TYPED: usize = 4_096;

/// A hint whose quotations are cut where they are too long for anybody to type.
pub(super) fn typeable(hint: String) -> String {
    if hint.len() <= TYPED { hint } else { beginning(&readable(hint), TYPED) }
}

/// What a shell takes for nothing but a part of a word.
fn is_plain(c: char) -> bool {
    c.is_alphanumeric() || "_@%+=:,./-".contains(c)
}

/// A name as one word of a command that a hint tells to type: in quotes where a shell would take it for something else.
pub fn shell_word(name: impl fmt::Display) -> String {
    let name = name.to_string();
    if !name.is_empty() && !name.starts_with('=') && name.chars().all(is_plain) {
        name
    } else if name.contains(['"', '$', '`', '\\', '!']) {
        format!("'{}'", name.replace('\'', r"'\''"))
    } else {
        format!("\"{name}\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_takes_a_name_for_one_word_and_runs_nothing_of_it() {
        for (name, word) in [
            ("csf-2.0", "csf-2.0"),
            ("/srv/kennzahlen/Übersicht.csv", "/srv/kennzahlen/Übersicht.csv"),
            ("MFA coverage", "\"MFA coverage\""),
            ("it's", "\"it's\""),
            ("~", "\"~\""),
            ("", "\"\""),
            ("a;b", "\"a;b\""),
        ] {
            assert_eq!(shell_word(name), word);
        }
        let printed = |name: &str| {
            let script = format!("printf %s {}", shell_word(name));
            let output = std::process::Command::new("sh").args(["-c", &script]).output().expect("sh runs");
            String::from_utf8(output.stdout).expect("UTF-8")
        };
        for name in
            ["a$(id)b", "a`id`b", "it's \"so\" $HOME \\ !", "'", "a;id", "a\nb", "*", "=ls", "x y", "#x", "{a,b}", "~root"]
        {
            assert_eq!(printed(name), name);
        }
    }
}
