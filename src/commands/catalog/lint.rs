//! `cmf catalog lint`: what the measures of a catalog lack by the standards, and which of them are useless.

use clap::ValueEnum;
use clap::builder::PossibleValue;

use crate::catalog::lint::{self, Linted};
use crate::commands::Formats;
use crate::context::Context;
use crate::db;
use crate::domain::lint::{Finding, Level, Measure, Profile, RULES, Rule};
use crate::domain::text::counted;
use crate::error::{Exit, Result};
use crate::output::{Columns, Format, columns};
use crate::report::{junit, sarif};

#[derive(Debug, clap::Args)]
#[command(add = Formats(&[Format::Junit, Format::Sarif]))]
pub(super) struct Lint {
    /// The catalog's name or id; without it the active one
    catalog: Option<String>,
    /// The user it belongs to, if several have one of this name
    #[arg(long, value_name = "USER")]
    owner: Option<String>,
    /// Use the rules of this standard and cmf's own, as --profile sp800-55 does; without it all rules
    #[arg(long, value_enum)]
    standard: Option<Profile>,
    /// Use only these rules
    #[arg(long, value_name = "RULE,...", value_delimiter = ',', value_parser = ids())]
    rule: Vec<String>,
    /// Exit with 4 if something is found
    #[arg(long)]
    exit_code: bool,
    /// Show the rules with their sources instead
    #[arg(long, conflicts_with_all = ["catalog", "owner", "exit_code"])]
    rules: bool,
}

impl ValueEnum for Profile {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.as_str()).help(self.title()))
    }
}

fn ids() -> clap::builder::PossibleValuesParser {
    RULES.iter().map(|rule| PossibleValue::new(rule.id).help(rule.what)).collect::<Vec<_>>().into()
}

pub(super) const RULE: Columns<&Rule> = columns! { |rule|
    rule = rule.id, level = rule.level.as_str(), wants = rule.what, why = rule.why, source = rule.source()
};
pub(super) const FOUND: Columns<(Measure, Finding)> = columns! { |(measure, found)|
    rule = found.rule.id, level = found.rule.level.as_str(), metric_number = &measure.item.metric_number,
    name = &measure.item.name, message = &found.message, fix: for_programs = found.rule.fix, id: for_programs = measure.id
};

/// Exit 4 with `--exit-code` when a rule is broken.
pub(super) async fn run(context: &Context, args: Lint) -> Result<Exit> {
    // A profile of that name is a standard here; `cli.rs` looks for no other.
    let standard = args.standard.or(context.profile().and_then(|name| name.parse().ok()));
    if args.rules {
        let rules = crate::domain::lint::rules(standard, &args.rule);
        return context.output.results(RULE.table_of(rules)).map(|()| Exit::Success);
    }
    context.output.check(&FOUND.table())?;
    let mut session = context.open().await?;
    let mut tx = session.read_one_state().await?;
    let now = db::scores::now(&mut tx).await?;
    let (name, owner) = (args.catalog.as_deref(), args.owner.as_deref());
    let linted = lint::lint(&mut tx, name, owner, standard, &args.rule, now).await?;
    tx.end().await?;
    let Linted { catalog, measures, rules, findings } = &linted;
    match context.output.format() {
        Format::Sarif => {
            let subject = sarif::Subject { catalog: &catalog.name, file: catalog.source_file.as_deref(), measures };
            context.output.text(&sarif::text(&subject, rules, findings))?;
        }
        Format::Junit => context.output.text(&junit::linted(&catalog.name, measures, rules, findings))?,
        _ => {
            let rows = findings.iter().filter_map(|found| Some((measures.get(found.measure)?.clone(), found.clone())));
            context.output.results(FOUND.table_of(rows).title(catalog.name.clone()))?;
        }
    }
    context.output.say(&summary(&linted));
    Ok(if args.exit_code && !findings.is_empty() { Exit::Difference } else { Exit::Success })
}

fn summary(linted: &Linted) -> String {
    let looked = format!("{} by {}", counted(linted.measures.len(), "item"), counted(linted.rules.len(), "rule"));
    if linted.findings.is_empty() {
        return format!("no findings in {looked}");
    }
    let of = |level: Level| linted.findings.iter().filter(|one| one.rule.level == level).count();
    let words = [(Level::Error, "error"), (Level::Warning, "warning"), (Level::Note, "note")];
    let counts: Vec<String> =
        words.into_iter().filter(|(level, _)| of(*level) > 0).map(|(level, word)| counted(of(level), word)).collect();
    format!("{looked}: {}", counts.join(", "))
}
