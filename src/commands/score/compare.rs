//! `cmf score compare` and `cmf score check`.

use rust_decimal::Decimal;

use super::table::{FUNCTION, change, functions};
use crate::context::Context;
use crate::domain::number::finite;
use crate::domain::text::counted;
use crate::error::{Error, Exit, Result};
use crate::output::{Cell, Columns, Results, Shape, Table, columns};
use crate::score::{self, Certain, Figures, Overall};
use crate::scoring::{Method, SubjectArgs, ViaArg, Weighing, least, percent, tell_through};

#[derive(Debug, clap::Args)]
pub(crate) struct Compare {
    /// Catalogs by name or id
    #[arg(value_name = "CATALOG")]
    catalogs: Vec<String>,
    /// Compare with the default library too: the metrics of no catalog
    #[arg(long)]
    default: bool,
    /// The framework; without it the one the first catalog is mapped to
    #[arg(long)]
    framework: Option<String>,
    #[command(flatten)]
    method: Method,
}

/// Runs `cmf score compare`. Exit 2 when there are not two to compare, or one of them is unknown.
pub(crate) async fn compare(context: &Context, args: Compare) -> Result<Exit> {
    let parameters = args.method.parameters(context)?;
    if args.catalogs.len() + usize::from(args.default) < 2 {
        return Err(Error::usage("`cmf score compare` needs two catalogs").hint("name two catalogs, or one and --default"));
    }
    let mut session = context.open().await?;
    let mut tx = session.read().await?;
    let mut scopes: Vec<SubjectArgs> =
        args.catalogs.iter().map(|name| SubjectArgs { catalog: Some(name.clone()), ..SubjectArgs::default() }).collect();
    scopes.extend(args.default.then(|| SubjectArgs { default: true, ..SubjectArgs::default() }));
    let mut framework = args.framework;
    let mut all: Vec<Overall> = Vec::new();
    let mut silent = Vec::new();
    for mut scope in scopes {
        scope.framework.clone_from(&framework);
        let subject = scope.resolve(context, &mut tx).await?;
        framework.get_or_insert_with(|| subject.framework.short_name());
        let overall = score::score(&mut tx, &subject, parameters).await?;
        if overall.score.is_none() {
            silent.push(score::nothing_scoreable(&mut tx, &subject).await?);
        }
        all.push(overall);
    }
    tx.end().await?;
    context.output.results(side_by_side(&all))?;
    for why in silent {
        context.output.notice(&why);
    }
    Ok(Exit::Success)
}

const COMPARED: Columns<String> = columns! { |framework| framework = framework };
/// What the catalogs are called in JSON.
const CATALOGS: &str = "catalogs";
const SCORED: Columns<Overall> = columns! { |overall|
    catalog, catalog_id, overall_score = overall.score, overall_rating = overall.rating,
    metric_count = overall.breakdown.metric_count, unscoreable_count = overall.breakdown.unscoreable_count,
    assumed_count = overall.breakdown.assumed_count, stale_count = overall.breakdown.certain.stale_count,
    fresh_share = overall.breakdown.certain.fresh_share, score_low = overall.breakdown.certain.score_low,
    score_high = overall.breakdown.certain.score_high,
    function_scores: of(|| Shape::rows(&FUNCTION)) = functions(overall)
};
/// The name of a catalog, and what is known of its score.
const CERTAIN: Columns<(String, Certain)> =
    columns! { |(catalog, certain)| catalog, fresh: for_people = certain.fresh(), range: for_people = certain.range() };
/// What is beside the score of each catalog, which has a column of its name, in the table.
const BESIDE: [&str; 3] = ["function_code", "name", "change"];

pub(super) fn shape() -> Shape {
    let shape = Shape::one(&COMPARED).with(CATALOGS, Shape::rows(&SCORED));
    Shape::of::<&str>().choosing(BESIDE).choosing(CERTAIN.names()).printing(shape)
}

fn side_by_side(all: &[Overall]) -> Results {
    let mut names: Vec<String> = Vec::new();
    for overall in all {
        let name = overall.catalog.clone().unwrap_or_else(|| "default library".to_owned());
        let same = names.iter().filter(|known| **known == name || known.starts_with(&format!("{name} ("))).count();
        names.push(if same == 0 { name } else { format!("{name} ({})", same + 1) });
    }
    let two = all.len() == 2;
    let [code, name, change_of] = BESIDE.map(str::to_owned);
    let columns = [code, name].into_iter().chain(names.iter().cloned()).chain(two.then_some(change_of)).collect();
    let framework = all.first().map(|overall| overall.framework.clone()).unwrap_or_default();
    let mut table = Table::with_columns(columns).title(format!("{framework}, side by side"));
    let mut row = |code: &str, name: &str, all: Vec<Option<Figures>>| {
        let difference = match all.as_slice() {
            &[Some(first), Some(second)] => Some(change(first, second)),
            _ => None,
        };
        let scores = all.into_iter().map(|figures| Cell::from(figures.and_then(|figures| figures.score)));
        table.push([Cell::from(code), Cell::from(name)].into_iter().chain(scores).chain(difference).collect());
    };
    for (i, function) in all.first().iter().flat_map(|first| first.breakdown.functions.iter().enumerate()) {
        let figures = all.iter().map(|overall| overall.breakdown.functions.get(i).map(|function| function.figures)).collect();
        row(&function.function_code, &function.name, figures);
    }
    row("", "Overall", all.iter().map(|overall| Some(overall.figures())).collect());
    let json = COMPARED.document(&framework, CATALOGS, &SCORED.table_of(all));
    let certain = names.into_iter().zip(all.iter().map(|overall| overall.breakdown.certain));
    Results::new(vec![table, CERTAIN.table_of(certain.collect::<Vec<_>>()).title("how much of each is fresh")], json)
}

