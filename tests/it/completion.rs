//! What shells are told when they ask what can follow.

use crate::catalog::catalog;
use crate::support::{Db, Run, cmf, run};

/// Asks as bash's script does, with the cursor in the last word.
fn ask(command: &mut std::process::Command, words: &[&str]) -> Vec<String> {
    let index = words.len().to_string();
    let run = answer(
        command
            .env("CMF_COMPLETE", "bash")
            .env("_CLAP_IFS", "\n")
            .env("_CLAP_COMPLETE_INDEX", index)
            .args(["--", "cmf"])
            .args(words),
    );
    run.stdout.lines().map(str::to_owned).collect()
}

fn answer(command: &mut std::process::Command) -> Run {
    let run = run(command).ok();
    assert_eq!(run.stderr, "");
    run
}

#[test]
fn names_come_from_the_database() {
    let db = Db::seeded();
    catalog(&db, "analyst", "Our own");
    db.cmf(["catalog", "activate", "Our own"]).ok();
    let ask = |words: &[&str]| ask(&mut db.command(), words);
    assert_eq!(ask(&["record", "PR-"]), ["PR-001", "PR-002"]);
    assert_eq!(ask(&["metric", "show", "id"]), ["ID-001"]);
    assert_eq!(ask(&["metric", "lock", "PR-001", "ID"]), ["ID-001"]);
    assert_eq!(ask(&["history", "PR-001", "--catalog", ""]), ["Our\\ own"]);
    assert_eq!(ask(&["catalog", "activate", "\"Our o"]), ["Our\\ own"]);
    assert_eq!(ask(&["catalog", "list", "--owner", "an"]), ["analyst"]);
    assert_eq!(ask(&["user", "deactivate", ""]).first().map(String::as_str), Some("analyst"));
    assert_eq!(ask(&["framework", "show", "PR.AA-0"]).first().map(String::as_str), Some("PR.AA-01"));
    assert!(ask(&["metric", "list", "--category", "DE."]).contains(&"DE.CM".to_owned()));
    assert_eq!(ask(&["metric", "template", "--framework", "csf"]), ["csf-2.0"]);
    assert_eq!(ask(&["map", "set", "PR-001", "PR.AA-0"]).first().map(String::as_str), Some("PR.AA-01"));
    assert_eq!(ask(&["map", "set", "PR-"]), ["PR-001", "PR-002"]);
    // Functions are those of the frameworks that something is mapped to.
    assert_eq!(ask(&["metric", "list", "--function", "P"]), ["PR"]);
    assert_eq!(ask(&["metric", "list", "--function", "M"]), Vec::<String>::new());
    let newest = db.one("SELECT result #>> '{chain,seq}' FROM ai_change_log ORDER BY timestamp DESC, id DESC LIMIT 1");
    assert_eq!(ask(&["audit", "show", ""]).first(), Some(&newest));
    // What a command would not find by its number alone is not offered.
    db.cmf(["catalog", "deactivate", "Our own"]).ok();
    db.cmf(["metric", "add", "Own", "--number", "PR-9", "--function", "PR", "--direction", "binary"]).ok();
    assert_eq!(ask(&["record", "PR-"]), ["PR-9"]);
}

#[test]
fn the_options_on_the_line_say_where_the_database_is() {
    let db = Db::seeded();
    let url = db.url.clone();
    assert_eq!(ask(&mut cmf(), &["user", "deactivate", "--database-url", &url, "ana"]), ["analyst"]);
    assert_eq!(ask(&mut cmf(), &["--database-url", &url, "user", "deactivate", "ana"]), ["analyst"]);
}

#[test]
fn commands_options_and_fixed_words_need_no_database() {
    assert_eq!(ask(&mut cmf(), &["catalog", "re"]), ["rename"]);
    assert_eq!(ask(&mut cmf(), &["metric", "list", "--below"]), ["--below-target"]);
    assert_eq!(ask(&mut cmf(), &["metric", "list", "--priority", "H"]), ["High"]);
    // What a command prints, also behind a comma and with the sign of an order.
    assert_eq!(ask(&mut cmf(), &["user", "list", "--columns", "e"]), ["email"]);
    assert_eq!(ask(&mut cmf(), &["user", "list", "--columns", "id,e"]), ["id,email"]);
    assert_eq!(ask(&mut cmf(), &["user", "list", "--sort", "-em"]), ["-email"]);
    assert_eq!(ask(&mut cmf(), &["metric", "list", "--columns", "name,csf_"]), ["name,csf_function", "name,csf_category"]);
    assert_eq!(ask(&mut cmf(), &["score", "--sort", "-sc"]), ["-score", "-score_low", "-score_high", "-schema"]);
    assert_eq!(ask(&mut cmf(), &["import", "x.csv", "--map", "target_l"]), ["target_lower="]);
    assert_eq!(ask(&mut cmf(), &["record", "--file", "x.csv", "--columns-are", "metric,val"]), ["metric,value"]);
    assert_eq!(
        ask(&mut cmf(), &["score", "explain", "--columns", "points_in_f"]),
        ["points_in_function", "points_in_framework"]
    );
}

