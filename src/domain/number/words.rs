//! Operators, and words for yes and no.

use rust_decimal::Decimal;

use super::Operator;

/// Yes as 1, no as 0.
pub(super) fn yes_no(lower: &str) -> Option<Decimal> {
    match lower {
        "yes" | "y" | "true" | "ja" | "oui" | "si" | "sí" | "wahr" | "pass" | "done" => Some(Decimal::ONE),
        "no" | "n" | "false" | "nein" | "non" | "falsch" | "fail" => Some(Decimal::ZERO),
        _ => None,
    }
}

pub(super) fn operator<'a>(text: &'a str, lower: &str) -> (Option<Operator>, &'a str) {
    const SIGNS: [(&str, Operator); 12] = [
        (">=", Operator::AtLeast),
        ("=>", Operator::AtLeast),
        ("<=", Operator::AtMost),
        ("=<", Operator::AtMost),
        ("≥", Operator::AtLeast),
        ("≧", Operator::AtLeast),
        ("⩾", Operator::AtLeast),
        ("≤", Operator::AtMost),
        ("≦", Operator::AtMost),
        ("⩽", Operator::AtMost),
        (">", Operator::AtLeast),
        ("<", Operator::AtMost),
    ];
    const WORDS: [(&str, Operator); 22] = [
        ("greater than or equal to", Operator::AtLeast),
        ("less than or equal to", Operator::AtMost),
        ("greater than", Operator::AtLeast),
        ("more than", Operator::AtLeast),
        ("at least", Operator::AtLeast),
        ("mindestens", Operator::AtLeast),
        ("minimum", Operator::AtLeast),
        ("above", Operator::AtLeast),
        ("over", Operator::AtLeast),
        ("min.", Operator::AtLeast),
        ("min", Operator::AtLeast),
        ("no more than", Operator::AtMost),
        ("not more than", Operator::AtMost),
        ("less than", Operator::AtMost),
        ("at most", Operator::AtMost),
        ("höchstens", Operator::AtMost),
        ("maximum", Operator::AtMost),
        ("up to", Operator::AtMost),
        ("under", Operator::AtMost),
        ("below", Operator::AtMost),
        ("max.", Operator::AtMost),
        ("max", Operator::AtMost),
    ];
    for (sign, operator) in SIGNS {
        if let Some(rest) = text.strip_prefix(sign) {
            return (Some(operator), rest.trim_start());
        }
    }
    if let Some(rest) = text.strip_prefix('=') {
        return (Some(Operator::Equal), rest.trim_start());
    }
    for (word, operator) in WORDS {
        // Lowercasing can change the length of other scripts; these words are where both agree.
        if lower.starts_with(word)
            && let Some(rest) = text.get(word.len()..)
            && rest.starts_with([' ', ':'])
        {
            return (Some(operator), rest.trim_start_matches([' ', ':']));
        }
    }
    (None, text)
}
