//! The folder of a run of the tests, and who removes it.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// A folder for everything that this run of the tests leaves outside its databases. A watcher of its own, which no signal to
/// the run reaches, stops the servers in it and deletes it when the run has ended, however it ended.
pub fn run_directory() -> &'static Path {
    static DIRECTORY: OnceLock<PathBuf> = OnceLock::new();
    DIRECTORY.get_or_init(|| {
        // nextest runs each test in a process of its own, a child of the runner; `cargo test` runs them all in one.
        let (key, runner) = match std::env::var("NEXTEST_RUN_ID") {
            Ok(id) => (id.chars().take(18).collect(), std::os::unix::process::parent_id()),
            Err(_) => (std::process::id().to_string(), std::process::id()),
        };
        assert_ne!(runner, 1, "the runner of the tests has gone");
        let directory = temporary().join(format!("cmf-test-{key}"));
        std::fs::create_dir_all(&directory).expect("a folder of the run");
        // The server of a run as root is another user's, who must get to its folder.
        std::fs::set_permissions(&directory, std::fs::Permissions::from_mode(0o755)).expect("an open folder");
        let lock = std::fs::File::create(directory.join("lock")).expect("a lock file");
        lock.lock().expect("the lock");
        let watched = directory.join("watched");
        if !watched.exists() {
            watch(&directory, runner);
            std::fs::write(&watched, runner.to_string()).expect("a note");
        }
        directory
    })
}

/// Where temporary files go: into memory where there is plenty, for private clusters wait for the disk again and again.
fn temporary() -> PathBuf {
    let memory = Path::new("/dev/shm");
    let is_plenty = rustix::fs::statvfs(memory).is_ok_and(|found| {
        found.f_bavail * found.f_frsize >= 4 << 30 && !found.f_flag.contains(rustix::fs::StatVfsMountFlags::NOEXEC)
    });
    if std::env::var_os("TMPDIR").is_none() && is_plenty { memory.to_owned() } else { std::env::temp_dir() }
}

#[expect(clippy::zombie_processes, reason = "the watcher outlives the run")]
fn watch(directory: &Path, runner: u32) {
    // It keeps none of the runner's open files, such as the lock of a script around it.
    // SIGQUIT is Postgres's shutdown without a checkpoint. A test that outlives the runner may still start a server, so
    // the watcher looks for a while after all is gone.
    const WATCHER: &str = r#"
        trap '' HUP INT TERM
        exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
        cd /
        while kill -0 "$2" 2>/dev/null; do sleep 0.3; done
        for round in 1 2 3 4; do
            find "$1" -name postmaster.pid 2>/dev/null | while read -r file; do
                read -r pid < "$file" && kill -QUIT "$pid"
                for wait in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$pid" && sleep 0.2; done
                kill -KILL "$pid"
            done
            rm -rf "$1"
            sleep 0.5
        done 2>/dev/null"#;
    Command::new("/bin/sh")
        .args(["-c", WATCHER, "cmf-test-watcher"])
        .arg(directory)
        .arg(runner.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .expect("a watcher");
}