#[derive(Debug, clap::Args)]
pub(crate) struct Check {
    /// The least overall score
    #[arg(long, value_name = "SCORE", value_parser = percent)]
    min: Option<Decimal>,
    /// The least score of a function, such as PR=60; may be given for each
    #[arg(long, value_name = "CODE=SCORE", value_parser = least)]
    function: Vec<(String, Decimal)>,
    #[command(flatten)]
    scope: SubjectArgs,
    #[command(flatten)]
    via: ViaArg,
    #[command(flatten)]
    weighing: Weighing,
}

/// What is checked, and the least that its score must be.
type Checked = (Option<String>, String, Figures, Decimal);
pub(super) const CHECKED: Columns<Checked> = columns! { |row|
    function_code = &row.0, name = &row.1, score = row.2.score, min = row.3, passed = passes(row),
    assumed_count = row.2.assumed_count, fresh: for_people = row.2.certain.fresh(), range: for_people = row.2.certain.range(),
    stale_count: for_programs = row.2.certain.stale_count, fresh_share: for_programs = row.2.certain.fresh_share,
    score_low: for_programs = row.2.certain.score_low, score_high: for_programs = row.2.certain.score_high
};

/// The score as it is shown is checked: 75.00 passes 75, also where 74.996 was rounded.
fn passes((_, _, figures, least): &Checked) -> bool {
    finite(figures.score).is_some_and(|score| score >= *least)
}

/// What is said of one that passes only if its stale metrics are as they were.
fn doubt(row @ (_, name, figures, least): &Checked) -> Option<String> {
    let low = finite(figures.certain.score_low).filter(|low| passes(row) && low < least)?;
    let stale = counted(figures.certain.stale_count, "stale metric");
    Some(format!("note: {name} passes with {stale}; it may be as low as {low}: `cmf due` lists what to measure"))
}

/// Runs `cmf score check`: exit 4 when a score is under what it must be, or cannot be computed at all. Exit 2 without a
/// minimum, and for a function the framework does not have.
pub(crate) async fn check(context: &Context, args: Check) -> Result<Exit> {
    let parameters = args.weighing.parameters(context)?;
    if args.min.is_none() && args.function.is_empty() {
        return Err(Error::usage("nothing to check").hint("add --min SCORE, --function CODE=SCORE, or both"));
    }
    let mut session = context.open().await?;
    let mut tx = session.read().await?;
    let subject = args.scope.resolve_via(context, &mut tx, &args.via).await?;
    let overall = score::score(&mut tx, &subject, parameters).await?;
    tx.end().await?;
    let mut rows = Vec::new();
    for (code, least) in &args.function {
        let function = overall.function(code)?;
        rows.push((Some(function.function_code.clone()), function.name.clone(), function.figures, *least));
    }
    if let Some(least) = args.min {
        rows.push((None, "Overall".to_owned(), overall.figures(), least));
    }
    let doubtful: Vec<String> = rows.iter().filter_map(doubt).collect();
    let title = format!("{}, {}", subject.name(), subject.against());
    let (of, failed) = (rows.len(), rows.iter().filter(|row| !passes(row)).count());
    let unscored = rows.iter().filter(|(_, _, figures, _)| finite(figures.score).is_none()).count();
    context.output.results(CHECKED.table_of(rows).title(title))?;
    if overall.breakdown.assumed_count > 0 {
        let metrics = counted(overall.breakdown.assumed_count, "metric");
        context.output.notice(&format!("note: the direction of {metrics} is not set; `cmf score` lists them as assumed"));
    }
    tell_through(context, overall.breakdown.through.as_ref(), &overall.framework);
    for doubt in doubtful {
        context.output.notice(&doubt);
    }
    if failed == 0 {
        return Ok(Exit::Success);
    }
    let told = [(failed - unscored, "under the minimum"), (unscored, "without a score")];
    let told = told.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} of {of} {what}"));
    context.output.notice(&told.collect::<Vec<_>>().join(", "));
    Ok(Exit::Difference)
}
