//! Questions about a sheet, asked where somebody can answer.

use crate::context::Context;
use crate::domain::item::Field;
use crate::error::Result;
use crate::import::table::{About, Options, Unclear};

/// How many answers in a row may be none of the choices.
const TRIES: u32 = 3;

/// Asks, and puts the answer into the options.
///
/// # Errors
/// What is unclear, where the user gives no answer.
pub(super) fn ask(context: &Context, unclear: Unclear, options: &mut Options) -> Result<()> {
    let Unclear { about, choices, error } = unclear;
    context.output.notice(&format!("{}:", error.message()));
    let width = choices.iter().map(|choice| choice.0.chars().count()).max().unwrap_or(0);
    let wide = terminal_size::terminal_size().map_or(80, |(width, _)| usize::from(width.0));
    for (answer, label, values) in &choices {
        let values = if values.is_empty() { "empty".to_owned() } else { values.join(" · ") };
        let line = if label.is_empty() {
            format!("  {answer:>width$}  {values}")
        } else {
            format!("  {answer:>width$}  {label}  ({values})")
        };
        context.output.notice(&cut(&line, wide));
    }
    let may_be_none = matches!(about, About::Column(field) if field != Field::Name);
    let question = match about {
        About::Column(field) if may_be_none => {
            format!("Which column is {}? Its letters or header, `none` to leave it out, Enter to stop:", field.as_str())
        }
        About::Column(_) => "Which column is the metric's name? Its letters or header, Enter to stop:".to_owned(),
        About::Sheet => "Which sheet? Its name, Enter to stop:".to_owned(),
        About::HeaderRow => "Which row has the headers? Its number, Enter to stop:".to_owned(),
    };
    for _ in 0..TRIES {
        let answer = context.output.ask_line(&question)?.unwrap_or_default();
        if answer.is_empty() {
            break;
        }
        if let About::Column(field) = about
            && may_be_none
            && answer.eq_ignore_ascii_case("none")
        {
            options.given.push((field, String::new()));
            return Ok(());
        }
        let folded = answer.to_lowercase();
        let Some((chosen, ..)) = choices
            .iter()
            .find(|choice| choice.0.to_lowercase() == folded)
            .or_else(|| choices.iter().find(|choice| choice.1.to_lowercase() == folded))
        else {
            context.output.notice(&format!("`{answer}` is none of these"));
            continue;
        };
        match about {
            About::Column(field) => options.given.push((field, chosen.clone())),
            About::Sheet => options.sheet = Some(chosen.clone()),
            About::HeaderRow => options.header_row = chosen.parse().ok(),
        }
        return Ok(());
    }
    Err(error)
}

/// The line, not longer than the terminal is wide.
fn cut(line: &str, wide: usize) -> String {
    if line.chars().count() <= wide {
        line.to_owned()
    } else {
        line.chars().take(wide.saturating_sub(1)).chain(['…']).collect()
    }
}
