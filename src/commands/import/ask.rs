//! Questions about a sheet and its rows, asked where somebody can answer.

use std::sync::Arc;

use encoding_rs::Encoding;
use serde_json::Value;

use super::args::Args;
use crate::catalog::import::{self, Codes, LINES, Renumber, Undirected, lines};
use crate::context::Context;
use crate::domain::direction::Rule;
use crate::domain::item::{self, Field};
use crate::domain::metric::Direction;
use crate::domain::number::Mark;
use crate::domain::text::{agreeing, counted};
use crate::error::{Error, Result};
use crate::table::columns::letters;
use crate::table::source::Source;
use crate::table::{About, Options, Percent, Prepared, Table, Unclear};

/// How many answers in a row may be none of the choices.
const TRIES: u32 = 3;

/// Asks, and puts the answer into the options. The error is what is unclear, where the user gives no answer.
fn ask(context: &Context, unclear: Unclear, options: &mut Options) -> Result<()> {
    let Unclear { about, choices, error } = unclear;
    context.output.notice(&format!("{}:", error.message()));
    let is_row = about == About::HeaderRow;
    for (number, (answer, label, values)) in choices.iter().enumerate() {
        // A row has a number already.
        let number = if is_row { answer.clone() } else { (number + 1).to_string() };
        let name = if is_row || label.is_empty() { label.clone() } else { format!("{answer}  {label}") };
        let name = if !is_row && label.is_empty() { answer.clone() } else { name };
        let values = match about {
            About::Nameless(_) => String::new(),
            _ if values.is_empty() => "empty".to_owned(),
            _ => values.join(" · "),
        };
        let values = if name.is_empty() || values.is_empty() { values } else { format!("  ({values})") };
        context.output.notice_cut(&format!("  {number:>2}  {name}{values}"));
    }
    let may_be_none = matches!(about, About::Column(field) if field != Field::Name);
    let is_year = choices.first().is_some_and(|choice| !choice.0.contains('='));
    let question = match about {
        About::Column(_) if may_be_none => {
            "Which column? Its number here, letters or header, `none` to ignore it, Enter stops:"
        }
        About::Column(_) => "Which column is the name? Its number here, letters or header, Enter stops:",
        About::Nameless(_) => "Which field is it? Its number here or its name, `none` to ignore the column, Enter stops:",
        About::Sheet => "Which sheet? Its number here or its name, Enter stops:",
        About::HeaderRow => "Which row has the headers? Its number, Enter stops:",
        About::Encoding => "Which encoding is it? Its number here or its name, Enter stops:",
        About::Decimal | About::Percent | About::Priorities => "Which one? Its number here, Enter stops:",
        About::Series if is_year => "Which year (2026, FY26)? Or one column for the value, or `no`, Enter stops:",
        About::Series => "Which? One of these, `no` to keep them as texts, Enter stops:",
        About::Ahead => "Which? `now` or `end`, Enter stops:",
    };
    for _ in 0..TRIES {
        let answer = context.output.ask_line(question)?.unwrap_or_default();
        if answer.is_empty() {
            break;
        }
        if let About::Column(field) = about
            && may_be_none
            && answer.eq_ignore_ascii_case("none")
        {
            options.given.push((field.as_str().to_owned(), String::new()));
            return Ok(());
        }
        if let About::Nameless(column) = about
            && answer.eq_ignore_ascii_case("none")
        {
            options.unread.push(letters(column));
            return Ok(());
        }
        if about == About::Series {
            let word = answer.parse::<u32>().ok().filter(|month| *month <= 12 && !is_year);
            let word = word.map_or_else(|| answer.clone(), |month| format!("start={month}"));
            if let Ok(said) = options.series.unwrap_or_default().and(&word) {
                options.series = Some(said);
                return Ok(());
            }
        }
        let numbered = answer
            .parse::<usize>()
            .ok()
            .filter(|_| !is_row && about != About::Series)
            .and_then(|number| choices.get(number.checked_sub(1)?));
        let by_number = numbered.map(|choice| choice.0.as_str());
        let Some(chosen) = chosen(&choices, &answer.to_lowercase()).or(by_number) else {
            context.output.notice(&format!("`{answer}` is not one of these"));
            continue;
        };
        match about {
            About::Column(field) => options.given.push((field.as_str().to_owned(), chosen.to_owned())),
            About::Nameless(column) => options.given.push((chosen.to_owned(), letters(column))),
            About::Sheet => options.sheet = Some(chosen.to_owned()),
            About::HeaderRow => options.header_row = chosen.parse().ok(),
            About::Encoding => options.encoding = Encoding::for_label(chosen.as_bytes()),
            About::Decimal => options.mark = [Mark::Point, Mark::Comma].into_iter().find(|mark| mark.as_str() == chosen),
            About::Percent => options.percent = if chosen == "scale" { Percent::Scale } else { Percent::AsIs },
            About::Priorities => options.priorities = chosen.split(',').map(|word| word.parse().ok()).collect(),
            About::Series if is_year => options.given.push((Field::CurrentValue.as_str().to_owned(), chosen.to_owned())),
            About::Series => options.series = options.series.unwrap_or_default().and(chosen).ok(),
            About::Ahead if chosen == "now" => {
                let column = choices.iter().find(|choice| choice.0 == chosen).and_then(|choice| choice.2.first());
                options.series = Some(options.series.unwrap_or_default());
                options.given.extend(column.map(|column| (Field::CurrentValue.as_str().to_owned(), column.clone())));
            }
            About::Ahead => options.allow_future = true,
        }
        return Ok(());
    }
    Err(error)
}

