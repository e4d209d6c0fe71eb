//! Which file of `src` names which: every path is resolved as the compiler does it, in `use` trees, inline and inside macros.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::signs::{Sign, signs};

/// A path from the root of the crate, such as `db::users::list`.
type Names = Vec<String>;

/// A source file as a module.
pub(crate) struct Module {
    /// Below `src`, as `db/users.rs`.
    pub file: String,
    pub at: Names,
    /// What it names, by the paths from the root.
    pub named: BTreeSet<Names>,
    /// What it names for others: the name, and what it stands for.
    exports: BTreeMap<String, Names>,
}

/// All source files.
pub(crate) struct Crate(pub BTreeMap<Names, Module>);

impl Crate {
    /// Reads the files below a folder. `main.rs` is a crate of its own.
    pub fn read(src: &Path) -> Self {
        let mut files = Vec::new();
        find(src, &mut files);
        let texts = files.iter().map(|path| {
            let file = path.strip_prefix(src).expect("a file of src").to_string_lossy().replace('\\', "/");
            (file, std::fs::read_to_string(path).expect("a source"))
        });
        Self::of(texts.filter(|(file, _)| file != "main.rs").collect())
    }

    /// The same for texts that are given.
    pub fn of(texts: Vec<(String, String)>) -> Self {
        let all: BTreeSet<Names> = texts.iter().map(|(file, _)| place(file)).collect();
        Crate(
            texts.into_iter().map(|(file, text)| module(file, &text, &all)).map(|module| (module.at.clone(), module)).collect(),
        )
    }

    /// The module in which something is defined, through all that names it for others.
    pub fn home(&self, path: &[String]) -> Option<&Module> {
        let mut path = path.to_vec();
        for _ in 0..9 {
            let module = (0..=path.len()).rev().find_map(|length| self.0.get(&path[..length]))?;
            match path.get(module.at.len()).and_then(|name| module.exports.get(name)) {
                Some(target) => path = target.iter().chain(&path[module.at.len() + 1..]).cloned().collect(),
                None => return Some(module),
            }
        }
        None
    }

    /// The files that each file names, itself left out.
    pub fn arrows(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let arrow = |module: &Module| {
            let homes = module.named.iter().filter_map(|path| self.home(path)).map(|home| home.file.as_str());
            homes.filter(|file| *file != module.file).collect()
        };
        self.0.values().map(|module| (module.file.as_str(), arrow(module))).collect()
    }

    /// The files that lead to each other, circle by circle.
    pub fn circles(&self) -> BTreeSet<BTreeSet<&str>> {
        let arrows = self.arrows();
        let reached = |from| {
            let (mut seen, mut next) = (BTreeSet::new(), vec![from]);
            while let Some(file) = next.pop() {
                next.extend(arrows[file].iter().copied().filter(|to| seen.insert(*to)));
            }
            seen
        };
        let reach: BTreeMap<&str, BTreeSet<&str>> = arrows.keys().map(|file| (*file, reached(*file))).collect();
        let circle = |file: &&str| reach[file].iter().copied().filter(|to| reach[to].contains(file)).collect();
        reach.keys().map(circle).filter(|circle: &BTreeSet<&str>| !circle.is_empty()).collect()
    }
}

