//! What to say of a command line that clap refuses: what is wrong with it, how the command is written, and what was meant.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::{meaning, tree};
use crate::config::variables::variable_of;
use crate::domain::moment::Moment;
use crate::domain::near;
use crate::domain::text::printable;
use crate::error::{Error, beginning, shell_word};

/// How many characters of what was typed are repeated.
const LONGEST_TYPED: usize = 200;

/// Options that people take for one another; the ones of the command are named.
const SAME: &[&[&str]] = &[
    &["out", "output", "file", "outfile", "xlsx", "svg", "pdf", "save", "to-file", "dest"],
    &["from", "since", "after", "start", "begin"],
    &["to", "until", "before", "end"],
    &["from", "source"],
    &["to", "target"],
    &["last", "limit", "top", "count", "max", "head"],
    &["older", "older-than", "before", "keep"],
    &["owner", "user", "by", "username", "who"],
    &["note", "comment", "message", "reason"],
    &["at", "date", "time", "when", "timestamp"],
    &["dir", "folder", "directory", "path"],
    &["yes", "confirm", "force", "assume-yes"],
    &["dry-run", "check", "simulate", "plan"],
    &["database-url", "url", "db", "dsn", "host", "connection", "database", "dbname"],
    &["schema", "tenant"],
    &["drop", "undo", "remove", "delete"],
];

/// What is wrong with a command line.
pub(super) fn explained(mut error: clap::Error, words: &[String]) -> Error {
    shorten(&mut error);
    let mut whole = tree::command();
    whole.build();
    let mut plain = tree::plain_words(words.iter().map(Into::into));
    plain.retain(|word| word != "help");
    // What stands behind a word that is no command belongs to what was meant by it.
    let (before, behind) = match error.get(ContextKind::InvalidSubcommand) {
        Some(ContextValue::String(wrong)) => match plain.iter().position(|word| beginning(word, LONGEST_TYPED) == *wrong) {
            Some(at) => (&plain[..at], &plain[at + 1..]),
            None => (&plain[..], &plain[..0]),
        },
        _ => (&plain[..], &plain[..0]),
    };
    let (named, leaf) = tree::found(&whole, before.iter().map(String::as_str));
    let command = if named.is_empty() { "cmf".to_owned() } else { format!("cmf {named}") };
    let typed = |kind| match error.get(kind) {
        Some(ContextValue::String(typed)) => typed.clone(),
        _ => String::new(),
    };
    match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let verb = printable(&typed(ContextKind::InvalidSubcommand));
            let told = Error::usage(format!("there is no command `{command} {verb}`"));
            let verbs = leaf.get_subcommands().filter(|one| one.get_name() != "help" && !one.is_hide_set());
            let verbs: Vec<&str> = verbs.map(clap::Command::get_name).collect();
            // A slip of the keyboard tells more than what words mean.
            let slip = slipped(&verb.to_lowercase(), &verbs).map(|right| {
                let rest = behind.iter().map(String::as_str);
                tree::found(&whole, before.iter().map(String::as_str).chain([right]).chain(rest)).0
            });
            let is_slip = slip.is_some();
            let meant = meaning::meant(&whole, &plain);
            let meant = match slip {
                None => meant,
                // Of a noun, the verb that was meant is more.
                Some(right) => {
                    let below: Vec<String> = meant.into_iter().filter(|one| one.starts_with(&format!("{right} "))).collect();
                    if below.is_empty() { vec![right] } else { below }
                }
            };
            let phrase = meaning::phrase(&whole, &plain);
            // Where the noun is right, the verbs of others lead away.
            let is_own = |one: &&String| named.is_empty() || one.starts_with(&named);
            let own: Vec<&String> =
                if phrase.is_empty() { meant.iter().filter(is_own).collect() } else { phrase.iter().collect() };
            let own: Vec<String> = own.into_iter().map(|one| format!("`cmf {one}`")).collect();
            // A code or a number of a metric, which is no word of a command.
            let about = match named.as_str() {
                "score" => Some("explain"),
                "metric" => Some("show"),
                _ => None,
            };
            let is_code = verb.contains(|c: char| c.is_ascii_uppercase()) && !verb.contains(|c: char| c.is_lowercase());
            let own = match about.filter(|_| is_code && !is_slip) {
                Some(about) => vec![format!("`{command} {about} {}`", shell_word(&verb))],
                None => own,
            };
            let told = near::question(&own).into_iter().fold(told, Error::hint);
            if named.is_empty() {
                return told.hint("`cmf help` lists the commands");
            }
            told.hint(format!("`{command}` has: {}; `{command} --help` explains them", verbs.join(", ")))
        }
        ErrorKind::MissingRequiredArgument if let Some((option, needed)) = needing(&error, leaf, words) => {
            let usage = leaf.clone().render_usage().to_string();
            let told = Error::usage(format!("--{option} needs {needed}"));
            let told =
                usage.lines().map(str::trim).fold(told, |told, line| told.detail(line.replacen("Usage: ", "usage: ", 1)));
            told.hint(format!("add {needed}")).hint(format!("`{command} --help` explains the arguments"))
        }
        kind => {
            let (message, details) = said(&error);
            let mut told = details.into_iter().fold(Error::usage(message), Error::detail);
            let usage = leaf.clone().render_usage().to_string();
            told = usage.lines().map(str::trim).fold(told, |told, line| told.detail(line.replacen("Usage: ", "usage: ", 1)));
            if matches!(kind, ErrorKind::ValueValidation | ErrorKind::InvalidValue) {
                told = origin(leaf, &typed(ContextKind::InvalidArg), words).into_iter().fold(told, Error::detail);
            }
            if kind == ErrorKind::UnknownArgument {
                told = meant(leaf, &command, &typed(ContextKind::InvalidArg)).into_iter().fold(told, Error::hint);
            }
            if kind == ErrorKind::ArgumentConflict {
                told = told.hint("leave out one of them");
            }
            if let Some(ContextValue::String(value)) = error.get(ContextKind::SuggestedValue) {
                told = told.hint(format!("did you mean `{value}`?"));
            }
            told.hint(format!("`{command} --help` explains the arguments"))
        }
    }
}