#[test]
fn without_a_database_the_answer_is_empty_and_silent() {
    for url in ["postgres://nobody@127.0.0.1:1/none", "not a url", "postgres://nobody@192.0.2.1/none"] {
        let mut command = cmf();
        assert_eq!(ask(command.env("CMF_DATABASE_URL", url), &["metric", "show", "PR"]), Vec::<String>::new(), "{url}");
    }
    // A private Postgres is not started, let alone made, for a Tab.
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let mut command = cmf();
    assert_eq!(ask(command.env("CMF_DATA_DIR", &data), &["metric", "show", "PR"]), Vec::<String>::new());
    assert!(!data.exists());
}

#[test]
fn every_shell_gets_a_script_that_asks_cmf() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = run(cmf().args(["completions", shell])).ok().stdout;
        assert!(script.contains("CMF_COMPLETE"), "{shell}: {script}");
    }
    run(cmf().args(["completions", "tcsh"])).fails(2, "possible values");
}

#[test]
fn files_and_folders_are_completed_where_they_are_meant() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("metrics.xlsx"), "").expect("a file");
    std::fs::create_dir(folder.path().join("meter")).expect("a folder");
    let ask = |words: &[&str]| ask(cmf().current_dir(folder.path()), words);
    for words in
        [&["import", "met"][..], &["framework", "import", "met"], &["db", "restore", "met"], &["record", "--file", "met"]]
    {
        assert_eq!(ask(words), ["meter/", "metrics.xlsx"], "{words:?}");
    }
    assert_eq!(ask(&["man", "--dir", "met"]), ["meter/"]);
    std::fs::write(folder.path().join("KPI pack.csv"), "").expect("a file");
    assert_eq!(ask(&["import", "KPI"]), ["KPI\\ pack.csv"]);
    assert_eq!(ask(&["import", "KPI\\ p"]), ["KPI\\ pack.csv"]);
}

#[test]
fn bash_completes_with_the_script() {
    let db = Db::seeded();
    if std::process::Command::new("bash").arg("--version").output().is_err() {
        crate::support::skip("there is no bash");
        return;
    }
    let folder = std::path::Path::new(env!("CARGO_BIN_EXE_cmf")).parent().expect("a folder").to_owned();
    let known = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(std::iter::once(folder).chain(std::env::split_paths(&known))).expect("a path");
    let script = r#"source <(cmf completions bash); COMP_WORDS=(cmf user deactivate ana); COMP_CWORD=3; COMP_TYPE=9
        _clap_complete_cmf cmf ana deactivate 2>/dev/null; echo "${COMPREPLY[@]}""#;
    let mut bash = std::process::Command::new("bash");
    bash.args(["-c", script]).env("CMF_DATABASE_URL", &db.url).env("PATH", path);
    assert_eq!(run(&mut bash).ok().stdout.trim(), "analyst");
}

/// The shells themselves, with the scripts that are installed: what a Tab offers.
#[test]
fn real_shells_offer_what_the_database_has() {
    let db = Db::seeded();
    catalog(&db, "analyst", "Ours");
    db.cmf(["catalog", "activate", "Ours"]).ok();
    let scripts = crate::support::project("completions");
    // Shells keep something at home as soon as they start.
    let home = tempfile::tempdir().expect("a folder");
    let tab = |shell: &str, script: &str, url: &str| {
        let binary = std::path::Path::new(env!("CARGO_BIN_EXE_cmf")).parent().expect("a folder").display();
        let path = format!("{binary}:{}", std::env::var("PATH").unwrap_or_default());
        let mut command = std::process::Command::new(shell);
        command.args(["-c", script]).current_dir(&scripts).env("PATH", path).env("CMF_DATABASE_URL", url);
        command.env("HOME", home.path()).env_remove("XDG_DATA_HOME").env_remove("XDG_CONFIG_HOME").env_remove("XDG_CACHE_HOME");
        match command.stdin(std::process::Stdio::null()).output() {
            Ok(output) => Some((String::from_utf8_lossy(&output.stdout).into_owned(), Run::from(output).ok().stderr)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                crate::support::skip(format_args!("{shell} is not here"));
                None
            }
            Err(error) => panic!("{shell}: {error}"),
        }
    };
    for (shell, script) in [
        (
            "bash",
            "source ./cmf.bash; COMP_WORDS=(cmf metric show PR-); COMP_CWORD=3; COMP_TYPE=9
             _clap_complete_cmf cmf PR- show; printf '%s\\n' \"${COMPREPLY[@]}\"",
        ),
        (
            "zsh",
            "compdef() { }; _describe() { print -l \"${(@P)3}\"; }; source ./_cmf
             words=(cmf metric show PR-); CURRENT=4; _clap_dynamic_completer_cmf; true",
        ),
        ("fish", "source ./cmf.fish; complete -C 'cmf metric show PR-'"),
    ] {
        if let Some((offered, said)) = tab(shell, script, &db.url) {
            let names: Vec<&str> = offered.lines().filter_map(|line| line.split([' ', '\t', ':']).next()).collect();
            assert_eq!((names.as_slice(), said.as_str()), (["PR-001", "PR-002"].as_slice(), ""), "{shell}: {offered}");
        }
        if let Some((offered, said)) = tab(shell, script, "postgres://nobody@127.0.0.1:1/none") {
            assert_eq!((offered.trim(), said.as_str()), ("", ""), "{shell}");
        }
    }
}
