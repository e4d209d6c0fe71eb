//! The first pass on two cores: one parses the source, the other looks at the rows.

use std::sync::mpsc;
use std::thread;

use super::Watch;
use super::input::{Input, Range};
use super::pass::FirstPass;
use crate::error::{Error, Result};
use crate::import::row::{Flow, Row};

/// How much goes over at a time, in bytes. A row larger than that goes alone, so that few of them are in memory.
const PORTION: usize = 1 << 16;

/// Reads the input to its end and takes `pass` over its rows.
///
/// # Errors
/// The first one in the order of the rows, whether of the source or of the pass.
pub(super) fn read(
    input: &mut Input,
    sheet: Option<&str>,
    range: Option<Range>,
    watch: &dyn Watch,
    mut pass: FirstPass,
) -> Result<FirstPass> {
    thread::scope(|scope| {
        let (sender, receiver) = mpsc::sync_channel::<Vec<Row>>(1);
        let look = move || -> Result<FirstPass> {
            for rows in receiver {
                for row in &rows {
                    pass.row(row)?;
                }
            }
            Ok(pass)
        };
        let looking = thread::Builder::new()
            .spawn_scoped(scope, look)
            .map_err(|error| Error::failed(format!("cannot start a thread: {error}")))?;
        let mut seen = 0_u64;
        let mut rows: Vec<Row> = Vec::new();
        let mut size = 0;
        let mut take = |row: &Row| {
            seen += 1;
            if seen.is_multiple_of(1024) {
                watch.rows(seen);
            }
            rows.push(row.clone());
            size += row.memory();
            if size < PORTION {
                return Ok(Flow::Go);
            }
            size = 0;
            // Nobody listens once the pass has failed; its error is told below.
            Ok(if sender.send(std::mem::take(&mut rows)).is_ok() { Flow::Go } else { Flow::Stop })
        };
        let read = input.read(sheet, range, &mut take);
        let _ = sender.send(rows);
        drop(sender);
        let pass = looking.join().map_err(|_| Error::failed("the import broke off"))??;
        read.map(|()| pass)
    })
}
