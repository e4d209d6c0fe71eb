//! Sheets whose code columns say something only where it changes.

use std::collections::BTreeMap;

use super::Table;
use super::row::Row;
use crate::domain::code::{CodeIndex, Position, Reference};
use crate::domain::item::Field;
use crate::domain::number;
use crate::error::Result;

/// Keeps what an outline's columns name for the rows below; a new code on a higher level ends those on lower ones.
pub fn carry(table: &Table, row: &Row, above: &mut BTreeMap<Field, String>) {
    for field in &table.fill {
        let Some(mapped) = table.columns.get(*field) else { continue };
        let text = row.cell(mapped.column).text;
        if !number::is_nothing(text) {
            above.retain(|known, _| known < field);
            above.insert(*field, text.to_owned());
        }
    }
}

/// Whether the first rows bear out that the table is an outline: no row says that it has no code, and no row's own code lies
/// outside of what stands above it.
pub fn is_outline(table: &mut Table, indexes: &[&CodeIndex]) -> Result<bool> {
    let mut above: BTreeMap<Field, String> = BTreeMap::new();
    let mut reader = table.spool.read()?;
    let mut row = Row::default();
    let mut left = 500;
    let known = |text: &str| -> Vec<Position> {
        let all = indexes.iter().flat_map(|index| index.find_all(text));
        all.filter_map(|found| if let Reference::Known(position) = found { Some(position) } else { None }).collect()
    };
    while left > 0 && reader.next(&mut row)? {
        left -= 1;
        carry(table, &row, &mut above);
        for mapped in table.columns.mapped.iter().filter(|mapped| mapped.field.is_code()) {
            let cell = row.cell(mapped.column);
            if cell.is_blank() {
                continue;
            }
            if number::is_nothing(cell.text) {
                return Ok(false);
            }
            let own = known(cell.text);
            for (field, text) in &above {
                let higher = known(text);
                let holds = own.iter().all(|own| higher.iter().any(|higher| higher == own || higher.contains(own)));
                if *field < mapped.field && !holds {
                    return Ok(false);
                }
            }
        }
    }
    Ok(true)
}

/// How many codes of the first rows each framework knows, to tell which one a sheet is about.
pub fn known_codes(table: &mut Table, indexes: &[&CodeIndex]) -> Result<Vec<usize>> {
    let columns: Vec<usize> =
        table.columns.mapped.iter().filter(|mapped| mapped.field.is_code()).map(|mapped| mapped.column).collect();
    let mut known = vec![0; indexes.len()];
    let mut reader = table.spool.read()?;
    let mut row = Row::default();
    let mut left = 200;
    while left > 0 && !columns.is_empty() && reader.next(&mut row)? {
        left -= 1;
        for column in &columns {
            let text = row.cell(*column).text;
            for (count, index) in known.iter_mut().zip(indexes) {
                *count += index.find_all(text).iter().filter(|found| matches!(found, Reference::Known(_))).count();
            }
        }
    }
    Ok(known)
}
