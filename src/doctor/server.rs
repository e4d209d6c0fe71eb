//! The server, the role, the files and the disk.

use std::path::Path;

use chrono::{NaiveDateTime, Utc};

use crate::db;
use crate::db::grants::{self, Work};
use crate::db::migrations;
use crate::domain::finding::Findings;
use crate::domain::reading;
use crate::error::{Result, shell_word};
use crate::home::OutOfReach;
use crate::local::{self, Cluster};
use crate::session::{Session, Whereabouts};

/// The clocks may differ by so many seconds without a word.
const CLOCK_TOLERANCE: i64 = 5;

/// Room on the disk, in bytes, below which a private Postgres is in danger, and below which it is worth a look.
const ROOM: (u64, u64) = (200_000_000, 1_000_000_000);

/// Whether there is a private Postgres in a directory, or something in its way that connecting tells.
pub fn has_cluster(directory: &Path) -> bool {
    Cluster::at(directory).exists().unwrap_or(true)
}

/// Version, encoding, clock and role of the server.
pub async fn server(session: &mut Session, place: &Whereabouts, findings: &mut Findings) -> Result<()> {
    let before = Utc::now().naive_utc();
    let server = db::doctor::server(session.connection()).await?;
    let after = Utc::now().naive_utc();
    let version = format!("Postgres {}", server.version);
    if server.version_number / 10_000 < i32::try_from(db::OLDEST).unwrap_or(i32::MAX) {
        findings.wrong("server", format!("{version} is older than {}", db::OLDEST), "move the database to a newer Postgres");
    } else if let Some(refusal) = session.survey(async |tx| db::doctor::refusal(tx).await).await? {
        findings.wrong("server", format!("{version}, which accepts no writes: {}", refusal.why()), refusal.remedy());
    } else if !server.is_durable {
        findings.warning(
            "server",
            format!("{version} with fsync off: a crash can lose all of it"),
            "ALTER SYSTEM SET fsync = on; SELECT pg_reload_conf()",
        );
    } else {
        findings.ok("server", format!("{version}, database {} of {} MB", server.database, server.size / 1_000_000));
    }
    let locale = format!("{}, collation {}, character type {}", server.encoding, server.collation, server.ctype);
    if server.encoding == "UTF8" {
        findings.ok("encoding", locale);
    } else {
        findings.wrong(
            "encoding",
            locale,
            "createdb --encoding=UTF8 --template=template0 NEW, then cmf db dump FILE, and cmf db restore FILE into NEW",
        );
    }
    collations(session, &server.database, findings).await?;
    clock(before, server.clock, after, findings);
    role(session, &server, place, findings).await
}

/// Whether text is still sorted as the indexes were built: an update of the operating system can change that.
async fn collations(session: &mut Session, database: &str, findings: &mut Findings) -> Result<()> {
    let changed = session.survey(db::doctor::changed_collations).await?;
    if changed.is_empty() {
        findings.ok("collation", "text is sorted as it was when the indexes were built");
    }
    for one in changed {
        let (whose, refresh) = match &one.name {
            None => {
                ("the database".to_owned(), format!("ALTER DATABASE {} REFRESH COLLATION VERSION", migrations::quote(database)))
            }
            Some(name) => (name.clone(), format!("ALTER COLLATION {name} REFRESH VERSION")),
        };
        findings.warning(
            "collation",
            format!("{whose} was built with version {} of its collation, and this server sorts by {}", one.was, one.now),
            format!("REINDEX DATABASE {}; {refresh}", migrations::quote(database)),
        );
    }
    Ok(())
}

/// The server's clock was read somewhere between the two looks at this computer's.
fn clock(before: NaiveDateTime, server: NaiveDateTime, after: NaiveDateTime, findings: &mut Findings) {
    let early = before.signed_duration_since(server).num_seconds();
    let late = server.signed_duration_since(after).num_seconds();
    let off = early.max(late).max(0);
    let side = if early > late { "behind" } else { "ahead of" };
    if off <= CLOCK_TOLERANCE {
        findings.ok("clock", "the server's clock is this computer's");
        return;
    }
    let text = format!("the server's clock is {off} s {side} this computer's");
    let fix = "timedatectl set-ntp true, on both";
    if off > reading::FUTURE_LIMIT.num_seconds() {
        findings.wrong("clock", text, fix);
    } else {
        findings.warning("clock", text, fix);
    }
}

