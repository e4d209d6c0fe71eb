//! Where cmf runs: read-only file systems, homes that are not there, variables that are empty or misspelt.

use std::io::copy;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use crate::connect::{Server, mode, server, url};
use crate::support::{Db, Run, cmf, run};

/// The test server on a TCP port of its own, as long as the test lives.
fn over_tcp(db: &Db) -> String {
    let Server { host, port, .. } = server(db);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let front = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            let mut back = client.try_clone().expect("a stream");
            if host.starts_with('/') {
                let mut real = UnixStream::connect(format!("{host}/.s.PGSQL.{port}")).expect("the server");
                let mut answers = real.try_clone().expect("a stream");
                std::thread::spawn(move || copy(&mut answers, &mut back));
                std::thread::spawn(move || {
                    let _ = copy(&mut client, &mut real);
                    let _ = real.shutdown(Shutdown::Write);
                });
            } else {
                let mut real = TcpStream::connect((host.as_str(), port)).expect("the server");
                let mut answers = real.try_clone().expect("a stream");
                std::thread::spawn(move || copy(&mut answers, &mut back));
                std::thread::spawn(move || {
                    let _ = copy(&mut client, &mut real);
                    let _ = real.shutdown(Shutdown::Write);
                });
            }
        }
    });
    url(db, "127.0.0.1", front, "sslmode=disable")
}

/// The binary where nothing can be written; nothing where this system does not let the test arrange that.
fn in_a_read_only_system() -> Option<Command> {
    const READ_ONLY: &str = r#"
        mount --make-rprivate / && mount --bind / / && mount -o remount,bind,ro / || exit 1
        for folder in /tmp /var/tmp /dev/shm /run "${XDG_RUNTIME_DIR:-/run}" "${TMPDIR:-/tmp}"; do
            if mountpoint -q "$folder"; then mount -o remount,bind,ro "$folder" || exit 1; fi
            if [ -d "$folder" ] && ( : > "$folder/cmf-test-$$" ) 2>/dev/null; then rm "$folder/cmf-test-$$"; exit 1; fi
        done
        exec "$@""#;
    let arranged = |program: &str| {
        let mut command = cmf();
        let mut outer = Command::new("unshare");
        outer.args(["-m", "sh", "-c", READ_ONLY, "sh", program]);
        for (name, value) in command.env("NO_COLOR", "1").get_envs() {
            match value {
                Some(value) => outer.env(name, value),
                None => outer.env_remove(name),
            };
        }
        outer
    };
    if arranged("true").output().is_ok_and(|output| output.status.success()) {
        return Some(arranged(env!("CARGO_BIN_EXE_cmf")));
    }
    crate::support::skip("this system does not let a test make its file systems read-only");
    None
}

#[test]
fn a_server_is_reached_where_nothing_can_be_written() {
    let db = Db::seeded();
    let url = over_tcp(&db);
    let list = |command: &mut Command| run(command.env("CMF_DATABASE_URL", &url).args(["user", "list"])).ok();
    assert!(list(cmf().env("TMPDIR", "/nowhere")).stdout.contains("analyst"));
    let Some(mut command) = in_a_read_only_system() else { return };
    assert!(list(&mut command).stdout.contains("analyst"));
}

/// `cmf user list` with these variables and no home, so that no configuration of this machine has a say.
fn list(variables: &[(&str, &str)], options: &[&str]) -> Run {
    let mut command = cmf();
    command.env("HOME", "/dev/null").env_remove("XDG_CONFIG_HOME").envs(variables.iter().copied());
    run(command.args(["user", "list"]).args(options))
}

