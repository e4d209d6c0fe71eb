//! `cmf db restore`: a dump back into a database, by `pg_restore`, in one transaction.

use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::client::{Target, finish};
use crate::context::Context;
use crate::db;
use crate::db::audit::Audit;
use crate::domain::text::counted;
use crate::error::{Error, Exit, Place, Result};
use crate::files;
use crate::local::Cluster;
use crate::output::{Columns, Confirmed, columns};

/// How every file of `pg_dump`'s own format begins.
const MAGIC: &[u8] = b"PGDMP";

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The file that `cmf db dump` wrote
    file: PathBuf,
    /// Replace what is in the database, or in the schema with --schema
    #[arg(long)]
    replace: bool,
    /// The database's name, or the schema's with --schema, as the confirmation of --replace
    #[arg(long, value_name = "DBNAME", requires = "replace")]
    confirm: Option<String>,
}

pub(super) const RESTORED: Columns<(String, String, Option<String>, i64)> =
    columns! { |(file, database, schema, tables)| file, database, schema, tables };

/// Restores a dump: all of it or nothing. Everything belongs to the role that restores; grants are not restored. With
/// `--schema` nothing but that schema is touched. Exit 65 when the file is not a dump, 1 when the place is not empty, the dump
/// holds other schemas than the one that is named, or the server refuses, 78 when there is no `pg_restore`.
pub(super) async fn run(context: &Context, args: Args) -> Result<Exit> {
    context.output.check_outcome(&RESTORED.table())?;
    let shown = args.file.display().to_string();
    check(&args.file)?;
    let mut target = super::whole::programs(context).await?;
    let (whole, database) = (target.whole(), target.address.database_name().to_owned());
    let held = holds(&target, &args.file).await?;
    let tables = target.tables().await?;
    let confirmed = if tables == 0 {
        None
    } else if args.replace {
        check_replacing(context, &mut target, &held).await?;
        let question = format!(
            "{whole} holds {}; the dump replaces what is in them, which cannot be undone. A dump is code: it runs with the rights of {}.",
            counted(tables, "table"),
            target.address.user()
        );
        let name = target.schema.as_deref().unwrap_or(&database);
        Some(context.output.confirm_by_name(&question, name, args.confirm.as_deref())?)
    } else {
        return Err(Error::failed(format!("{whole} is not empty: it holds {}", counted(tables, "table")))
            .hint("restore into an empty database, or add --replace to replace the contents"));
    };
    target.session.agree()?;
    context.output.say(&format!("restoring {shown} into {whole}"));
    restore(&mut target, &args.file, confirmed).await?;
    target.session.note_change();

    if let (Some(directory), None) = (&target.private, &target.schema) {
        // The dump may come from an older cmf: the next command brings its schema up.
        Cluster::at(directory).unstamp()?;
    }
    let restored = target.tables().await?;
    let mut tx = target.session.plain().await?;
    if db::migrations::has_audit(&mut tx).await? {
        let result = json!({ "file": shown, "tables": restored, "schema": target.schema });
        tx.finish(Audit::of("db.restore", result)).await?;
    } else {
        tx.rollback().await?;
    }
    target.session.close().await?;
    let message = format!("restored {shown} into {whole}, {}", counted(restored, "table"));
    context.output.outcome(&message, RESTORED.one(&(shown, database, target.schema, restored)))?;
    Ok(Exit::Success)
}

/// What the dump holds. What goes into one schema must hold nothing else.
async fn holds(target: &Target, file: &Path) -> Result<Vec<String>> {
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
async fn check_replacing(context: &Context, target: &mut Target, held: &[String]) -> Result<()> {
    let mut tx = target.session.read().await?;
    let there = db::dumps::entries(&mut tx, target.schema.as_deref()).await?;
    let extensions = db::dumps::extensions(&mut tx).await?;
    tx.end().await?;
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
    let more = if left.len() > 6 { format!(" and {} more", left.len() - 6) } else { String::new() };
    let shown = format!("{}{more}", left.iter().take(6).copied().collect::<Vec<_>>().join(", "));
    if target.schema.is_none() {
        context.output.notice(&format!("the dump does not hold these, so they stay as they are: {shown}"));
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
fn check(file: &Path) -> Result<()> {
    let mut begin = [0; MAGIC.len()];
    let read = files::open(file)?.read_exact(&mut begin);
    match read {
        Ok(()) if begin == MAGIC => Ok(()),
        Err(error) if error.kind() != std::io::ErrorKind::UnexpectedEof => Err(files::unreadable(file, &error)),
        _ => Err(Error::data("this is not a file that `cmf db dump` wrote")
            .at(Place { file: Some(file.display().to_string()), ..Place::default() })
            .hint("restore a dump in plain SQL with psql, in one transaction: `psql URL --single-transaction --file FILE`")),
    }
}

/// Only with a confirmation is anything dropped.
async fn restore(target: &mut Target, file: &Path, confirmed: Option<Confirmed>) -> Result<()> {
    let mut program = target.program("pg_restore").await?;
    let command = &mut program.command;
    command.args(["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]);
    if confirmed.is_some() {
        command.args(["--clean", "--if-exists"]);
    }
    if let Some(schema) = &target.schema {
        let mut tx = target.session.read().await?;
        let there = db::dumps::has_schema(&mut tx, schema).await?;
        tx.end().await?;
        // What is in the schema, and the schema itself where it is missing.
        if there {
            command.arg(format!("--schema={schema}"));
        }
    }
    let name = target.address.database_name().replace('\\', r"\\").replace('\'', r"\'");
    command.arg(format!("--dbname=dbname='{name}'")).arg(file);
    finish(program, &format!("{} cannot be restored", target.whole())).await?;
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