/// All source files below a folder.
pub(crate) fn find(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            find(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
}

/// The path of the module that a file is.
fn place(file: &str) -> Names {
    let path = file.trim_end_matches(".rs");
    let path = path.strip_suffix("/mod").unwrap_or(path);
    path.split('/').filter(|name| *name != "lib").map(str::to_owned).collect()
}

/// One leaf of a `use` tree: the path, and the name that it gets here.
type Leaf = (Names, String);

/// Reads a `use` tree from `at` on and returns where it ends.
fn tree(words: &[&str], mut at: usize, prefix: &[String], leaves: &mut Vec<Leaf>) -> usize {
    let mut path = prefix.to_vec();
    loop {
        match words.get(at).copied() {
            Some("{") => {
                at += 1;
                while words[at] != "}" {
                    at = tree(words, at, &path, leaves);
                    at += usize::from(words[at] == ",");
                }
                return at + 1;
            }
            Some("::") => at += 1,
            Some("as") => {
                leaves.push((path, words[at + 1].to_owned()));
                return at + 2;
            }
            // A module under its own name, and all that is in it.
            Some("self") if !prefix.is_empty() && path.len() == prefix.len() => at += 1,
            Some("*") => {
                leaves.push((path, "*".to_owned()));
                return at + 1;
            }
            Some(name) if name.chars().all(|c| c.is_alphanumeric() || c == '_') => {
                path.push(name.to_owned());
                at += 1;
            }
            _ => {
                let name = path.last().cloned().unwrap_or_default();
                leaves.push((path, name));
                return at;
            }
        }
    }
}

fn module(file: String, text: &str, all: &BTreeSet<Names>) -> Module {
    let at = place(&file);
    let words: Vec<&str> = signs(text).into_iter().filter(|(sign, _)| *sign == Sign::Word).map(|(_, word)| word).collect();
    let is = |index: usize, word: &str| words.get(index).is_some_and(|found| *found == word);
    let mut module = Module { file, at: at.clone(), named: BTreeSet::new(), exports: BTreeMap::new() };
    // Names that stand for something else here: those of the `use` trees, wherever in the file they are.
    let mut known: BTreeMap<String, Names> = BTreeMap::new();
    for pass in 0..2 {
        // The modules inside the file, with the depth of braces that they end at.
        let (mut inside, mut depth, mut here): (Vec<usize>, usize, Names) = (Vec::new(), 0, at.clone());
        let mut index = 0;
        while index < words.len() {
            let begins = !(index > 0 && is(index - 1, "::"));
            match words[index] {
                "mod" if is(index + 2, "{") => {
                    inside.push(depth);
                    here.push(words[index + 1].to_owned());
                    index += 1;
                }
                "{" => depth += 1,
                "}" => {
                    depth -= 1;
                    if inside.last() == Some(&depth) {
                        inside.pop();
                        here.pop();
                    }
                }
                "use" if !is(index + 1, "<") => {
                    let is_public = index > 0 && (is(index - 1, "pub") || is(index - 1, ")"));
                    let mut leaves = Vec::new();
                    index = tree(&words, index + 1, &[], &mut leaves);
                    for (path, name) in leaves {
                        let Some(path) = absolute(&path, &here, &known, all) else { continue };
                        // What a module names for others of what is in it is no arrow: who uses it has one.
                        if is_public && inside.is_empty() && path.starts_with(&at) && name != "*" {
                            module.exports.insert(name.clone(), path.clone());
                        } else if pass == 1 {
                            module.named.insert(path.clone());
                        }
                        known.insert(name, path);
                    }
                    continue;
                }
                _ if pass == 1 && begins && is(index + 1, "::") => {
                    let mut path = vec![words[index].to_owned()];
                    while is(index + 1, "::")
                        && words.get(index + 2).is_some_and(|next| next.chars().all(|c| c.is_alphanumeric() || c == '_'))
                    {
                        path.push(words[index + 2].to_owned());
                        index += 2;
                    }
                    module.named.extend(absolute(&path, &here, &known, all));
                }
                _ => {}
            }
            index += 1;
        }
    }
    module
}

/// The path from the root of the crate; nothing for what is of another crate.
fn absolute(path: &[String], here: &[String], known: &BTreeMap<String, Names>, all: &BTreeSet<Names>) -> Option<Names> {
    let mut rest = path.iter();
    let mut from = here.to_vec();
    match rest.next()?.as_str() {
        "crate" => from.clear(),
        "self" => {}
        "super" => {
            from.pop();
            while rest.as_slice().first().is_some_and(|next| next == "super") {
                rest.next();
                from.pop();
            }
        }
        name => {
            let child: Names = here.iter().cloned().chain([name.to_owned()]).collect();
            if all.contains(&child) {
                from = child;
            } else {
                from.clone_from(
                    known.get(name).filter(|path| {
                        path.first().is_none_or(|first| first != name || path.len() > 1 || all.contains(*path))
                    })?,
                );
            }
        }
    }
    from.extend(rest.cloned());
    Some(from)
}
