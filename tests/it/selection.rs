//! `--columns`, `--sort`, `--format md`, and what a terminal adds: width and pager.

use std::process::{Command, Stdio};

use crate::support::{Db, binary, on_terminal, run};

fn three_users() -> Db {
    let db = Db::migrated();
    for (name, email) in [("u10", "c@example.org"), ("u2", "b@example.org"), ("U1", "a@example.org")] {
        db.cmf(["user", "create", name, "--email", email]).ok();
    }
    db
}

#[test]
fn named_columns_come_alone_and_in_order_in_every_format() {
    let db = three_users();
    let run =
        |format: &str| db.cmf(["user", "list", "--columns", "email,username", "--sort", "username", "--format", format]).ok();
    assert_eq!(run("csv").stdout, "email,username\na@example.org,U1\nb@example.org,u2\nc@example.org,u10\n");
    assert_eq!(run("jsonl").stdout.lines().next(), Some(r#"{"email":"a@example.org","username":"U1"}"#));
    assert_eq!(run("json").json()[2], serde_json::json!({ "email": "c@example.org", "username": "u10" }));
    let table = run("table").stdout;
    assert_eq!(table.lines().next().expect("a header").split_whitespace().collect::<Vec<_>>(), ["email", "username"]);
    assert_eq!(
        run("md").stdout,
        "| email | username |\n| --- | --- |\n| a<!-- -->@example.org | U1 |\n| b<!-- -->@example.org | u2 |\n| c<!-- -->@example.org | u10 |\n"
    );
    // A column that a table leaves out can be named.
    assert_eq!(db.cmf(["user", "list", "--columns", "id", "--format", "csv"]).ok().stdout.lines().count(), 4);
}

#[test]
fn a_minus_sorts_from_high_to_low() {
    let db = three_users();
    let names = db.cmf(["user", "list", "--columns", "username", "--sort", "-username", "--format", "csv"]).ok().stdout;
    assert_eq!(names, "username\nu10\nu2\nU1\n");
}

#[test]
fn an_unknown_column_is_a_usage_error_that_names_the_right_ones() {
    let db = three_users();
    let run = db.cmf(["user", "list", "--columns", "user_name"]).fails(2, "the result has no column `user_name`");
    assert!(run.stderr.contains("did you mean `username`?"), "{}", run.stderr);
    assert!(run.stderr.contains("there are: id, username, email"), "{}", run.stderr);
    db.cmf(["user", "list", "--sort", "-nothing"]).fails(2, "the result has no column `nothing`");
    // Before anything is done.
    db.cmf(["user", "create", "x", "--email", "x@example.org", "--columns", "nothing"]).fails(2, "no column `nothing`");
    assert_eq!(db.one("SELECT count(*) FROM users WHERE username = 'x'"), "0");
}

#[test]
fn columns_choose_the_table_that_has_them() {
    let db = Db::seeded();
    crate::catalog::catalog(&db, "analyst", "Ours");
    let head = db.cmf(["catalog", "show", "Ours", "--columns", "owner,mapped_items", "--format", "json"]).ok().json();
    assert_eq!(head, serde_json::json!({ "owner": "analyst", "mapped_items": 3 }));
    let items = db
        .cmf(["catalog", "show", "Ours", "--columns", "name,target_value", "--sort", "-target_value", "--format", "csv"])
        .ok();
    assert_eq!(items.stdout, "name,target_value\nInventory,98\nMFA,95\nLoose,2\nUtilisation,\n");
}

#[test]
fn text_from_the_database_cannot_break_a_markdown_table() {
    let db = Db::migrated();
    db.execute("INSERT INTO users (username, email) VALUES (E'a|b\\nc<script>', 'x\\y')");
    let md = db.cmf(["user", "list", "--columns", "username,email", "--format", "md"]).ok().stdout;
    assert_eq!(md.lines().nth(2), Some(r"| a\|b c&lt;script&gt; | x\\y |"));
}

/// Runs a command line of `cmf` on a terminal of this size, which `script` of util-linux makes.
fn on_a_terminal(db: &Db, arguments: &str, rows: u16, columns: u16, pager: &str) -> Option<String> {
    paged_by(db, arguments, rows, columns, &[("CMF_PAGER", pager), ("PAGER", "no-such-pager")])
}

fn paged_by(db: &Db, arguments: &str, rows: u16, columns: u16, pagers: &[(&str, &str)]) -> Option<String> {
    if Command::new("script").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_err() {
        crate::support::skip("there is no `script` to make a terminal");
        return None;
    }
    let line = format!("stty rows {rows} cols {columns}; exec '{}' {arguments}", binary().display());
    let mut command = Command::new("script");
    command
        .args(["-qec", &line, "/dev/null"])
        .env("CMF_DATABASE_URL", &db.url)
        .env_remove("CMF_PAGER")
        .env("TERM", "xterm")
        .env("LC_ALL", "C.UTF-8")
        .envs(pagers.iter().copied())
        .env("NO_COLOR", "1")
        .env("SHELL", "/bin/sh")
        .stdin(Stdio::null());
    Some(run(&mut command).ok().stdout.replace('\r', ""))
}

#[test]
fn tables_fit_a_terminal_of_80_columns_and_say_what_they_leave_out() {
    let db = Db::seeded();
    crate::catalog::catalog(&db, "analyst", "A catalog with quite a long name");
    let Some(shown) = on_a_terminal(&db, "catalog list", 50, 80, "cat") else { return };
    assert!(shown.contains("A catalog"), "{shown}");
    assert!(shown.contains("no room for"), "{shown}");
    for line in shown.lines() {
        assert!(line.chars().count() <= 80, "{} characters: {line}", line.chars().count());
    }
    let wide = on_a_terminal(&db, "catalog list", 50, 200, "cat").unwrap_or_default();
    assert!(!wide.contains("no room for"), "{wide}");
}

#[test]
fn a_row_of_a_list_is_a_line_where_the_terminal_is_narrow() {
    let db = Db::seeded();
    crate::catalog::catalog(&db, "analyst", "Ours");
    db.execute("UPDATE metric_catalog_items SET name = name || repeat(' and more', 20)");
    let rows = |what: &str| {
        let shown = on_a_terminal(&db, what, 400, 80, "cat")?;
        assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
        Some(shown.lines().skip(2).take_while(|line| !line.starts_with('(')).count().to_string())
    };
    let Some(mappings) = rows("map list") else { return };
    assert_eq!(mappings, db.one("SELECT count(*) FROM metric_catalog_framework_mappings"));
    assert_eq!(rows("framework coverage --framework csf-2.0 -q").as_deref(), Some("106"));
}

#[test]
fn only_what_is_longer_than_the_terminal_goes_through_the_pager() {
    let db = Db::seeded();
    let pager = "sed s/^/paged:/";
    let Some(long) = on_a_terminal(&db, "framework show csf-2.0", 20, 80, pager) else { return };
    assert!(long.lines().all(|line| line.starts_with("paged:")), "{long}");
    assert!(long.lines().count() > 100);
    let short = on_a_terminal(&db, "framework list", 20, 80, pager).unwrap_or_default();
    assert!(short.contains("csf-2.0") && !short.contains("paged:"), "{short}");
    let asked = on_a_terminal(&db, "framework show csf-2.0 --no-pager", 20, 80, pager).unwrap_or_default();
    assert!(!asked.contains("paged:"), "{asked}");
    let other = paged_by(&db, "framework show csf-2.0", 20, 80, &[("PAGER", pager)]).unwrap_or_default();
    assert!(other.lines().all(|line| line.starts_with("paged:")) && !other.is_empty(), "{other}");
    let long = on_a_terminal(&db, "catalog --help", 20, 80, pager).unwrap_or_default();
    assert!(long.lines().all(|line| line.starts_with("paged:")) && long.contains("Global options"), "{long}");
    let dumb = paged_by(&db, "framework show csf-2.0", 20, 80, &[("CMF_PAGER", pager), ("TERM", "dumb")]).unwrap_or_default();
    assert!(dumb.contains("GV.OC-01") && !dumb.contains("paged:"), "{dumb}");
    // A pager that is not there is no reason to show nothing.
    let missing = on_a_terminal(&db, "framework show csf-2.0", 20, 80, "no-such-pager").unwrap_or_default();
    assert!(missing.contains("GV.OC-01"), "{missing}");
}

#[test]
fn colour_is_for_terminals_without_no_color() {
    let db = Db::seeded();
    let shown = |set: &str| {
        let mut command = db.command();
        command.args(["catalog", "show", "nothing"]).env("TERM", "xterm").env("NO_COLOR", set);
        on_terminal(&command, "there is no", || (), "").map(|run| run.fails(2, "there is no catalog").stderr)
    };
    let Some(plain) = shown("1") else { return };
    assert!(!plain.contains('\u{1b}'), "{plain:?}");
    let coloured = shown("").expect("a terminal");
    assert!(coloured.contains("\u{1b}[1;31merror:\u{1b}[0m"), "{coloured:?}");
    let piped = db.command().args(["catalog", "show", "nothing"]).env("NO_COLOR", "").output().expect("cmf runs");
    assert!(!String::from_utf8_lossy(&piped.stderr).contains('\u{1b}'));
}
