//! Postgres's own client programs, run on the database of this run.

pub mod restore;

use std::path::{Path, PathBuf};

use tokio::io::AsyncReadExt;
use tokio::process::{Child, Command};

use crate::db::{self, Address, Lead};
use crate::error::{Cause, Error, Exit, Result};
use crate::local;
use crate::session::{Session, unanswered};

/// A database, and the client programs for its server.
pub struct Target {
    pub session: Session,
    pub address: Address,
    /// The schema that is meant, if it is not the whole database.
    pub schema: Option<String>,
    /// The directory of the private Postgres, when it is that.
    pub private: Option<PathBuf>,
    major: u32,
    /// Whether the server can watch its clients.
    watches: bool,
}

/// A client program with its way to the server.
pub struct Program {
    pub command: Command,
    /// Whether it changes the database: where the answer to its COMMIT is lost, nobody knows whether it did.
    pub commits: bool,
    /// Kept until the program has ended.
    _lead: Option<Lead>,
}

impl Target {
    /// The client programs for the server of a session.
    pub async fn of(mut session: Session, address: Address, schema: Option<String>, private: Option<PathBuf>) -> Result<Self> {
        let (major, watches) = session.survey(db::dumps::server).await?;
        Ok(Target { session, address, schema, private, major, watches })
    }

    /// What is dumped or restored, in words.
    pub fn whole(&self) -> String {
        match &self.schema {
            Some(schema) => format!("schema `{schema}` of {}", self.address),
            None => self.address.to_string(),
        }
    }

    pub async fn tables(&mut self) -> Result<i64> {
        let tables = self.session.survey(async |tx| db::dumps::tables(tx, self.schema.as_deref()).await).await?;
        Ok(tables)
    }

    /// A client program that fits the server's version.
    fn command(&self, name: &str) -> Result<Command> {
        let mut command = Command::new(local::client(name, self.major)?);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("PG") {
                command.env_remove(&name);
            }
        }
        command.env("LC_ALL", "C").stdin(std::process::Stdio::null());
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        Ok(command)
    }

    /// A client program on the server of this run. It takes where to connect, and the password, from its environment, which
    /// other users cannot read.
    pub async fn program(&self, name: &str) -> Result<Program> {
        let mut command = self.command(name)?;
        let (mut address, lead) = self.session.lead(&self.address).await?;
        if self.watches {
            // The way ends with this process, before the program can cancel what the server does for it.
            address = address.setting("client_connection_check_interval", "1s");
        }
        command.envs(address.environment()).arg("--no-password");
        Ok(Program { command, commits: name == "pg_restore", _lead: Some(lead) })
    }

    /// Writes a consistent copy in `pg_dump`'s own format.
    pub async fn dump(&self, file: &Path) -> Result<()> {
        let mut program = self.program("pg_dump").await?;
        program.command.arg("--format=custom").arg("--file").arg(file);
        if let Some(schema) = &self.schema {
            program.command.args(only(schema));
        }
        finish(program, &format!("{} cannot be dumped", self.whole())).await.map(drop)
    }

    /// The list of what is in a dump, an entry a line; of a schema alone, if one is named.
    pub async fn list(&self, file: &Path, schema: Option<&str>) -> Result<Vec<String>> {
        let mut command = self.command("pg_restore")?;
        command.arg("--list");
        if let Some(schema) = schema {
            command.arg(format!("--schema={schema}"));
        }
        command.arg(file);
        let listed = finish(Program { command, commits: false, _lead: None }, &not_restored(file, &self.whole())).await?;
        Ok(listed.lines().filter(|line| !line.starts_with(';')).filter_map(entry).map(str::to_owned).collect())
    }
}

/// What an error of `pg_restore` begins with.
fn not_restored(file: &Path, whole: &str) -> String {
    format!("{} cannot be restored into {whole}", file.display())
}