/// The option that needs what is missing, and what that is. Clap does not tell: without this option nothing would be missing.
fn needing(error: &clap::Error, leaf: &clap::Command, words: &[String]) -> Option<(String, String)> {
    let missing = |error: &clap::Error| match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::Strings(missing)) => missing.clone(),
        _ => Vec::new(),
    };
    let all = missing(error);
    let is_missing_without = |at: usize, count: usize| {
        let rest = words[..at].iter().chain(&words[at + count..]).map(String::as_str);
        let parsed = tree::command().try_get_matches_from(std::iter::once("cmf").chain(rest));
        parsed.is_err_and(|error| missing(&error).iter().any(|one| all.contains(one)))
    };
    let end = words.iter().position(|word| word == "--").unwrap_or(words.len());
    words[..end].iter().enumerate().find_map(|(at, word)| {
        let typed = word.strip_prefix("--")?;
        let (name, is_whole) = typed.split_once('=').map_or((typed, false), |(name, _)| (name, true));
        let own = leaf.get_arguments().find(|own| own.get_long() == Some(name))?;
        let count = if own.get_action().takes_values() && !is_whole { 2 } else { 1 };
        let is_it = at + count <= words.len() && !is_missing_without(at, count);
        is_it.then(|| (name.to_owned(), all.join(" and ").replace(['<', '>'], "").replace('|', " or ")))
    })
}

/// Cuts what was typed where it is very long, which also has no suggestions.
fn shorten(error: &mut clap::Error) {
    for kind in [ContextKind::InvalidValue, ContextKind::InvalidArg, ContextKind::InvalidSubcommand] {
        if let Some(ContextValue::String(typed)) = error.get(kind) {
            let typed = beginning(typed, LONGEST_TYPED);
            error.insert(kind, ContextValue::String(typed));
        }
    }
}

/// What clap says, without its tips, its usage and the way to its help: a message, and lines of detail.
fn said(error: &clap::Error) -> (String, Vec<String>) {
    let text = error.render().to_string();
    let text = text.trim_start_matches("error: ");
    let end = text.find("\n\nUsage: ").or_else(|| text.find("\n\nFor more information")).unwrap_or(text.len());
    let mut lines = text[..end].lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("tip:"));
    let message = lines.next().unwrap_or_default();
    if error.kind() == ErrorKind::MissingRequiredArgument {
        let missing: Vec<&str> = lines.collect();
        let noun = if missing.len() == 1 { "argument" } else { "arguments" };
        return (format!("missing {noun}: {}", missing.join(", ")), Vec::new());
    }
    (numbers(message), lines.map(|line| line.trim_matches(['[', ']']).to_owned()).collect())
}

