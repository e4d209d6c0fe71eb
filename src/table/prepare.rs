//! From a source to its table: where it stands, which columns it has, and all of its rows.

use super::choose::{Choice, Chosen, choose};
use super::decision::Decision;
use super::input::Input;
use super::pass::FirstPass;
use super::periods::{self, Taken};
use super::question::{self, question, time_series};
use super::row::{Flow, Row};
use super::series::Series as TimeSeries;
use super::source::Source;
use super::through::Hidden;
use super::{Options, Prepared, columns, layout, map_file, outline, series, sheet_name, title};
use crate::domain::code::CodeIndex;
use crate::domain::item::Field;
use crate::domain::number::{self, Mark};
use crate::error::{Error, Place, Result};
use crate::tell::Gauge;

/// Reads the whole source once and understands it, or says what is unclear about its columns. Exit 65 when there is no table in
/// it, or when something about it can be read in two ways; the hint says how to decide.
pub fn prepare(source: &Source, options: &Options, indexes: &[&CodeIndex], gauge: Option<&dyn Gauge>) -> Result<Prepared> {
    let given: Vec<(Field, String)> = map_file::typed(options.given.iter().cloned())?;
    let (mut input, mut decisions) = match Input::open(source, options)? {
        Ok(opened) => opened,
        Err(unclear) => return Ok(Prepared::Unclear(unclear)),
    };
    let Choice { sheet, candidate, rows: peeked, decisions: chosen, sheets, range } =
        match choose(&mut input, source, options, &given)? {
            Chosen::Table(choice) => *choice,
            Chosen::Unclear(unclear) => return Ok(Prepared::Unclear(unclear)),
        };
    decisions.extend(chosen);
    let is_text = matches!(input, Input::Text(_));
    let (last, mut headers) = layout::two_rows(&peeked, candidate.index)
        .unwrap_or_else(|| (candidate.index, columns::headers(&peeked[candidate.index])));
    let header_row = peeked[last].number;
    let place = Place { file: Some(source.name.clone()), sheet: sheet.clone(), row: Some(header_row), ..Place::default() };
    let sample = &peeked[last + 1..];
    if is_text {
        if let Some(fault) = peeked[candidate.index].fault.or(peeked[last].fault) {
            return Err(Error::data(fault.reason()).at(place).hint(fault.remedy()));
        }
        let longest = sample.iter().map(Row::len).max().unwrap_or(usize::MAX);
        if let Some(cell) = headers.iter().skip(longest).find(|header| number::parse(header, Mark::Point).is_ok()) {
            return Err(Error::data(format!(
                "the header has {} cells, such as `{cell}`, but no record has more than {longest}",
                headers.len()
            ))
            .at(place)
            .hint("put a line break after the last header, where the first record begins"));
        }
    }
    // Below the last cells of a header, which are empty, there may be values all the same.
    let has_values = |column: &usize| sample.iter().any(|row| !row.cell(*column).is_blank());
    let widest = if is_text { peeked[last].len() } else { sample.iter().map(Row::len).max().unwrap_or_default() };
    let width = (headers.len()..widest).rfind(has_values).map_or(headers.len(), |column| column + 1);
    headers.resize(width, String::new());
    let is_visible = options.visible_only || options.hints.visible_only;
    let hidden = if is_visible { Hidden::default() } else { input.hidden(sheet.as_deref())? };
    let mut columns = columns::assign(headers, sample, &given, indexes);
    columns.hidden = (0..columns.headers.len()).filter(|column| hidden.has_column(*column)).collect();
    columns.width = is_text.then(|| peeked[last].len());
    let taken = periods::take(&mut columns, sample, options, &place)?;
    let told = match taken {
        Taken::Told(told) => told,
        Taken::Bare(dates) => {
            let name = columns.get(Field::Name).or(columns.get(Field::MetricNumber)).map(|mapped| mapped.header.clone());
            let others = columns
                .headers
                .iter()
                .filter(|header| !header.is_empty() && !dates.contains(header) && name.as_ref() != Some(header));
            let series = TimeSeries::Columns { others: others.cloned().collect(), dates };
            let readings = periods::options_for_all(&columns, sample, options);
            return Err(time_series(&series, source, &place, ("--as-catalog", Some(&readings))));
        }
        Taken::Unclear(unclear) => return Ok(Prepared::Unclear(unclear)),
    };
    if !options.as_catalog
        && let Some(series) = series::find(&columns, sample)
    {
        return Err(time_series(&series, source, &place, ("--as-catalog", None)));
    }
    if let Some(error) = question::units(&columns, &place) {
        return Err(error);
    }
    if let Some(unclear) = question(&columns, sample, &place)? {
        return Ok(Prepared::Unclear(Box::new(unclear)));
    }
    if let Some((column, unclear)) = question::nameless(&columns, sample, options, &place) {
        // In a workbook a text beside the table is often a remark.
        if is_text || question::has_numbers(column, sample) {
            return Ok(Prepared::Unclear(Box::new(unclear)));
        }
        let (letter, why) = (columns::letters(column), "it has no header");
        decisions.push(Decision::told("column", format!("{letter} not read"), why).option(format!("--map FIELD={letter}")));
    }
    decisions.extend(columns.decisions());
    let read = columns.mapped.iter().map(|mapped| mapped.column).chain(columns.numbers().map(|mapped| mapped.column));
    let mut watch = input.watch(sheet.as_deref(), header_row, read.collect())?;
    let mut pass = FirstPass::new(columns, header_row, options)?;
    let through = input.through(options, sheet.as_deref(), range)?;
    let height = input.height(sheet.as_deref());
    let about = |rows: u64| {
        if is_text {
            rows.checked_mul(source.size).and_then(|all| all.checked_div(source.position()?))
        } else {
            height.filter(|height| *height > rows)
        }
    };
    let mut seen = 0_u64;
    let mut take = |row: &Row| {
        seen += 1;
        watch.row(row);
        if let Some(gauge) = gauge.filter(|_| seen.is_multiple_of(1024)) {
            if let Some(all) = about(seen) {
                gauge.total(all);
            }
            gauge.set(seen);
        }
        pass.row(row)?;
        Ok(Flow::Go)
    };
    input
        .read(source, sheet.as_deref(), &through, &mut take)
        .map_err(|error| if error.place().file.is_none() { error.at(place.clone()) } else { error })?;
    let mut table = match pass.finish(&place, options)? {
        Prepared::Table(table) => *table,
        unclear @ Prepared::Unclear(_) => return Ok(unclear),
    };
    decisions.append(&mut table.decisions);
    decisions.extend(watch.decisions(&table.columns.headers, options));
    if let Some(unclear) = periods::ahead(&table.columns, options, &place) {
        return Ok(Prepared::Unclear(Box::new(unclear)));
    }
    decisions.extend(told.into_iter().map(|line| Decision::told("series", "readings", line).option("--series")));
    if !table.fill.is_empty() && !outline::is_outline(&mut table, indexes)? {
        table.fill.clear();
    }
    for field in &table.fill {
        let why = "the column is an outline: its codes also count for the rows below them";
        let option = format!("--map {}=", field.as_str());
        decisions.push(Decision::told("codes_above", field.as_str(), why).option(option));
    }
    if let Some(sheet) = &sheet
        && !table.columns.mapped.iter().any(|mapped| mapped.field.is_code())
        && !table.defaults.keys().any(|field| field.is_code())
        && !given.iter().any(|(field, _)| *field == Field::Function)
        && let Some(code) = sheet_name::function(sheet, &sheets, indexes)
    {
        let why = "no column has codes, so cmf uses the sheet's name";
        decisions.push(Decision::told("function", code.clone(), why).option("--map function="));
        table.defaults.insert(Field::Function, code);
    }
    table.sheet.clone_from(&sheet);
    match &input {
        Input::Workbook(book) => {
            table.author.clone_from(&book.author);
            table.title = title::of(book.title.as_deref(), &table.above);
        }
        Input::Text(dialect) => table.dialect = Some(*dialect),
        Input::Json | Input::Samples(_) => {}
    }
    table.decisions = decisions;
    Ok(Prepared::Table(Box::new(table)))
}