/// What tells `pg_dump` to take one schema alone. It takes a pattern, in which only a quoted name stands for itself.
fn only(schema: &str) -> Vec<String> {
    let mut options = vec![format!("--schema=\"{}\"", schema.replace('"', "\"\"")), "--strict-names".to_owned()];
    if !schema.is_ascii() {
        // It compares the name in the encoding of the dump.
        options.push("--encoding=UTF8".to_owned());
    }
    options
}

/// An entry of a dump's list, without its numbers: `215; 1259 16386 TABLE acme metrics owner`.
fn entry(line: &str) -> Option<&str> {
    let (_, numbered) = line.split_once("; ")?;
    numbered.splitn(3, ' ').nth(2)
}

/// A program that is asked to end when the command does. It cancels then what the server does for it, which a program that
/// is killed cannot.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(pid) = self.0.id().and_then(|pid| i32::try_from(pid).ok()).and_then(rustix::process::Pid::from_raw) {
            // It may have ended by itself.
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
        #[cfg(not(unix))]
        let _ = self.0.start_kill();
    }
}

/// Runs a client program to its end and returns what it printed.
pub async fn finish(mut program: Program, failed: &str) -> Result<String> {
    let name = program.command.as_std().get_program().to_string_lossy().into_owned();
    let cannot = |error| Error::new(Exit::Config, format!("{name} cannot be run: {error}")).hint(local::install_line(None));
    let mut child = Running(program.command.spawn().map_err(cannot)?);
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    if let (Some(mut out), Some(mut err)) = (child.0.stdout.take(), child.0.stderr.take()) {
        tokio::try_join!(out.read_to_end(&mut stdout), err.read_to_end(&mut stderr)).map_err(cannot)?;
    }
    if child.0.wait().await.map_err(cannot)?.success() {
        return Ok(String::from_utf8_lossy(&stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&stderr);
    Err(refusal(&said, failed, program.commits))
}

/// What a client program said against it.
fn refusal(said: &str, failed: &str, commits: bool) -> Error {
    let holds = |texts: &[&str]| texts.iter().any(|text| said.contains(text));
    let lost = holds(&[
        "server closed the connection", "no connection to the server", "could not receive data", "could not send data",
    ]);
    let lost = lost.then(|| Error::new(Exit::Unreachable, "the connection to the database was lost"));
    if let Some(lost) = db::silent_in(said).or(lost) {
        return if commits { unanswered(lost) } else { lost.detail(failed) };
    }
    let filtered = holds(&["row-level security"]);
    let forbidden = holds(&["permission denied for", "must be owner of"]);
    let exit = if holds(&["No space left on device", "Disk quota exceeded", "File too large"]) {
        Exit::Output
    } else if filtered || forbidden {
        Exit::Auth
    } else {
        Exit::Failed
    };
    let mut error = Error::new(exit, failed);
    for line in said.lines().filter(|line| !line.trim().is_empty()).take(6) {
        error = error.detail(line.trim());
    }
    if holds(&["could not read from input file", "could not uncompress data", "corrupt tar header", "unexpected end of file"]) {
        error = error.hint("the dump is cut off or damaged: copy it again, or restore another one");
    }
    if filtered {
        error = error.because(Cause::HiddenRows).hint(db::see_all(None, db::hidden_table(said))).hint(db::SECURED);
    } else if forbidden {
        error = error.hint("log in as the owner of all tables, or as a superuser: name this user in --database-url");
    }
    if holds(&["out of shared memory"]) {
        error = error.hint(
            "the server has no room for that many locks: do one tenant at a time with --schema NAME, \
             or raise max_locks_per_transaction",
        );
    }
    if holds(&["server version mismatch", "in file header"]) {
        error = error.hint(format!("a newer version of the program is needed: {}", local::install_line(None)));
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_of_a_list_loses_its_numbers_only() {
        assert_eq!(entry("215; 1259 16386 TABLE a; b metrics owner"), Some("TABLE a; b metrics owner"));
        assert_eq!(entry("7; 2615 16385 SCHEMA - acme owner"), Some("SCHEMA - acme owner"));
        assert_eq!(entry(""), None);
    }
}
