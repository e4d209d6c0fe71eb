//! Where cmf runs: read-only file systems, homes that are not there, variables that are empty or misspelt.

use std::io::copy;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::process::Command;

use crate::connect::{Server, server, url};
use crate::support::{Db, cmf, run};

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
    println!("skipped: this system does not let a test make its file systems read-only");
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
