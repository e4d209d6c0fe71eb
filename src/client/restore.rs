//! A dump back into a database, by `pg_restore`, in one transaction.

use std::io::Read;
use std::path::Path;

use super::{Target, finish, not_restored};
use crate::confirm::Confirmed;
use crate::db;
use crate::domain::text::first_of;
use crate::error::{Error, Place, Result, shell_word};
use crate::files;
use crate::tell::Tell;

/// How every file of `pg_dump`'s own format begins.
const MAGIC: &[u8] = b"PGDMP";

/// What the dump holds. What goes into one schema must hold nothing else.
pub async fn holds(target: &Target, file: &Path) -> Result<Vec<String>> {
    let all = target.list(file, None).await?;
    let Some(schema) = &target.schema else { return Ok(all) };
    let mut own = target.list(file, Some(schema)).await?.into_iter().peekable();
    let about = ["SCHEMA -", "COMMENT - SCHEMA", "ACL - SCHEMA", "SECURITY LABEL - SCHEMA"];
    let about: Vec<String> = about.iter().map(|kind| format!("{kind} {schema} ")).collect();
    let mut foreign = Vec::new();
    // The shorter list has the same order.
    for entry in &all {
        if own.next_if_eq(entry).is_none() && !about.iter().any(|begin| entry.starts_with(begin)) {
            foreign.push(entry);
        }
    }
    if foreign.is_empty() {
        return Ok(all);
    }
    let error = Error::failed(format!("the dump holds more than the schema `{schema}`"));
    let error = foreign.iter().take(6).fold(error, |error, entry| error.detail(entry.as_str()));
    Err(error.hint(
        "a dump of one tenant is made by `cmf --schema NAME db dump FILE`; \
         a dump of a whole database is restored without --schema",
    ))
}

/// Refuses to replace what cannot be replaced as a whole, and names what would be left.
pub async fn check_replacing(tell: &dyn Tell, target: &mut Target, held: &[String]) -> Result<()> {
    let (there, extensions) = target
        .session
        .survey(async |tx| Ok((db::dumps::entries(tx, target.schema.as_deref()).await?, db::dumps::extensions(tx).await?)))
        .await?;
    if target.schema.is_none() && has_cluster(&extensions) {
        return Err(Error::failed(format!("{} is the coordinator of a Citus cluster", target.address))
            .detail("replacing the whole database drops the extension, with all that the cluster knows about its tables")
            .hint("replace one schema at a time with --schema NAME, or restore into a new database"));
    }
    let left: Vec<&str> =
        there.iter().filter(|one| !held.iter().any(|entry| entry.starts_with(*one))).map(|one| one.trim_end()).collect();
    if left.is_empty() {
        return Ok(());
    }
    let shown = first_of(left, 6);
    if target.schema.is_none() {
        tell.notice(&format!("the dump does not hold these, so they stay as they are: {shown}"));
        return Ok(());
    }
    Err(Error::failed(format!("{} holds things that the dump does not hold", target.whole()))
        .detail(shown)
        .hint("revert the migrations that made them (`cmf migrate down`), or drop them, and run the command again"))
}

/// Whether the tables of a database are spread over a cluster, whose metadata goes with the extension.
fn has_cluster(extensions: &[String]) -> bool {
    extensions.iter().any(|name| name == "citus")
}

/// Tells a dump from any other file before anything is asked or touched.
pub fn check(file: &Path) -> Result<()> {
    let mut begin = [0; MAGIC.len()];
    let read = files::open(file)?.read_exact(&mut begin);
    match read {
        Ok(()) if begin == MAGIC => Ok(()),
        Err(error) if error.kind() != std::io::ErrorKind::UnexpectedEof => Err(files::unreadable(file, &error)),
        _ => {
            let error = Error::data("this is not a file that `cmf db dump` wrote").at(Place::of(file.display()));
            Err(error.hint(if is_sql(file) {
                format!(
                    "restore a dump in plain SQL with psql, into an empty database: `psql URL --set ON_ERROR_STOP=1 --single-transaction --file {}`",
                    shell_word(file.display())
                )
            } else {
                "name a dump of cmf: `cmf db dump FILE` makes one".to_owned()
            }))
        }
    }
}

/// Whether a file begins as SQL does.
fn is_sql(file: &Path) -> bool {
    const WORDS: [&str; 9] = ["alter", "begin", "copy", "create", "drop", "insert", "select", "set", "\\restrict"];
    let mut begin = [0; 256];
    let Ok(count) = files::open(file).and_then(|mut file| file.read(&mut begin).map_err(|_| Error::failed("unread"))) else {
        return false;
    };
    let text = String::from_utf8_lossy(&begin[..count]).trim_start().to_lowercase();
    let word = text.split_whitespace().next().unwrap_or_default();
    text.starts_with("--") || text.starts_with("/*") || WORDS.contains(&word)
}

/// Only with a confirmation is anything dropped.
pub async fn restore(target: &mut Target, file: &Path, confirmed: Option<Confirmed>) -> Result<()> {
    let mut program = target.program("pg_restore").await?;
    let command = &mut program.command;
    command.args(["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]);
    if confirmed.is_some() {
        command.args(["--clean", "--if-exists"]);
    }
    if let Some(schema) = &target.schema {
        let there = target.session.survey(async |tx| db::dumps::has_schema(tx, schema).await).await?;
        // What is in the schema, and the schema itself where it is missing.
        if there {
            command.arg(format!("--schema={schema}"));
        }
    }
    let name = target.address.database_name().replace('\\', r"\\").replace('\'', r"\'");
    command.arg(format!("--dbname=dbname='{name}'")).arg(file);
    finish(program, &not_restored(file, &target.whole())).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_is_known_by_its_extension() {
        let named = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert!(has_cluster(&named(&["citus", "plpgsql"])));
        assert!(!has_cluster(&named(&["plpgsql", "pgcrypto"])));
    }
}