/// A message in which the words of the parsers of numbers are usual ones.
fn numbers(message: &str) -> String {
    const WORDS: [(&str, &str); 5] = [
        ("invalid digit found in string", "it is not a whole number"),
        ("number too large to fit in target type", "the number is too large"),
        ("number too small to fit in target type", "the number is too small"),
        ("cannot parse integer from empty string", "it is empty, but must be a whole number"),
        ("invalid float literal", "it is not a number"),
    ];
    // A parser's reason may go on with what stands before it.
    if let Some((begin, reason)) = message.rsplit_once("': ")
        && reason.starts_with("is ")
    {
        return format!("{begin}': it {reason}");
    }
    if let Some(begin) = message.strip_suffix("invalid digit found in string")
        && begin.strip_prefix("invalid value '-").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    {
        return format!("{begin}it must be 0 or more");
    }
    if let Some((begin, range)) = message.rsplit_once(" is not in ")
        && let Some((least, most)) = range.split_once("..")
        && let Some((begin, _)) = begin.rsplit_once(": ")
    {
        // Beyond what anybody types there is no limit.
        let most = most.trim_start_matches('=');
        let has_limit = most.len() < 10;
        let told = if has_limit { format!("{least} or more, at most {most}") } else { format!("{least} or more") };
        return format!("{begin}: it must be {told}");
    }
    WORDS.iter().fold(message.to_owned(), |message, (from, to)| match message.strip_suffix(from) {
        Some(begin) => format!("{begin}{to}"),
        None => message,
    })
}

/// Where the value of an option comes from that nobody typed.
fn origin(leaf: &clap::Command, argument: &str, words: &[String]) -> Option<String> {
    let option = argument.split([' ', '=']).next()?.strip_prefix("--")?;
    let is_it = |word: &String| {
        word.strip_prefix("--")
            .and_then(|word| word.strip_prefix(option))
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
    };
    let own = leaf.get_arguments().find(|own| own.get_long() == Some(option))?;
    if words.iter().any(is_it) || own.get_short().is_some() {
        return None;
    }
    let variable =
        own.get_env().map(|name| name.to_string_lossy().into_owned()).or_else(|| variable_of(option).map(str::to_owned));
    let variable = variable.filter(|name| std::env::var_os(name).is_some());
    Some(format!("it is from {}", variable.as_deref().unwrap_or("the profile; `cmf config show` shows it")))
}

/// The one of some words that was typed with a slip, the nearest first.
fn slipped<'a>(typed: &str, words: &[&'a str]) -> Option<&'a str> {
    let like = words.iter().copied().filter(|word| typed.starts_with(&word[..1]) && is_like(typed, word));
    like.min_by_key(|word| strsim::osa_distance(typed, word))
}

/// What the arguments are called that may have blanks in them.
const NAMES: [&str; 6] = ["CATALOG", "METRIC", "NAME", "USER", "FRAMEWORK", "ITEM"];

/// What somebody may have meant who typed a word that the command has no place for.
fn stray(leaf: &clap::Command, command: &str, typed: &str) -> String {
    if let Some(last) = leaf.get_positionals().last() {
        let name = last.get_value_names().and_then(|names| names.last()).map_or("argument", |name| name.as_str());
        return if NAMES.iter().any(|one| name.contains(one)) {
            "if it is a part of a name with blanks, put the whole name between quotes".to_owned()
        } else {
            format!("`{command}` takes one {name}")
        };
    }
    let noun = command.split(' ').nth(1).unwrap_or_default();
    let is_time = typed.starts_with(|c: char| c.is_ascii_digit()) && Moment::day_end(typed).is_ok();
    let fit: &[&str] = match noun {
        _ if is_time => &["from", "as-of", "at"],
        "migrate" => &["dir"],
        "config" => &["profile"],
        "framework" => &["framework", "catalog"],
        _ => &["catalog", "framework"],
    };
    let own: Vec<&str> = leaf.get_arguments().filter_map(clap::Arg::get_long).collect();
    let none = format!("`{command}` takes options, but no name");
    if own.contains(&typed) {
        return format!("{none}: did you mean `--{typed}`?");
    }
    match fit.iter().find(|option| own.contains(option)) {
        Some(option) => format!("{none}: did you mean `--{option} {}`?", shell_word(typed)),
        None => none,
    }
}