/// The choice that an answer in lower case names: by what is to be answered, by its label, or by a part of either that no
/// other has.
fn chosen<'a>(choices: &'a [(String, String, Vec<String>)], answer: &str) -> Option<&'a str> {
    let by = |fits: &dyn Fn(&str) -> bool| {
        let mut found = choices.iter().filter(|choice| fits(&choice.0.to_lowercase()) || fits(&choice.1.to_lowercase()));
        found.next().filter(|_| found.next().is_none()).map(|choice| choice.0.as_str())
    };
    choices
        .iter()
        .find(|choice| choice.0.to_lowercase() == answer)
        .map(|choice| choice.0.as_str())
        .or_else(|| by(&|text| text == answer))
        .or_else(|| if answer.chars().count() > 2 { by(&|text| text.contains(answer)) } else { None })
}

/// Asks what these are, each with its line. Exit 65 if nobody can be asked, or no answer is given.
pub(super) fn renumber(context: &Context, args: &Args, renumbered: &[(String, Value)]) -> Result<Renumber> {
    let told: Vec<String> = renumbered.iter().map(|one| one.0.clone()).collect();
    let pruned = if args.prune { "; --prune then removes the old ones" } else { "" };
    let error = Error::data(format!(
        "{} of the catalog {} a different number in the sheet",
        counted(told.len(), "name"),
        agreeing(told.len(), "has", "have")
    ));
    let error = lines(error, &told)
        .with("renumbered", renumbered.iter().map(|one| one.1.clone()).collect::<Vec<_>>())
        .hint("--renumber keep treats them as the same metrics: they keep their ids and readings under the new numbers")
        .hint(format!("--renumber new makes new metrics of them{pruned}"));
    if args.yes || !context.output.can_ask() {
        return Err(error);
    }
    for line in told.iter().take(LINES) {
        context.output.notice(line);
    }
    if told.len() > LINES {
        context.output.notice(&format!("and {} more", told.len() - LINES));
    }
    let question =
        "Are these the same metrics? `keep` lets them keep their ids and readings, `new` makes new ones, Enter stops:";
    match context.output.ask_line(question)?.unwrap_or_default().to_lowercase().as_str() {
        "keep" | "k" => Ok(Renumber::Keep),
        "new" | "n" => Ok(Renumber::New),
        _ => Err(error),
    }
}

