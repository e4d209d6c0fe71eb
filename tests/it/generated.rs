//! What is generated is committed and current. `make bless` writes it anew.

use crate::support::{cmf, golden, project, run};

#[test]
fn completions_are_current() {
    for (shell, file) in
        [("bash", "cmf.bash"), ("zsh", "_cmf"), ("fish", "cmf.fish"), ("elvish", "cmf.elv"), ("powershell", "_cmf.ps1")]
    {
        let script = run(cmf().args(["completions", shell])).ok().stdout;
        golden(&format!("completions/{file}"), &script);
    }
}

#[test]
fn manual_pages_are_current() {
    let made = tempfile::tempdir().expect("a folder");
    run(cmf().arg("man").arg("--dir").arg(made.path())).ok();
    let names = |folder: &std::path::Path| {
        let mut names: Vec<_> = std::fs::read_dir(folder)
            .map(|entries| entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8")).collect())
            .unwrap_or_default();
        names.sort();
        names
    };
    let committed = project("completions/man");
    if std::env::var_os("CMF_BLESS").is_some() {
        let _ = std::fs::remove_dir_all(&committed);
        std::fs::create_dir_all(&committed).expect("the folder is made");
    }
    for name in names(made.path()) {
        golden(&format!("completions/man/{name}"), &std::fs::read_to_string(made.path().join(&name)).expect("a page"));
    }
    assert_eq!(names(&committed), names(made.path()), "completions/man is not current: run `make bless`");
}

#[test]
fn help_is_current() {
    let mut text = String::new();
    help(&mut vec![], &mut text);
    golden("tests/it/help.txt", &text);
}

/// Appends the short help of a command and of all below it.
fn help(path: &mut Vec<String>, text: &mut String) {
    let shown = run(cmf().args(&*path).arg("-h").env("COLUMNS", "100")).ok().stdout;
    let title = path.iter().fold("cmf".to_owned(), |title, word| format!("{title} {word}"));
    text.push_str(&format!("$ {title} -h\n{}\n\n", shown.trim_end()));
    let tree = cmf::cli::command();
    let command = path.iter().fold(&tree, |command, word| command.find_subcommand(word).expect("a command"));
    for name in command.get_subcommands().map(|below| below.get_name().to_owned()).collect::<Vec<_>>() {
        path.push(name);
        help(path, text);
        path.pop();
    }
}

#[test]
fn schemas_of_results_are_current() {
    let schemas = cmf::cli::schemas();
    for (file, schema) in &schemas {
        golden(&format!("docs/schemas/{file}"), schema);
    }
    // The other ones are written by hand: the server makes the rows of an export, and errors know nothing of columns.
    let there = std::fs::read_dir(project("docs/schemas")).expect("a folder");
    let there = there.map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"));
    let mut by_hand: Vec<String> = there.filter(|name| schemas.iter().all(|(file, _)| file != name)).collect();
    by_hand.sort();
    assert_eq!(by_hand, ["audit.export.json", "error.json"]);
}
