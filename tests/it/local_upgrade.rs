//! `cmf local upgrade`, which needs two major versions of Postgres.

use std::fs;
use std::path::PathBuf;

use rustix::process::Signal;

use crate::local::{Place, kill};
use crate::support::run;

/// The folders of two major versions of Postgres, the newer one named by `CMF_TEST_PG_NEWER`.
fn two_versions() -> Option<(PathBuf, PathBuf)> {
    let Some(new) = std::env::var_os("CMF_TEST_PG_NEWER").map(PathBuf::from) else {
        crate::support::skip("set CMF_TEST_PG_NEWER to the programs of a newer Postgres than the usual one here");
        return None;
    };
    let place = Place::new();
    place.cmf(["local", "start"]).ok();
    let old = place.status()["binaries"].as_str().map(PathBuf::from).expect("the programs that run");
    Some((old, new))
}

#[test]
fn an_upgrade_moves_everything_to_the_newer_version_and_keeps_the_old_data() {
    let Some((old, new)) = two_versions() else { return };
    let place = Place::new();
    let both = std::env::join_paths([&old, &new]).expect("a list");
    let run_with = |bin: &std::ffi::OsStr, args: &[&str]| run(place.command().env("CMF_PG_BIN", bin).args(args));
    run_with(both.as_os_str(), &["local", "upgrade"]).fails(78, "there is no private Postgres in");
    run_with(old.as_os_str(), &["user", "create", "eve", "--email", "eve@example.org"]).ok();
    let users = run_with(old.as_os_str(), &["user", "list", "--format", "json"]).ok().stdout;
    let tree = run_with(old.as_os_str(), &["framework", "show", "csf-2.0", "--format", "json"]).ok().stdout;
    let old_version = place.status()["version"].as_str().expect("a version").to_owned();

    // Nothing newer, or not the programs of both: nothing changes.
    run_with(old.as_os_str(), &["local", "upgrade", "-v"]).ok();
    assert_eq!(place.status()["version"], *old_version);
    run_with(new.as_os_str(), &["local", "upgrade"]).fails(78, "needs the programs of version");
    run_with(old.as_os_str(), &["local", "stop"]).ok();
    run_with(new.as_os_str(), &["user", "list"]).fails(78, "cmf local upgrade");

    // After a crash as well.
    run_with(old.as_os_str(), &["local", "start"]).ok();
    kill(place.pid(), Signal::KILL);
    let upgraded = run_with(both.as_os_str(), &["local", "upgrade", "--format", "json"]).ok();
    assert!(upgraded.stderr.contains("the old data is in"), "{}", upgraded.stderr);
    assert_ne!(upgraded.json()["version"], *old_version);
    assert_eq!(upgraded.json()["status"], "running");
    assert_eq!(run_with(new.as_os_str(), &["user", "list", "--format", "json"]).ok().stdout, users);
    assert_eq!(run_with(new.as_os_str(), &["framework", "show", "csf-2.0", "--format", "json"]).ok().stdout, tree);
    run_with(new.as_os_str(), &["local", "stop"]).ok();
    assert_eq!(run_with(new.as_os_str(), &["user", "list", "--format", "json"]).ok().stdout, users);
    let names: Vec<String> = fs::read_dir(&place.0)
        .expect("the directory")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with('.'))
        .collect();
    let major = old_version.split('.').next().expect("a major version").to_owned();
    for name in &names {
        assert!(
            ["cmf.lock", "data", "prepared", "server.log", &format!("data.old-{major}")].contains(&name.as_str()),
            "{names:?}"
        );
    }
}

#[test]
fn an_upgrade_killed_between_its_steps_leaves_the_old_data() {
    let place = Place::new();
    assert_eq!(place.users(), ["ada"]);
    place.cmf(["user", "create", "eve", "--email", "eve@example.org"]).ok();
    place.cmf(["local", "stop"]).ok();
    let version = fs::read_to_string(place.0.join("data/PG_VERSION")).expect("a version");
    fs::rename(place.0.join("data"), place.0.join(format!("data.old-{}", version.trim()))).expect("the first step");
    fs::create_dir(place.0.join("data.new")).expect("half a cluster");
    assert_eq!(place.users(), ["ada", "eve"]);
}