/// What somebody may have meant who typed an argument that the command does not have.
fn meant(leaf: &clap::Command, command: &str, typed: &str) -> Option<String> {
    let Some(option) = typed.strip_prefix("--") else {
        // Of `-5%` clap tells no more than `-5`.
        let is_value = typed.strip_prefix('-').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit() || c == '.'));
        return if is_value {
            Some("put a value that begins with a hyphen after `=`, as in `METRIC=-5%` or `--option=-5%`".to_owned())
        } else if typed.starts_with('-') {
            None
        } else {
            Some(stray(leaf, command, typed))
        };
    };
    let option = option.split('=').next().unwrap_or_default();
    if option.is_empty() || option.ends_with("...") {
        return None;
    }
    let own: Vec<&str> = leaf.get_arguments().filter(|one| !one.is_hide_set()).filter_map(clap::Arg::get_long).collect();
    let like = own.iter().copied().filter(|name| is_like(option, name));
    let same = SAME.iter().filter(|group| group.contains(&option)).flat_map(|group| group.iter());
    let same = same.copied().filter(|name| own.contains(name));
    let mut found: Vec<String> = Vec::new();
    for name in like.chain(same).map(|name| format!("`--{name}`")) {
        if found.len() < 3 && !found.contains(&name) {
            found.push(name);
        }
    }
    near::question(&found)
}

