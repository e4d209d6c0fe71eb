//! What the Debian package is made of.

use std::collections::BTreeSet;
use std::path::Path;

use crate::support::project;

/// The path in the package of each file that its list of assets takes from the project.
fn packed() -> BTreeSet<String> {
    let manifest: toml::Table = std::fs::read_to_string(project("Cargo.toml")).expect("the manifest").parse().expect("TOML");
    let assets = manifest["package"]["metadata"]["deb"]["assets"].as_array().expect("assets").clone();
    let mut there = BTreeSet::new();
    for asset in &assets {
        let part = |position: usize| asset[position].as_str().expect("text");
        let (source, place) = (part(0), part(1));
        let name = Path::new(source).file_name().and_then(|name| name.to_str()).expect("a name");
        assert_eq!(part(2), if place == "usr/bin/" { "755" } else { "644" }, "{source}");
        let mut put = |name: &str| {
            there.insert(if place.ends_with('/') { format!("{place}{name}") } else { place.to_owned() });
        };
        if source.starts_with("target/") {
            put(name);
        } else if let Some(ending) = name.strip_prefix('*') {
            let folder = project(Path::new(source).parent().and_then(Path::to_str).expect("a folder"));
            let files = std::fs::read_dir(folder).expect("the folder").map(|file| file.expect("a file").file_name());
            files.filter_map(|file| file.into_string().ok()).filter(|file| file.ends_with(ending)).for_each(|file| put(&file));
        } else {
            assert!(project(source).is_file(), "{source}");
            put(name);
        }
    }
    there
}

#[test]
fn the_debian_package_has_everything_where_shells_and_man_look() {
    let packed = packed();
    for path in [
        "usr/bin/cmf",
        "usr/share/bash-completion/completions/cmf",
        "usr/share/zsh/vendor-completions/_cmf",
        "usr/share/fish/vendor_completions.d/cmf.fish",
        "usr/share/man/man1/cmf.1",
        "usr/share/man/man1/cmf-catalog-diff.1",
    ] {
        assert!(packed.contains(path), "{path}: {packed:?}");
    }
    let pages = std::fs::read_dir(project("completions/man")).expect("the pages").count();
    assert_eq!(packed.iter().filter(|path| path.starts_with("usr/share/man/man1/")).count(), pages);
}
