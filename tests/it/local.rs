//! The private Postgres: `cmf local`, and every command without a named server.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use cmf::local::{Cluster, Endpoint};
use rustix::process::{Pid, Signal, kill_process};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Row};

use crate::support::{Run, block_on, cmf, let_pass, run, run_directory, wait_until};

/// A place for a private Postgres; what is left there is stopped and deleted at the end of the test.
pub struct Place(pub PathBuf);

impl Place {
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("local-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        Place(run_directory().join(name))
    }

    pub fn directory(&self) -> &Path {
        &self.0
    }

    pub fn command(&self) -> Command {
        let mut command = cmf();
        command.env("CMF_DATA_DIR", &self.0).env("USER", "ada").env_remove("SUDO_USER");
        command
    }

    pub fn cmf<const N: usize>(&self, args: [&str; N]) -> Run {
        run(self.command().args(args))
    }

    pub fn status(&self) -> serde_json::Value {
        self.cmf(["local", "status", "--format", "json"]).ok().json()
    }

    pub fn pid(&self) -> i32 {
        self.status()["pid"].as_i64().and_then(|pid| i32::try_from(pid).ok()).expect("a process id")
    }

    pub fn users(&self) -> Vec<String> {
        let users = self.cmf(["user", "list", "--format", "json"]).ok().json();
        users.as_array().expect("users").iter().map(|user| user["username"].as_str().expect("a name").to_owned()).collect()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.0.join("data").exists() {
            run(self.command().args(["local", "destroy", "--yes"]));
        }
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub fn kill(pid: i32, signal: Signal) {
    kill_process(Pid::from_raw(pid).expect("a process id"), signal).expect("the signal is sent");
}

pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Lets a command run as an ordinary user: as root, as `nobody`.
fn as_ordinary_user(command: &mut Command) {
    if is_root() {
        command.uid(65534).gid(65534);
    }
}

/// A folder that the ordinary user owns, with a copy of the binary that this user can reach.
fn ordinary_home(place: &Place) -> PathBuf {
    fs::create_dir_all(&place.0).expect("a folder");
    fs::copy(env!("CARGO_BIN_EXE_cmf"), place.0.join("cmf")).expect("a copy of the binary");
    let home = place.0.join("home");
    fs::create_dir(&home).expect("a folder");
    if is_root() {
        chown(&home, Some(65534), Some(65534)).expect("root gives it away");
    }
    home
}

fn ordinary(place: &Place, home: &Path) -> Command {
    let mut command = Command::new(place.0.join("cmf"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    command.env_clear().env("PATH", path).env("HOME", home).env("USER", "bob").env("NO_COLOR", "1").stdin(Stdio::null());
    command.current_dir(home);
    as_ordinary_user(&mut command);
    command
}

#[test]
fn first_use_makes_it_ready_and_says_so_once() {
    let place = Place::new();
    let first = place.cmf(["user", "list", "--format", "csv"]).ok();
    assert!(first.stdout.contains("ada,ada@localhost"), "{}", first.stdout);
    assert_eq!(first.stderr.lines().count(), 1, "{}", first.stderr);
    assert!(first.stderr.starts_with("made a private Postgres in "), "{}", first.stderr);
    assert!(first.stderr.contains(", seeded csf-2.0, ai-rmf-1.0"), "{}", first.stderr);
    assert!(first.stderr.ends_with(", created the user ada\n"), "{}", first.stderr);
    let pid = place.pid();

    let second = place.cmf(["framework", "list", "--format", "json"]).ok();
    assert_eq!(second.stderr, "");
    assert!(second.stdout.contains("csf-2.0") && second.stdout.contains("ai-rmf-1.0"), "{}", second.stdout);
    assert_eq!(place.pid(), pid, "the server stays up");
    place.cmf(["migrate", "up"]).ok();

    // Closed to everybody but its owner and root.
    let metadata = fs::metadata(&place.0).expect("the directory");
    assert_eq!(metadata.permissions().mode() & 0o777, 0o700);
    assert_ne!(metadata.uid(), 0, "Postgres refuses to run as root");
}

#[test]
fn it_starts_stops_tells_where_it_is_and_is_deleted() {
    let place = Place::new();
    assert_eq!(place.status()["status"], "absent");
    assert!(!place.0.exists(), "status makes nothing");
    place.cmf(["local", "stop", "-v"]).ok();
    assert!(!place.0.exists(), "stop makes nothing");

    let started = place.cmf(["local", "start", "--format", "json"]).ok().json();
    assert_eq!(started["status"], "running");
    assert_eq!(started["data_dir"], place.0.to_str().expect("a path"));
    assert_eq!(started["socket"], place.0.to_str().expect("a path"));
    assert!(started["size_bytes"].as_u64() > Some(1_000_000), "{started}");
    assert!(started["version"].as_str().expect("a version").contains('.'), "{started}");

    // The URL is one for cmf and for psql, although the path of the socket is in it.
    let url = place.cmf(["local", "url"]).ok().stdout.trim().to_owned();
    let users = run(cmf().args(["user", "list", "--format", "csv", "--database-url", &url])).ok();
    assert!(users.stdout.contains("ada"), "{}", users.stdout);
    match Command::new("psql").args([&url, "-Atc", "SELECT current_user || ' ' || current_database()"]).output() {
        Ok(output) => assert_eq!(String::from_utf8_lossy(&output.stdout), "cmf cmf\n"),
        Err(error) => crate::support::skip(format_args!("psql: {error}")),
    }
    assert_eq!(place.cmf(["local", "url", "--format", "json"]).ok().json()["url"], url);

    place.cmf(["local", "stop"]).ok();
    place.cmf(["user", "list", "--database-url", &url]).fails(69, "a private Postgres is there: `cmf local start` starts it");
    run(cmf().args(["user", "list", "--database-url", &url])).fails(69, &format!("{} cmf local start`", place.0.display()));
    let stopped = place.status();
    assert_eq!((&stopped["status"], &stopped["pid"]), (&"stopped".into(), &serde_json::Value::Null));
    run(cmf().args(["user", "list", "--database-url", &url])).fails(69, "the socket does not exist");
    assert_eq!(place.users(), ["ada"], "the next command starts it");

    // Nothing is deleted without a yes.
    place.cmf(["local", "destroy"]).fails(2, "add --yes to confirm");
    assert_eq!(place.users(), ["ada"]);
    let pid = place.pid();
    let destroyed = || place.cmf(["local", "destroy", "--yes", "--format", "json"]).ok().json();
    assert_eq!(destroyed()["status"], "absent");
    assert!(!place.0.exists());
    assert!(!Path::new(&format!("/proc/{pid}/cwd")).exists());
    assert_eq!(destroyed()["status"], "absent", "what is gone already is no failure");
}

#[test]
fn eight_commands_at_once_on_nothing_all_work() {
    let place = Place::new();
    let children: Vec<Child> = (0..8)
        .map(|_| {
            let mut command = place.command();
            command.args(["user", "list", "--format", "csv"]).stdout(Stdio::piped()).stderr(Stdio::piped());
            command.spawn().expect("the binary runs")
        })
        .collect();
    let mut made = 0;
    for child in children {
        let output = child.wait_with_output().expect("an end");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{stderr}");
        assert!(String::from_utf8_lossy(&output.stdout).contains("ada,"), "prepared before the first answer");
        made += stderr.matches("made a private Postgres").count();
    }
    assert_eq!(made, 1);
    assert_eq!(place.users(), ["ada"]);
}

#[test]
fn a_killed_server_is_recovered_by_the_next_command() {
    let place = Place::new();
    for round in 0..3 {
        place.cmf(["user", "create", &format!("user{round}"), "--email", &format!("{round}@example.org")]).ok();
        let pid = place.pid();
        kill(pid, Signal::KILL);
        let names = place.users();
        assert!(names.contains(&format!("user{round}")), "{names:?}");
        assert_ne!(place.pid(), pid);
    }
    assert_eq!(place.users(), ["ada", "user0", "user1", "user2"]);

    // After a crash of the machine the server's process id may belong to something else.
    let pid_file = place.0.join("data/postmaster.pid");
    let text = fs::read_to_string(&pid_file).expect("a server runs");
    place.cmf(["local", "stop"]).ok();
    let owner = fs::metadata(&place.0).expect("the directory");
    let mut other = Command::new("sleep").arg("60").uid(owner.uid()).spawn().expect("another process");
    let (_, rest) = text.split_once('\n').expect("lines");
    fs::write(&pid_file, format!("{}\n{rest}", other.id())).expect("the file is written");
    fs::write(place.0.join(".s.PGSQL.5432.lock"), format!("{}\n", other.id())).expect("the file is written");
    assert_eq!(place.status()["status"], "stopped");
    assert_eq!(place.users().len(), 4);
    assert!(other.try_wait().expect("a state").is_none(), "the other process is left alone");
    other.kill().expect("it ends");
    other.wait().expect("it ends");
}

#[test]
fn a_command_killed_while_it_makes_the_cluster_leaves_nothing_in_the_way() {
    let place = Place::new();
    for milliseconds in [30, 150, 300, 500] {
        let mut child =
            place.command().args(["user", "list"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a run");
        let_pass(Duration::from_millis(milliseconds));
        child.kill().expect("it is killed");
        child.wait().expect("it ends");
    }
    assert_eq!(place.users(), ["ada"]);
}

#[test]
fn new_migrations_are_applied_without_seeding_again() {
    let place = Place::new();
    place.cmf(["user", "list"]).ok();
    let stamp = fs::read_to_string(place.0.join("prepared")).expect("a note");
    fs::write(place.0.join("prepared"), "20200101000000\n").expect("an older note");
    let updated = place.cmf(["user", "list"]).ok();
    assert!(updated.stderr.starts_with("updated the private Postgres in "), "{}", updated.stderr);
    assert!(!updated.stderr.contains("seeded"), "{}", updated.stderr);
    assert_eq!(fs::read_to_string(place.0.join("prepared")).expect("a note"), stamp);
    assert_eq!(place.cmf(["user", "list"]).ok().stderr, "");
}

#[test]
fn a_cluster_of_another_major_version_is_named_and_left_alone() {
    let place = Place::new();
    place.cmf(["user", "list"]).ok();
    place.cmf(["local", "stop"]).ok();
    let file = place.0.join("data/PG_VERSION");
    let version = fs::read_to_string(&file).expect("a version");
    fs::write(&file, "9\n").expect("another version");
    let run = place.cmf(["user", "list"]).fails(78, "has version 9, but the installed programs have");
    assert!(run.stderr.contains("cmf local upgrade"), "{}", run.stderr);
    fs::write(&file, "not a number\n").expect("damage");
    place.cmf(["user", "list"]).fails(78, "has no version of Postgres in it: `not a number`");
    fs::write(&file, version).expect("the version");
    assert_eq!(place.users(), ["ada"]);
}

#[test]
fn what_keeps_it_from_being_made_is_said_with_what_to_do() {
    let place = Place::new();
    let long = place.0.join("x".repeat(100));
    let run_in = |directory: &Path| run(cmf().env("CMF_DATA_DIR", directory).args(["user", "list"]));
    let refused = run_in(&long).fails(78, "the path of the server's socket has");
    assert!(refused.stderr.contains("set CMF_DATA_DIR to a directory with a shorter path"), "{}", refused.stderr);
    assert!(!long.exists());

    run_in(&place.0.join("a$b")).fails(78, "does not work with `$` in the path");

    fs::create_dir_all(place.0.join("full")).expect("a folder");
    fs::write(place.0.join("full/letter.txt"), "mine").expect("a file");
    run_in(&place.0.join("full")).fails(78, "holds other files");
    assert_eq!(fs::read_dir(place.0.join("full")).expect("the folder").count(), 1);

    let empty = place.0.join("empty");
    fs::create_dir_all(&empty).expect("a folder");
    let refused = run(place.command().env("CMF_DATA_DIR", place.0.join("pg")).env("CMF_PG_BIN", &empty).args(["user", "list"]));
    let refused = refused.fails(78, "does not have working programs postgres, initdb, pg_ctl");
    assert!(refused.stderr.contains("pg_config --bindir"), "{}", refused.stderr);
    assert!(!place.0.join("pg/data").exists());

    fs::write(place.0.join("file"), "").expect("a file");
    run_in(&place.0.join("file")).fails(78, "cannot be");
    run_in(&place.0.join("file/pg")).fails(78, "cannot be made");
}

#[test]
fn without_any_postgres_the_error_gives_the_install_line() {
    // The usual folders cannot be hidden from here, so only where nothing is installed in them.
    let usual = ["/usr/lib/postgresql", "/usr/local/pgsql", "/usr/bin/initdb"];
    if usual.iter().any(|path| Path::new(path).exists()) {
        println!("skipped: Postgres is installed here; binaries::tests checks the install lines");
        return;
    }
    let place = Place::new();
    let run =
        run(place.command().env("PATH", "/none").args(["user", "list"])).fails(78, "cmf found no Postgres on this system");
    assert!(run.stderr.contains("install it: "), "{}", run.stderr);
}

#[test]
fn an_ordinary_user_has_it_in_the_usual_place_and_nobody_elses() {
    let place = Place::new();
    let home = ordinary_home(&place);
    let first = run(ordinary(&place, &home).args(["user", "list", "--format", "csv"])).ok();
    assert!(first.stdout.contains("bob,bob@localhost"), "{}", first.stdout);
    let directory = home.join(".local/share/cmf/postgres");
    assert!(directory.join("data/PG_VERSION").exists());
    let xdg = home.join("data");
    let status = run(ordinary(&place, &home).env("XDG_DATA_HOME", &xdg).args(["local", "status", "--format", "json"])).ok();
    assert_eq!(status.json()["data_dir"], xdg.join("cmf/postgres").to_str().expect("a path"));

    // Root works in a user's directory as that user's server allows it, and leaves the files to the user.
    if is_root() {
        run(cmf().env("CMF_DATA_DIR", &directory).args(["user", "create", "eve", "--email", "eve@example.org"])).ok();
        run(cmf().env("CMF_DATA_DIR", &directory).args(["local", "stop"])).ok();
        run(cmf().env("CMF_DATA_DIR", &directory).args(["local", "start"])).ok();
        let owner = fs::metadata(directory.join("data/postmaster.pid")).expect("it runs").uid();
        assert_eq!(owner, 65534);
        let listed = run(ordinary(&place, &home).args(["user", "list", "--format", "csv"])).ok();
        assert!(listed.stdout.contains("eve"), "{}", listed.stdout);

        // Another user gets neither to the socket nor a server of somebody else's directory.
        let mut stranger = ordinary(&place, &home);
        stranger.uid(1).gid(1).env("CMF_DATA_DIR", &directory).args(["user", "list"]);
        run(&mut stranger).fails(78, "belongs to nobody, not to you");
        let mut stranger = ordinary(&place, &home);
        let url = Endpoint::Socket { directory: directory.clone(), port: 5432 }.url("cmf");
        stranger.uid(1).gid(1).args(["user", "list", "--database-url", &url]);
        run(&mut stranger).fails(69, "cannot be reached");
    }
    run(ordinary(&place, &home).args(["local", "destroy", "--yes"])).ok();

    // Where one may not write.
    let closed = place.0.join("closed");
    fs::create_dir(&closed).expect("a folder");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o555)).expect("it is closed");
    let refused = run(ordinary(&place, &home).env("CMF_DATA_DIR", closed.join("pg")).args(["user", "list"]));
    let refused = refused.fails(78, "cannot be made: Permission denied");
    assert!(refused.stderr.contains("set CMF_DATA_DIR to a directory that you can write"), "{}", refused.stderr);
}

#[test]
fn roots_server_needs_a_directory_that_its_user_can_reach() {
    if !is_root() {
        crate::support::skip("not root");
        return;
    }
    let place = Place::new();
    let closed = place.0.join("closed");
    fs::create_dir_all(&closed).expect("a folder");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).expect("it is closed");
    let run = run(cmf().env("CMF_DATA_DIR", closed.join("pg")).args(["user", "list"]));
    let run = run.fails(78, &format!("it has no access to {}", closed.display()));
    assert!(run.stderr.contains("set CMF_DATA_DIR"), "{}", run.stderr);
    assert!(!closed.join("pg").exists());
}

#[test]
fn a_server_that_stays_up_keeps_none_of_the_callers_files() {
    let place = Place::new();
    fs::create_dir_all(run_directory()).expect("a folder");
    let (small, large) = (place.0.with_extension("nine"), place.0.with_extension("large"));
    let mut script = Command::new("bash");
    script.arg("-c").arg(r#"exec 9>"$1" 200>"$2"; flock 9; flock 200; exec "$3" local start"#).arg("script");
    script.arg(&small).arg(&large).arg(env!("CARGO_BIN_EXE_cmf")).env("CMF_DATA_DIR", &place.0).env_remove("DATABASE_URL");
    script.env_remove("CMF_DATABASE_URL");
    let Ok(output) = script.output() else {
        crate::support::skip("no bash");
        return;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for path in [small, large] {
        fs::File::open(&path).expect("the lock file").try_lock().expect("the lock is free again");
        fs::remove_file(&path).expect("the lock file goes");
    }
}

#[test]
fn a_path_may_have_blanks_commas_and_quotes() {
    let place = Place::new();
    let place = Place(place.0.join("it's, a dir"));
    assert_eq!(place.users(), ["ada"]);
    let url = place.cmf(["local", "url"]).ok().stdout.trim().to_owned();
    run(cmf().args(["user", "list", "--database-url", &url])).ok();
    place.cmf(["local", "stop"]).ok();
    assert_eq!(place.users(), ["ada"]);
}

#[test]
fn a_full_disk_is_named() {
    if !is_root() {
        crate::support::skip("only root makes a small disk");
        return;
    }
    let place = Place::new();
    let disk = place.0.join("disk");
    fs::create_dir_all(&disk).expect("a folder");
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=20m,mode=755", "tmpfs"]).arg(&disk).status();
    if !mounted.is_ok_and(|status| status.success()) {
        crate::support::skip("no disk can be mounted here");
        return;
    }
    let first = run(cmf().env("CMF_DATA_DIR", disk.join("pg")).args(["user", "list"]));
    let left = disk.join("pg/data").exists() || disk.join("pg/data.new").exists();
    Command::new("umount").arg(&disk).status().expect("umount");
    let first = first.fails(73, "the disk is too full for the private Postgres");
    assert!(first.stderr.contains("CMF_DATA_DIR"), "{}", first.stderr);
    assert!(!left, "half a cluster is not left behind");
}

#[test]
fn without_unix_sockets_a_password_guards_the_loopback_port() {
    let place = Place::new();
    let cluster = Cluster::throwaway(&place.0).on_loopback();
    let lock = cluster.lock().expect("the lock");
    let started = cluster.start(&lock).expect("it starts");
    assert!(started.created && started.launched);
    let Endpoint::Loopback { port, password } = started.endpoint.clone() else { panic!("a port") };
    assert!(!started.endpoint.url("cmf").contains(&password) && !format!("{started:?}").contains(&password));
    let connect = |password: &str| {
        let options = PgConnectOptions::new_without_pgpass().host("127.0.0.1").port(port).username("cmf").database("postgres");
        block_on(async {
            let mut connection = options.password(password).connect().await?;
            let row = sqlx::Executor::fetch_one(&mut connection, "SELECT current_user::text").await?;
            row.try_get::<String, _>(0)
        })
    };
    assert_eq!(connect(&password).expect("the password opens it"), "cmf");
    let refused = connect("another").expect_err("another password does not");
    assert!(refused.to_string().contains("password authentication failed"), "{refused}");
    assert!(cluster.stop(&lock).expect("it stops"));
    let again = cluster.start(&lock).expect("it starts again");
    assert!(!again.created && again.launched);
    cluster.destroy(lock).expect("it is deleted");
    assert!(!place.0.exists());
}

#[test]
fn a_running_server_is_waited_for_while_it_stops() {
    let place = Place::new();
    place.cmf(["user", "list"]).ok();
    // A command that comes while the server is on its way down waits and starts it again.
    for _ in 0..5 {
        kill(place.pid(), Signal::INT);
        assert_eq!(place.users(), ["ada"]);
    }
    kill(place.pid(), Signal::INT);
    wait_until("the server's end", || place.status()["status"] == "stopped");
}

#[test]
fn a_dump_goes_into_a_private_postgres_and_is_brought_up_to_date() {
    let place = Place::new();
    place.cmf(["user", "create", "eve", "--email", "eve@example.org"]).ok();
    let file = place.0.with_extension("dump");
    let path = file.to_str().expect("a path");
    place.cmf(["db", "dump", path]).ok();
    place.cmf(["local", "destroy", "--yes"]).ok();
    place.cmf(["db", "restore", path]).fails(1, "is not empty");
    assert_eq!(place.users(), ["ada"]);
    place.cmf(["db", "restore", path, "--replace", "--confirm", "cmf"]).ok();
    assert_eq!(place.users(), ["ada", "eve"]);
    assert_eq!(place.cmf(["user", "list"]).ok().stderr, "");
    fs::remove_file(&file).expect("the dump goes");
}

#[test]
fn it_listens_on_its_socket_alone_and_its_end_rolls_back_what_is_open() {
    let place = Place::new();
    place.cmf(["local", "start"]).ok();
    let options = PgConnectOptions::new_without_pgpass().socket(&place.0).username("cmf").database("cmf");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let mut open = options.connect().await.expect("a connection");
        let row = sqlx::Executor::fetch_one(&mut open, "SHOW listen_addresses").await.expect("a setting");
        assert_eq!(row.get::<String, _>(0), "");
        let begun = "BEGIN; INSERT INTO users (username, email) VALUES ('open', 'open@example.org')";
        sqlx::Executor::execute(&mut open, sqlx::raw_sql(begun)).await.expect("an open transaction");
        // It does not wait for whoever has one.
        place.cmf(["local", "stop"]).ok();
    });
    let rules = fs::read_to_string(place.0.join("data/pg_hba.conf")).expect("the rules");
    let rules: Vec<&str> = rules.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    assert!(!rules.is_empty() && rules.iter().all(|rule| rule.starts_with("local ") && rule.contains(" peer")), "{rules:?}");
    assert_eq!(place.users(), ["ada"]);
}

#[test]
fn roots_place_is_that_of_the_system() {
    if !is_root() {
        crate::support::skip("not root");
        return;
    }
    // Only looked for: nothing is made there.
    let status = run(cmf().env_remove("CMF_DATA_DIR").env("HOME", "/nowhere").args(["local", "status", "--format", "json"]));
    assert_eq!(status.ok().json()["data_dir"], "/var/lib/cmf/postgres");
}
