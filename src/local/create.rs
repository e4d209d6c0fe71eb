//! Making the cluster.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::process::Stdio;

use super::{Binaries, Cluster, Lock, PASSWORDS, USER, cannot_run, sync_directory, write_error, write_private};
use crate::error::Result;

impl Cluster {
    /// Makes the cluster beside its place and moves it there when it is complete.
    pub(super) fn create(&self, lock: &Lock, binaries: &Binaries) -> Result<()> {
        let staged = self.directory.join("data.new");
        let disk = |error: io::Error| write_error(&self.directory, &error);
        if staged.exists() {
            fs::remove_dir_all(&staged).map_err(disk)?;
        }
        let passwords = self.directory.join(PASSWORDS);
        let mut password_file = None;
        if self.loopback {
            let password = format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple());
            write_private(&passwords, &format!("127.0.0.1:*:*:{USER}:{password}\n")).map_err(disk)?;
            let path = self.directory.join("password.new");
            write_private(&path, &password).map_err(disk)?;
            password_file = Some(path);
        }
        let outcome = self.initdb(lock, binaries, &staged, password_file.as_deref());
        if let Some(path) = &password_file {
            fs::remove_file(path).map_err(disk)?;
        }
        outcome?;
        self.configure(lock, &staged).map_err(disk)?;
        fs::rename(&staged, self.data()).map_err(disk)?;
        if self.throwaway { Ok(()) } else { sync_directory(&self.directory).map_err(disk) }
    }

    pub(super) fn initdb(&self, lock: &Lock, binaries: &Binaries, staged: &Path, password_file: Option<&Path>) -> Result<()> {
        // Bytewise order and, where the system has it, the case rules of Unicode.
        let locales: &[&[&str]] = if binaries.major >= 17 {
            &[&["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]]
        } else {
            &[&["--lc-ctype=C.UTF-8"], &["--lc-ctype=en_US.UTF-8"], &[]]
        };
        let mut said = String::new();
        for locale in locales {
            let mut command = self.command(lock, &binaries.program("initdb"));
            command.arg("-D").arg(staged).args(["-U", USER, "-E", "UTF8", "--locale=C"]).args(*locale);
            // Who may log in is written before the first start.
            command.arg("--auth=trust");
            command.arg(if self.throwaway { "--no-sync" } else { "--data-checksums" });
            if let Some(path) = password_file {
                command.arg(format!("--pwfile={}", path.display()));
            }
            // initdb holds the lock too: if this process dies, the next one waits until initdb has ended.
            command.stdin(Stdio::from(lock.file.try_clone().map_err(|error| write_error(&self.directory, &error))?));
            let output = command.output().map_err(|error| cannot_run(&binaries.program("initdb"), &error))?;
            if output.status.success() {
                return Ok(());
            }
            said = String::from_utf8_lossy(&output.stderr).into_owned();
            if !said.contains("locale") {
                break;
            }
        }
        Err(self.refused("the private Postgres cannot be made", &said))
    }

    /// Writes the server's settings and who may log in.
    pub(super) fn configure(&self, lock: &Lock, data: &Path) -> io::Result<()> {
        let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
        let mut settings = vec![
            "# Written by cmf.".to_owned(),
            "cluster_name = 'cmf'".to_owned(),
            "timezone = 'UTC'".to_owned(),
            "log_timezone = 'UTC'".to_owned(),
            "password_encryption = 'scram-sha-256'".to_owned(),
            "shared_buffers = '32MB'".to_owned(),
            "jit = off".to_owned(),
            "log_checkpoints = off".to_owned(),
            // A refused statement is told to who sent it; the log would keep the data in it.
            "log_min_error_statement = 'panic'".to_owned(),
            "log_min_messages = 'log'".to_owned(),
        ];
        let mut rules = vec!["# Written by cmf.".to_owned()];
        if self.loopback {
            settings.push("listen_addresses = '127.0.0.1'".to_owned());
            settings.push("unix_socket_directories = ''".to_owned());
            rules.push(format!("host all {USER} 127.0.0.1/32 scram-sha-256"));
        } else {
            // A list of directories, so one with a comma in its name is quoted once more.
            let directory = format!("\"{}\"", self.directory.to_string_lossy());
            settings.push("listen_addresses = ''".to_owned());
            settings.push(format!("unix_socket_directories = {}", quoted(&directory)));
            settings.push("unix_socket_permissions = 0700".to_owned());
            rules.push(format!("local all {USER} peer map=cmf"));
            let mut names = vec!["# Written by cmf: who may be the database's user.".to_owned()];
            names.extend(lock.account.logins().iter().map(|name| format!("cmf \"{name}\" {USER}")));
            fs::write(data.join("pg_ident.conf"), names.join("\n") + "\n")?;
        }
        if self.throwaway {
            settings
                .extend(["fsync", "synchronous_commit", "full_page_writes", "autovacuum"].map(|name| format!("{name} = off")));
            if !self.loopback {
                // Tests log in as roles of less privilege; the directory keeps everybody else out.
                rules.push("local all all trust".to_owned());
            }
            settings.extend(["max_connections = 200", "wal_level = minimal", "max_wal_senders = 0"].map(str::to_owned));
        }
        fs::write(data.join("pg_hba.conf"), rules.join("\n") + "\n")?;
        let mut file = File::options().append(true).open(data.join("postgresql.conf"))?;
        file.write_all((settings.join("\n") + "\n").as_bytes())?;
        if !self.throwaway {
            for name in ["pg_hba.conf", "pg_ident.conf", "postgresql.conf"] {
                File::open(data.join(name))?.sync_all()?;
            }
        }
        Ok(())
    }
}