/// What the role is fit for, of the four that `cmf db grants` knows.
async fn role(session: &mut Session, server: &db::doctor::Server, place: &Whereabouts, findings: &mut Findings) -> Result<()> {
    let role = &server.role;
    let schema = session.schema().to_owned();
    let within = if schema == db::PUBLIC { String::new() } else { format!(" --schema {}", shell_word(&schema)) };
    if let (true, Whereabouts::Named(address)) = (server.is_superuser, place) {
        let url = shell_word(address.url());
        findings.warning(
            "role",
            format!("{role} is a superuser, which cmf does not need"),
            format!("`cmf db grants NAME --role importer --apply{within} --database-url {url}`, and log in as NAME"),
        );
        return Ok(());
    }
    let mut least = None;
    for (work, fit) in [
        (Work::Importer, "can import, record and read"),
        (Work::Corrector, "can record and undo that, and no more"),
        (Work::Recorder, "can record, and no more"),
        (Work::Reader, "can read, and no more"),
    ] {
        let lacks = session.survey(async |tx| grants::compare(tx, work, &schema, role).await).await?.lacks;
        if lacks.is_empty() {
            findings.ok("role", format!("{role} {fit}"));
            return Ok(());
        }
        least = Some(lacks);
    }
    let lacks = least.unwrap_or_default();
    let more = if lacks.len() > 3 { format!(" and {} more", lacks.len() - 3) } else { String::new() };
    let lacks: Vec<String> = lacks.into_iter().take(3).collect();
    findings.wrong(
        "role",
        format!("{role} cannot even read: it lacks {}{more}", lacks.join("; ")),
        format!(
            "as the owner of the tables: `cmf db grants {} --role reader --apply{within}` (or recorder, importer, migrator)",
            shell_word(role)
        ),
    );
    Ok(())
}

/// Whether policies on the tables hide rows from somebody. Returns whether this role sees all of them.
pub async fn row_security(session: &mut Session, findings: &mut Findings) -> Result<bool> {
    let tables = session.look(db::doctor::row_security).await?;
    let told: Vec<String> = tables
        .iter()
        .map(|table| {
            let policies = if table.policies.is_empty() { "no policy".to_owned() } else { table.policies.join(", ") };
            format!("{} ({policies})", table.name)
        })
        .collect();
    let told = told.join("; ");
    let remedy = db::see_all(Some(session.role()), tables.first().map(|table| table.name.as_str()));
    let filters = tables.iter().any(|table| table.filters);
    if tables.is_empty() {
        findings.ok("row-level security", "no table has it");
    } else if filters {
        findings.wrong("row-level security", format!("it hides rows from this role, so cmf refuses to read: {told}"), remedy);
    } else {
        findings.warning("row-level security", format!("it hides rows from other roles, not from this one: {told}"), remedy);
    }
    Ok(!filters)
}

/// The files of their usual places that cannot be read. What they say is not used.
pub fn files<'a>(missed: impl Iterator<Item = &'a OutOfReach>, place: &'a Whereabouts, findings: &mut Findings) {
    let of_address = match place {
        Whereabouts::Named(address) => address.out_of_reach().collect(),
        Whereabouts::Private(_) => Vec::new(),
    };
    let missed: Vec<String> = missed.chain(of_address).map(ToString::to_string).collect();
    if missed.is_empty() {
        findings.ok("files", "the configuration, password and certificate files can be read, or do not exist");
    } else {
        let fix = "set HOME to a folder of the user who runs cmf, or name the files: CMF_CONFIG, PGPASSFILE, sslrootcert=FILE";
        findings.warning("files", format!("not used: {}", missed.join("; ")), fix);
    }
}

/// The room on the disk of the private Postgres.
pub fn disk(place: &Whereabouts, findings: &mut Findings) {
    let Whereabouts::Private(directory) = place else {
        return;
    };
    match local::free_space(directory) {
        None => findings.skipped("disk", "the free space on the disk is unknown"),
        Some(free) => {
            let text = format!("{} MB free for {}", free / 1_000_000, directory.display());
            if free < ROOM.0 {
                findings.wrong("disk", text, format!("free some space, or move {} and set CMF_DATA_DIR", directory.display()));
            } else if free < ROOM.1 {
                findings.warning("disk", text, "df -h");
            } else {
                findings.ok("disk", text);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::finding::Severity;

    #[test]
    fn a_clock_may_differ_by_seconds_and_not_by_minutes() {
        let at = |seconds: i64| chrono::DateTime::from_timestamp(1_000_000 + seconds, 0).unwrap().naive_utc();
        for (server, state, text) in [
            (0, Severity::Ok, "is this computer's"),
            (-5, Severity::Ok, "is this computer's"),
            (-60, Severity::Warning, "is 60 s behind this computer's"),
            (62, Severity::Warning, "is 60 s ahead of this computer's"),
            (3600, Severity::Wrong, "is 3598 s ahead of this computer's"),
        ] {
            let mut findings = Findings::default();
            clock(at(0), at(server), at(2), &mut findings);
            let found = &findings.0[0];
            assert_eq!((found.state, found.text.ends_with(text)), (state, true), "{}", found.text);
        }
    }
}