/// Whether an option was typed with a slip of the keyboard, or in part.
fn is_like(typed: &str, name: &str) -> bool {
    let (shorter, longer) = if typed.len() < name.len() { (typed, name) } else { (name, typed) };
    let slips = if shorter.len() < 5 { 1 } else { 2 };
    strsim::osa_distance(typed, name) <= slips && shorter.len() > 2
        || shorter.len() > 2 && (longer.starts_with(shorter) || longer.ends_with(&format!("-{shorter}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(line: &str) -> String {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let typed = std::iter::once("cmf".to_owned()).chain(words.iter().cloned());
        let error = tree::command().try_get_matches_from(typed).expect_err(line);
        explained(error, &words).to_text()
    }

    #[test]
    fn a_command_line_that_is_refused_says_how_it_is_written() {
        assert_eq!(
            told("metric set PR-001 --targt 5"),
            "error: unexpected argument '--targt' found\n  usage: cmf metric set [OPTIONS] [METRIC]...\n\
             hint: did you mean `--target`?\nhint: `cmf metric set --help` explains the arguments"
        );
        let lock = told("metric lock");
        assert!(lock.starts_with("error: missing argument: <METRIC>...\n  usage: cmf metric lock [OPTIONS] "), "{lock}");
        assert!(told("status --format x").contains("\n  possible values: table, json"));
        assert!(told("status --format jsn").contains("hint: did you mean `json`?"));
    }

    #[test]
    fn a_code_is_no_slip_of_a_verb() {
        for (line, hint) in [
            ("score PR", "`cmf score explain PR`"),
            ("metric PR-001", "`cmf metric show PR-001`"),
            ("metric LIST", "`cmf metric list`"),
            ("score SHOW", "`cmf score show`"),
        ] {
            let told = told(line);
            assert!(told.contains(&format!("hint: did you mean {hint}?")), "{told}");
        }
    }

    #[test]
    fn an_option_that_needs_another_is_named_with_it() {
        for (line, option, needed) in [
            ("record --file w.csv --columns-are at,value", "--columns-are", "--no-header"),
            ("record --file w.csv --columns-are=at,value", "--columns-are", "--no-header"),
            ("record --drain", "--drain", "--spool DIR"),
            ("db grants ada --role migrator --yes", "--yes", "--apply"),
        ] {
            let told = told(line);
            assert!(told.starts_with(&format!("error: {option} needs {needed}\n")), "{told}");
            assert!(told.contains(&format!("\nhint: add {needed}\n")), "{told}");
        }
        // What the command needs in any case is not blamed on an option.
        assert!(told("user create --email a@b").starts_with("error: missing argument: <NAME>\n"));
    }

    #[test]
    fn a_number_that_is_none_is_called_so() {
        for (line, words) in [
            ("undo abc", "'abc' for '[SEQ]': it is not a whole number\n"),
            ("score next --top x", "'x' for '--top <COUNT>': it is not a whole number\n"),
            ("undo 99999999999999999999", "the number is too large\n"),
            ("import x --max-errors -1", "'-1' for '--max-errors <N>': it must be 0 or more\n"),
            ("import x --direction foo", "'foo' for '--direction <METRICS=DIRECTION>': it is not METRIC=DIRECTION"),
            ("audit list --limit 0", "'0' for '--limit <N>': it must be 1 or more\n"),
            ("history PR-001 --last -3", "'-3' for '--last <N>': it must be 1 or more\n"),
        ] {
            let told = told(line);
            assert!(told.contains(words) && !told.contains("hyphen"), "{told}");
        }
        assert_eq!(
            numbers("invalid value '7' for '--x': 7 is not in 1..=5"),
            "invalid value '7' for '--x': it must be 1 or more, at most 5"
        );
    }

    #[test]
    fn what_is_meant_is_an_option_that_the_command_has() {
        for (line, meant) in [
            ("metric template --out x", Some("`--xlsx`")),
            ("framework crosswalk import f.csv --from csf", Some("`--source`")),
            ("score --framwork x", Some("`--framework`")),
            ("record undo --at 2026", None),
            ("db prune --older 3d", None),
            ("map suggest --min 1", Some("`--min-confidence`")),
        ] {
            let hint = told(line).lines().find_map(|line| line.strip_prefix("hint: did you mean ").map(str::to_owned));
            assert_eq!(hint.as_deref(), meant.map(|meant| format!("{meant}?")).as_deref(), "{line}");
        }
        assert!(told("record PR-001 -5%").contains("--option=-5%"));
        for (line, hint) in [
            ("catalog show Q3 2026", "between quotes"),
            ("framework coverage foo", "did you mean `--framework foo`?"),
            ("score diff 2026-01-01", "did you mean `--from 2026-01-01`?"),
            ("migrate lint nodir", "did you mean `--dir nodir`?"),
            ("config show foo", "did you mean `--profile foo`?"),
            ("status foo", "did you mean `--catalog foo`?"),
            ("framework show csf-2.0 PR.ZZ", "`cmf framework show` takes one CODE"),
            ("completions bash zsh", "`cmf completions` takes one SHELL"),
            ("man nosuch", "`cmf man` takes options, but no name"),
        ] {
            let told = told(line);
            assert!(told.contains(hint) && (hint.contains("quotes") || !told.contains("quotes")), "{told}");
        }
    }

    #[test]
    fn a_verb_that_is_none_leads_to_those_of_its_noun() {
        assert_eq!(
            told("config set x"),
            "error: there is no command `cmf config set`\nhint: `cmf config` has: show; `cmf config --help` explains them"
        );
        for (line, right) in [
            ("framework crosswlk list", "framework crosswalk list"),
            ("framework crosswalks list", "framework crosswalk list"),
            ("framework crosswlk verify", "framework crosswalk verify"),
            ("map sugest", "map suggest"),
            ("audit verfy", "audit verify"),
            ("catalog activ", "catalog activate"),
            ("framework crosswalk sho", "framework crosswalk show"),
            ("score chek", "score check"),
        ] {
            let told = told(line);
            assert!(told.contains(&format!("did you mean `cmf {right}`?")) && !told.contains("has: ;"), "{told}");
            let typed = line.split(' ').find(|word| !right.split(' ').any(|own| own == *word)).expect("a slip");
            let begin = &line[..line.find(typed).expect("a place") + typed.len()];
            assert!(told.starts_with(&format!("error: there is no command `cmf {begin}`\n")), "{told}");
        }
        for (line, right) in
            [("tenant list", "db schemas"), ("user delete", "user deactivate"), ("migrate rollback", "migrate down")]
        {
            assert!(told(line).contains(&format!("did you mean `cmf {right}`?")), "{}", told(line));
        }
        let psql = told("local psql");
        assert!(psql.contains("did you mean `cmf local url`?") && !psql.contains("db wait"), "{psql}");
        assert!(told("catalog remove").contains("did you mean `cmf catalog delete`?"));
        assert!(told("dashboard").contains("did you mean `cmf status` or `cmf report`?"));
    }
}
