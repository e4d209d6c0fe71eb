//! One sample of monitoring, as `OpenMetrics` and the text format of Prometheus write it.

use std::borrow::Cow;

/// One sample.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Sample<'t> {
    pub(super) name: Cow<'t, str>,
    pub(super) labels: Vec<(Cow<'t, str>, Cow<'t, str>)>,
    pub(super) value: &'t str,
    pub(super) at: Option<&'t str>,
}

/// A comment that says something: `# TYPE name gauge`.
pub(super) fn comment(line: &str) -> Option<(&str, &str, &str)> {
    let mut words = line.strip_prefix('#')?.trim_start().splitn(3, [' ', '\t']);
    let (keyword, name) = (words.next()?, words.next().unwrap_or_default());
    let is_known = matches!(keyword, "TYPE" | "HELP" | "UNIT") && !name.is_empty() || keyword == "EOF" && name.is_empty();
    is_known.then(|| (keyword, name, words.next().unwrap_or_default().trim()))
}

/// Types of families of samples, in both formats.
const TYPES: [&str; 9] =
    ["counter", "gauge", "histogram", "summary", "untyped", "unknown", "info", "stateset", "gaugehistogram"];

/// Whether a text is one of these: it says a type, or has samples only and something that no other text has.
pub(super) fn is_one(head: &str, is_whole: bool) -> bool {
    if head.lines().any(|line| comment(line.trim()).is_some_and(|(word, _, kind)| word == "TYPE" && TYPES.contains(&kind))) {
        return true;
    }
    let whole = if is_whole { head } else { head.rsplit_once('\n').map_or("", |(whole, _)| whole) };
    let mut lines = whole.lines().map(str::trim).filter(|line| !line.is_empty()).peekable();
    let mut is_marked = false;
    lines.peek().is_some()
        && lines.all(|line| {
            if line.starts_with('#') {
                is_marked |= comment(line).is_some();
                return true;
            }
            let read = sample(line);
            is_marked |= line.contains('{') && read.is_ok();
            read.is_ok()
        })
        && is_marked
}

/// What a name may begin and continue with, without quotes.
fn name_of(text: &str) -> (&str, &str) {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':');
    let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
    if text.starts_with(|c: char| c.is_ascii_digit()) { ("", text) } else { text.split_at(end) }
}

/// A text in quotes, and what follows it.
pub(super) fn quoted(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let inner = text.strip_prefix('"')?;
    let mut end = None;
    let mut chars = inner.char_indices();
    let mut has_escapes = false;
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => {
                end = Some(at);
                break;
            }
            '\\' => {
                has_escapes = true;
                matches!(chars.next()?.1, '\\' | '"' | 'n').then_some(())?;
            }
            _ => {}
        }
    }
    let (whole, rest) = (&inner[..end?], &inner[end? + 1..]);
    if !has_escapes {
        return Some((Cow::Borrowed(whole), rest));
    }
    let (mut plain, mut chars) = (String::with_capacity(whole.len()), whole.chars());
    while let Some(c) = chars.next() {
        plain.push(match c {
            '\\' => chars.next().map_or('\\', |c| if c == 'n' { '\n' } else { c }),
            c => c,
        });
    }
    Some((Cow::Owned(plain), rest))
}

/// Reads a line that is a sample.
pub(super) fn sample(line: &str) -> std::result::Result<Sample<'_>, &'static str> {
    const NAME: &str = "the line does not begin with the name of a metric";
    const LABEL: &str = "the line has a label that is not written as name=\"text\"";
    let (name, rest) = name_of(line.trim());
    let (mut name, mut rest) = (Cow::Borrowed(name), rest.trim_start());
    let mut labels = Vec::new();
    if let Some(inside) = rest.strip_prefix('{') {
        rest = inside.trim_start();
        while !rest.starts_with('}') {
            let (key, after) = match quoted(rest) {
                Some(read) => read,
                None => Some(name_of(rest))
                    .filter(|(key, _)| !key.is_empty())
                    .map(|(key, after)| (key.into(), after))
                    .ok_or(LABEL)?,
            };
            let after = after.trim_start();
            rest = match after.strip_prefix('=') {
                Some(text) => {
                    let (text, after) = quoted(text.trim_start()).ok_or(LABEL)?;
                    labels.push((key, text));
                    after.trim_start()
                }
                // The name of a metric that is not made of letters alone stands among the labels.
                None if name.is_empty() && labels.is_empty() => {
                    name = key;
                    after
                }
                None => return Err(LABEL),
            };
            rest = match rest.strip_prefix(',') {
                Some(next) => next.trim_start(),
                None if rest.starts_with('}') => rest,
                None => return Err(LABEL),
            };
        }
        rest = &rest[1..];
    } else if !line.trim()[name.len()..].starts_with([' ', '\t']) {
        return Err(NAME);
    }
    if name.is_empty() {
        return Err(NAME);
    }
    // What follows ` # ` is an example of what was counted.
    let rest = rest.split_once(" # ").map_or(rest, |(rest, _)| rest);
    let mut words = rest.split([' ', '\t']).filter(|word| !word.is_empty());
    let value =
        words.next().filter(|word| word.parse::<f64>().is_ok()).ok_or("the line does not have a number as its value")?;
    let at = words.next();
    if words.next().is_some() || at.is_some_and(|at| at.parse::<f64>().is_err()) {
        return Err("the line has more than a value and a time");
    }
    Ok(Sample { name, labels, value, at })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_read_with_labels_escapes_and_examples() {
        let read = |line: &str| {
            let sample = sample(line).map_err(str::to_owned)?;
            let labels = sample.labels.iter().map(|(key, text)| format!("{key}={text}")).collect::<Vec<_>>().join("|");
            Ok::<_, String>(format!("{} [{labels}] {} {}", sample.name, sample.value, sample.at.unwrap_or("-")))
        };
        for (line, expected) in [
            ("up 1", "up [] 1 -"),
            (
                "a:b_c{x=\"1\", y = \"a\\\\b\\\"c\\nd\",} 1.5e+03 1784000000000",
                "a:b_c [x=1|y=a\\b\"c\nd] 1.5e+03 1784000000000",
            ),
            ("m_bucket{le=\"+Inf\"} 17 1784000000.5 # {trace_id=\"# {\"} 0.67", "m_bucket [le=+Inf] 17 1784000000.5"),
            ("{\"PR-001\",team=\"é\"} -4", "PR-001 [team=é] -4 -"),
            ("up\t{} NaN", "up [] NaN -"),
        ] {
            assert_eq!(read(line).as_deref(), Ok(expected), "{line}");
        }
        for line in ["up", "PR-001 97.5", "1up 5", "up five", "up 5 6 7", "up{x=1} 5", "up{x=\"\\t\"} 5", "up{x=\"a} 5", "{} 5"]
        {
            assert!(sample(line).is_err(), "{line}");
        }
    }

    #[test]
    fn a_text_is_one_of_samples_only_where_nothing_else_fits() {
        for text in ["# TYPE up gauge\nup 1\n", "up{job=\"a\"} 1\n\nup{job=\"b\"} 0\n", "# HELP a b\n# EOF\n", "a 5\n# EOF"] {
            assert!(is_one(text, true), "{text}");
        }
        for text in
            ["", "up 5\n", "# a note\nup 5\n", "metric,value\n{\"a\"} 5", "# TYPE up text\nmetric,value\n", "name{x} 5\n"]
        {
            assert!(!is_one(text, true), "{text}");
        }
        assert!(is_one("up{job=\"a\"} 1\nup{job=\"", false) && !is_one("up{job=\"a\"} 1\nup{job=\"", true));
    }
}