/// Asks for the directions of metrics that nothing tells, each with the position of its file; there are `count` of them. Exit
/// 65 if nobody can be asked, or no answer is given.
pub(super) fn directions(
    context: &Context,
    args: &Args,
    unknown: &[(usize, Undirected)],
    count: u64,
) -> Result<Vec<(usize, Rule)>> {
    let all: Vec<Undirected> = unknown.iter().map(|one| one.1.clone()).collect();
    let error = || import::undirected(&all, count);
    if args.yes || !context.output.can_ask() || count > all.len() as u64 {
        return Err(error());
    }
    let has = agreeing(all.len(), "has", "have");
    context.output.notice(&format!("{} {has} a target and no direction:", counted(all.len(), "metric")));
    for (at, direction) in Direction::ALL.into_iter().enumerate() {
        context.output.notice(&format!("  {}  {direction}", at + 1));
    }
    let mut rules = Vec::new();
    let mut of_rest = None;
    for (file, one) in unknown {
        let direction = if let Some(direction) = of_rest {
            direction
        } else {
            let question = format!("{}: which one? A number, `2 all` for all that are left, Enter stops:", one.line);
            let (direction, is_all) = answered(context, &question)?.ok_or_else(error)?;
            of_rest = is_all.then_some(direction);
            direction
        };
        rules.push((*file, Rule::new(&one.metric, direction.as_str()).map_err(|reason| Error::usage(format!("it {reason}")))?));
    }
    Ok(rules)
}

/// A direction by its number or its word, and whether it is for all that are left.
fn answered(context: &Context, question: &str) -> Result<Option<(Direction, bool)>> {
    for _ in 0..TRIES {
        let answer = context.output.ask_line(question)?.unwrap_or_default();
        if answer.is_empty() {
            break;
        }
        let (word, is_all) = answer.strip_suffix("all").map_or((answer.as_str(), false), |word| (word.trim(), true));
        let numbered = word.parse::<usize>().ok().and_then(|number| Direction::ALL.get(number.checked_sub(1)?).copied());
        if let Some(direction) = numbered.or_else(|| item::direction(word)) {
            return Ok(Some((direction, is_all)));
        }
        context.output.notice(&format!("`{answer}` is not one of these"));
    }
    Ok(None)
}

/// What a file holds, asking about its columns where somebody can be asked. Exit 65 when it is no table, or unclear and nobody
/// answers.
pub(super) async fn understood(
    context: &Context,
    args: &Args,
    source: &Arc<Source>,
    options: &mut Options,
    frameworks: &[Arc<Codes>],
) -> Result<Table> {
    let mut is_asked = false;
    loop {
        match import::understand(source, options, frameworks, &context.output).await? {
            Prepared::Table(table) => {
                if is_asked && args.reading.save_map.is_none() {
                    context.output.say("--save-map FILE.toml saves these answers for the next time");
                }
                return Ok(*table);
            }
            Prepared::Unclear(unclear) if args.yes || !context.output.can_ask() => return Err(unclear.error),
            Prepared::Unclear(unclear) => {
                ask(context, *unclear, options)?;
                is_asked = true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_names_one_choice() {
        let choice = |answer: &str, label: &str| (answer.to_owned(), label.to_owned(), Vec::new());
        let choices = [choice("A", "Title"), choice("B", "Long title"), choice("C", "Owner")];
        for (answer, expected) in [
            ("b", Some("B")),
            ("title", Some("A")),
            ("long", Some("B")),
            ("own", Some("C")),
            ("tit", None),
            ("x", None),
            ("o", None),
        ] {
            assert_eq!(chosen(&choices, answer), expected, "{answer}");
        }
    }
}