#[test]
fn what_is_named_by_nothing_is_78_and_not_the_private_postgres() {
    let db = Db::seeded();
    let url = db.url.as_str();
    let data = tempfile::tempdir().expect("a folder");
    let private = ("CMF_DATA_DIR", data.path().to_str().expect("a path"));
    for (variables, options, message) in [
        (&[private][..], &["--database-url", ""][..], "the database URL is empty"),
        (&[private, ("CMF_DATABASE_URL", "")], &[], "CMF_DATABASE_URL is set but empty"),
        (&[private, ("DATABASE_URL", "")], &[], "DATABASE_URL is set but empty"),
        (&[private, ("CMF_DATABASE_URL", url), ("CMF_SCHEMA", "")], &[], "CMF_SCHEMA is set but empty"),
        (&[private, ("CMF_DATABASE_URL", url), ("CMF_PROFILE", "")], &[], "CMF_PROFILE is set but empty"),
        (&[private, ("CMF_DATABASE_URL", url), ("CMF_CONFIG", "")], &[], "CMF_CONFIG is set but empty"),
        (&[private, ("CMF_DATABASE_URL", url), ("CMF_OWNER", "")], &[], "CMF_OWNER is set but empty"),
        (&[("CMF_DATA_DIR", "")], &[], "CMF_DATA_DIR is set but empty"),
        (&[("CMF_DATABASE_URL", "postgres:///d"), ("PGHOST", "")], &[], "PGHOST is set but empty"),
        (&[("CMF_DATABASE_URL", "postgres://h/d"), ("PGSSLMODE", "")], &[], "PGSSLMODE is set but empty"),
        (&[("CMF_DATABASE_URL", "postgres://h/d"), ("PGSERVICE", "")], &[], "PGSERVICE is set but empty"),
        (&[("CMF_DATABASE_URL", "service=x"), ("PGSERVICEFILE", "")], &[], "PGSERVICEFILE is set but empty"),
    ] {
        list(variables, options).fails(78, message);
    }
    run(cmf().env("CMF_MAX_PERCENT", "").args(["record", "M=1"])).fails(78, "CMF_MAX_PERCENT is set but empty");
    run(cmf().env("CMF_SPOOL", "").args(["record", "M=1", "--format", "json"])).fails(78, "\"code\":78");
    list(&[("CMF_DATABASE_URL", url)], &["--schema", ""]).fails(2, "cannot be a tenant's schema");
    assert_eq!(std::fs::read_dir(data.path()).expect("the folder").count(), 0, "a private Postgres was made");
    // What says something counts before what says nothing; and what leaves nothing open may be empty.
    list(&[("CMF_DATABASE_URL", ""), ("DATABASE_URL", ""), ("CMF_SCHEMA", "")], &["--database-url", url, "--schema", "public"])
        .ok();
    list(&[("CMF_DATABASE_URL", url), ("DATABASE_URL", ""), ("CMF_PAGER", ""), ("CMF_API_KEY", ""), ("PGPASSWORD", "")], &[])
        .ok();
}

#[test]
fn a_misspelt_variable_is_told_with_the_nearest() {
    let db = Db::seeded();
    let warned = list(&[("CMF_DATABASE_URL", &db.url), ("CMF_SCEMA", "acme"), ("CMF_TEST_X", "1")], &[]).ok();
    assert!(warned.stderr.contains("does not know the variable CMF_SCEMA"), "{}", warned.stderr);
    assert!(warned.stderr.contains("did you mean CMF_SCHEMA?"), "{}", warned.stderr);
    assert!(!warned.stderr.contains("CMF_TEST_X"), "{}", warned.stderr);
}

/// The binary as a user that has no name and may not enter the home that it is told of; nothing where only root could do that.
fn as_somebody(home: &Path) -> Option<Command> {
    if !rustix::process::geteuid().is_root() {
        crate::support::skip("only root can run a program as another user");
        return None;
    }
    // Where the project lies may be closed to others; the folder of the run is not.
    let binary = crate::support::run_directory().join(format!("cmf-{}", std::process::id()));
    std::fs::copy(env!("CARGO_BIN_EXE_cmf"), &binary).expect("a copy of the binary");
    let mut command = Command::new(binary);
    command.env_clear().env("HOME", home).env("NO_COLOR", "1").uid(54_321).gid(54_321).current_dir("/");
    Some(command)
}

