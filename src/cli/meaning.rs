//! Which command somebody may have meant who typed a word that is none: by what words mean, where letters do not tell.

use std::collections::BTreeSet;

use crate::domain::near;

const MEANINGS: &str = include_str!("meanings.txt");

/// The most commands that are named.
const MOST: usize = 3;

/// The commands of `tree` that may be meant by these words, of which one is no command; the most likely first.
pub(super) fn meant(tree: &clap::Command, words: &[String]) -> Vec<String> {
    let words: Vec<String> = words.iter().filter(|word| *word != "help").map(|word| word.to_lowercase()).collect();
    let commands = commands(tree);
    let found = by_meaning(&words, &commands);
    if !found.is_empty() {
        return found;
    }
    // A slip of the keyboard in a word that has a meaning.
    let known = lines().flat_map(|line| line.split([' ', '=', ','])).chain(commands.iter().flatten().map(String::as_str));
    let known: BTreeSet<&str> = known.filter(|word| !word.is_empty()).collect();
    let right = |word: &String| {
        near::near(word, known.iter().copied(), 1).first().map_or_else(|| word.clone(), |&near| near.to_owned())
    };
    by_meaning(&words.iter().map(right).collect::<Vec<_>>(), &commands)
}

/// The commands that several words lead to together.
pub(super) fn phrase(tree: &clap::Command, words: &[String]) -> Vec<String> {
    if words.len() < 2 { Vec::new() } else { named(&words.join("-"), &commands(tree)).unwrap_or_default() }
}

fn by_meaning(words: &[String], commands: &[Vec<String>]) -> Vec<String> {
    let parts: Vec<&str> = words.iter().flat_map(|word| word.split(['-', '_', ':'])).collect();
    let common = |command: &[String]| command.iter().filter(|own| parts.iter().any(|part| same(own, part))).count();
    let best = commands.iter().map(|command| common(command)).max().unwrap_or_default();
    if best < 2
        && let Some(named) =
            words.iter().map(String::as_str).chain(parts.iter().copied()).find_map(|word| named(word, commands))
    {
        return named;
    }
    let mut found: Vec<&Vec<String>> = commands.iter().filter(|command| best > 0 && common(command) == best).collect();
    let least = found.iter().map(|command| command.len()).min().unwrap_or_default();
    found.retain(|command| command.len() == least);
    if found.len() > MOST {
        found.retain(|command| command.last().is_some_and(|verb| verb == "list"));
    }
    found.into_iter().take(MOST).map(|command| command.join(" ")).collect()
}

/// The commands that a word leads to by itself.
fn named(word: &str, commands: &[Vec<String>]) -> Option<Vec<String>> {
    let (_, named) =
        lines().filter_map(|line| line.split_once('=')).find(|(typed, _)| typed.split_whitespace().any(|one| one == word))?;
    let is_there =
        |named: &&str| named.starts_with('-') || *named == "help" || commands.iter().any(|words| words.join(" ") == **named);
    let there: Vec<String> = named.split(',').map(str::trim).filter(is_there).take(MOST).map(str::to_owned).collect();
    (!there.is_empty()).then_some(there)
}

fn lines() -> impl Iterator<Item = &'static str> {
    MEANINGS.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// Whether two words mean the same in a command.
fn same(own: &str, typed: &str) -> bool {
    own == typed
        || lines().filter(|line| !line.contains('=')).any(|line| {
            let has = |word: &str| line.split(' ').any(|one| one == word);
            has(own) && has(typed)
        })
}

/// The words of every command that does something by itself.
fn commands(tree: &clap::Command) -> Vec<Vec<String>> {
    fn below(command: &clap::Command, above: &[String], found: &mut Vec<Vec<String>>) {
        for one in command.get_subcommands().filter(|one| one.get_name() != "help" && !one.is_hide_set()) {
            let words = [above, &[one.get_name().to_owned()]].concat();
            if !one.is_subcommand_required_set() && !one.is_arg_required_else_help_set() || !one.has_subcommands() {
                found.push(words.clone());
            }
            below(one, &words, found);
        }
    }
    let mut found = Vec::new();
    below(tree, &[], &mut found);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Vec<String> {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        meant(&crate::cli::command(), &words)
    }

    #[test]
    fn a_word_leads_to_the_command_of_its_meaning() {
        for (typed, first) in [
            ("list", "catalog list"),
            ("metrics", "metric list"),
            ("list-metrics", "metric list"),
            ("list metrics", "metric list"),
            ("delete catalog", "catalog delete"),
            ("kpis", "metric list"),
            ("catalog remove", "catalog delete"),
            ("metric delete", "metric rm"),
            ("user add", "user create"),
            ("excel", "import"),
            ("backup", "db dump"),
            ("why", "score explain"),
            ("dashboard", "status"),
            ("version", "--version"),
        ] {
            assert_eq!(of(typed).first().map(String::as_str), Some(first), "{typed}: {:?}", of(typed));
        }
        assert!(of("undo-import").iter().any(|command| command.ends_with("undo")), "{:?}", of("undo-import"));
        assert_eq!(of("zzz"), Vec::<String>::new());
    }

    #[test]
    fn every_line_leads_somewhere() {
        let commands = commands(&crate::cli::command());
        for line in lines() {
            if let Some((typed, _)) = line.split_once('=') {
                for word in typed.split_whitespace() {
                    assert!(named(word, &commands).is_some(), "`{word}` leads to no command");
                }
            } else {
                let is_own = |word: &str| commands.iter().flatten().any(|own| own == word) || word == "undo";
                assert!(line.split(' ').any(is_own), "no command has a word of `{line}`");
            }
        }
    }
}