#[test]
fn files_that_are_out_of_reach_count_as_absent_and_are_told() {
    let db = Db::seeded();
    let url = over_tcp(&db);
    let home = tempfile::tempdir().expect("a folder");
    for file in [".config/cmf/config.toml", ".pgpass", ".pg_service.conf", ".postgresql/root.crt", ".postgresql/postgresql.crt"]
    {
        let path = home.path().join(file);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, "[profile.default]\nowner = 'canary'\n").expect("a file");
    }
    mode(home.path(), 0o700);
    let Some(mut command) = as_somebody(home.path()) else { return };
    let listed = run(command.args(["user", "list", "--database-url", &url])).ok();
    assert!(listed.stdout.contains("analyst"));
    assert!(listed.stderr.contains(".config/cmf/config.toml cannot be read"), "{}", listed.stderr);

    let again = |args: &[&str]| run(as_somebody(home.path()).expect("root").args(args));
    let shown = again(&["config", "show", "--database-url", &url]).ok().stdout;
    assert!(shown.contains("cannot be read and is not used"), "{shown}");
    let doctor = again(&["doctor", "--database-url", &url]);
    assert!(doctor.stdout.contains("config.toml cannot be read"), "{}", doctor.stdout);
    // What asks for less without the file says so.
    let strict = url.replace("sslmode=disable", "sslmode=require");
    let refused = again(&["user", "list", "--database-url", &strict]);
    assert!(refused.stderr.contains("cmf does not check the server's certificate"), "{}", refused.stderr);
    again(&["user", "list", "--database-url", &strict.replace("require", "verify-ca")]).fails(78, "root.crt cannot be read");
    // What names no server may be named in the file.
    again(&["user", "list"]).fails(78, "no server is named, and the configuration file");
    again(&["user", "list", "--profile", "p", "--database-url", &url]).fails(78, "the profile `p` cannot be looked up");
    again(&["user", "list", "--database-url", "service=x"]).fails(78, ".pg_service.conf cannot be read");
    // Files that were named are errors.
    for (name, file, message) in [
        ("CMF_CONFIG", ".config/cmf/config.toml", "the configuration file cannot be read"),
        ("PGSERVICEFILE", ".pg_service.conf", "the service file"),
        ("PGSSLROOTCERT", ".postgresql/root.crt", "the certificate file"),
    ] {
        let url = match name {
            "PGSERVICEFILE" => "service=x",
            "PGSSLROOTCERT" => &strict,
            _ => &url,
        };
        let mut command = as_somebody(home.path()).expect("root");
        run(command.env(name, home.path().join(file)).args(["user", "list", "--database-url", url])).fails(78, message);
    }
}

#[test]
fn a_line_of_cron_needs_no_home() {
    let db = Db::seeded();
    let url = over_tcp(&db);
    let Some(mut command) = as_somebody(Path::new("/dev/null")) else { return };
    assert!(run(command.args(["user", "list", "--database-url", &url])).ok().stdout.contains("analyst"));
    for args in [&["user", "list"][..], &["config", "show"], &["doctor"]] {
        let mut command = as_somebody(Path::new("/dev/null")).expect("root");
        let run = run(command.env_remove("HOME").args(args).args(["--database-url", &url]));
        assert!(matches!(run.code, 0 | 4), "{args:?}: {}", run.stderr);
        assert_eq!(run.stderr, "", "{args:?}");
    }
    let mut command = as_somebody(Path::new("/dev/null")).expect("root");
    run(command.env_remove("HOME").args(["user", "list"])).fails(78, "no home directory");
}

#[test]
fn variables_of_libpq_alone_do_not_lead_away_from_the_private_postgres() {
    let mut command = cmf();
    for (name, value) in
        [("PGHOST", "db.example.org"), ("PGPORT", "5433"), ("PGDATABASE", "d"), ("PGUSER", "u"), ("PGSERVICE", "s")]
    {
        command.env(name, value);
    }
    let rows = run(command.args(["config", "show", "--format", "json"])).ok().json();
    let url = rows.as_array().expect("rows").iter().find(|row| row["key"] == "database_url").expect("the key").clone();
    assert_eq!((&url["value"], &url["origin"]), (&serde_json::Value::Null, &"default: the private Postgres".into()), "{url}");
}

#[test]
fn a_named_server_is_not_for_the_private_postgres() {
    for verb in ["start", "stop", "status", "url", "upgrade", "destroy"] {
        let place = crate::local::Place::new();
        let refused = place.cmf(["local", verb, "--database-url", "postgres://u@127.0.0.1:1/d"]);
        refused.fails(2, "not on the server of --database-url");
        assert!(!place.0.exists());
    }
}
