//! What waits in the folder that `cmf record --spool` uses, and whether readings can be kept there.

use std::path::Path;

use super::folder::{self, Entry};
use crate::domain::finding::Findings;
use crate::domain::text::{agreeing, counted};
use crate::error::shell_word;

/// How many files are named.
const NAMED: usize = 3;

/// Looks at the folder. It is not made if it is not there.
pub fn look(folder: Option<&Path>, findings: &mut Findings) {
    let Some(folder) = folder else {
        findings.skipped("spool", "no spool: --spool or CMF_SPOOL names one");
        return;
    };
    let (shown, typed) = (folder.display(), shell_word(folder.display()));
    match folder::check(folder) {
        Ok(true) => {}
        Ok(false) => {
            match nearest(folder) {
                Some(parent) if !parent.is_dir() => {
                    let text = format!("{shown} cannot be made: {} is not a folder", parent.display());
                    findings.wrong("spool", text, "name another folder with --spool");
                }
                Some(parent) => match folder::probe(parent) {
                    Ok(()) => findings.ok("spool", format!("{shown} does not exist yet: nothing to store")),
                    Err(error) => {
                        let text = format!("{shown} does not exist, and cannot be made in {}: {error}", parent.display());
                        findings.wrong("spool", text, format!("mkdir -p -m 700 {typed}"));
                    }
                },
                None => findings.ok("spool", format!("{shown} does not exist yet: nothing to store")),
            }
            return;
        }
        Err(unfit) => {
            let text = format!("{shown} is not used: it {}", unfit.reason);
            findings.wrong("spool", text, unfit.remedy);
            return;
        }
    }
    let entries = match std::fs::read_dir(folder).and_then(Iterator::collect::<std::io::Result<Vec<_>>>) {
        Ok(entries) => entries,
        Err(error) => {
            findings.wrong("spool", format!("{shown} cannot be read: {error}"), format!("chmod u+rwx {typed}"));
            return;
        }
    };
    let (mut waiting, mut aside, mut unread) = (0_usize, Vec::new(), Vec::new());
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        match entry.path().extension().and_then(|extension| extension.to_str()) {
            Some("readings") => match folder::open(&entry.path(), u64::MAX) {
                Entry::File(_) => waiting += 1,
                Entry::Gone => {}
                Entry::Refused(unfit) => unread.push(format!("{name} {}", unfit.reason)),
                Entry::Unreadable(error) => unread.push(format!("{name} cannot be read: {error}")),
            },
            Some("damaged" | "refused") => aside.push(name),
            _ => {}
        }
    }
    aside.sort();
    unread.sort();
    let mut well = true;
    if let Err(error) = folder::probe(folder) {
        well = false;
        findings.wrong("spool", format!("{shown} cannot be written: {error}"), format!("chmod u+rwx {typed}"));
    }
    if !unread.is_empty() {
        well = false;
        let text = format!("{shown} holds files that cmf does not read: {}", named(&unread));
        findings.wrong("spool", text, format!("ls -l {typed}, and move them elsewhere"));
    }
    if !aside.is_empty() {
        findings.wrong(
            "spool",
            format!(
                "{} in {shown} could not be stored and {} set aside: {}",
                counted(aside.len(), "file"),
                agreeing(aside.len(), "was", "were"),
                named(&aside)
            ),
            format!("cmf record --file {}, once it is fixed; then remove it", shell_word(folder.join(&aside[0]).display())),
        );
    } else if waiting > 0 {
        findings.warning(
            "spool",
            format!("{} in {shown}", counted(waiting, "file") + agreeing(waiting, " waits", " wait")),
            format!("cmf record --spool {typed} --drain"),
        );
    } else if well {
        findings.ok("spool", format!("{shown} is empty"));
    }
}

fn nearest(folder: &Path) -> Option<&Path> {
    folder
        .ancestors()
        .skip(1)
        .map(|above| if above.as_os_str().is_empty() { Path::new(".") } else { above })
        .find(|above| above.exists())
}

/// The first of several names.
fn named(names: &[String]) -> String {
    let more = if names.len() > NAMED { ", ..." } else { "" };
    format!("{}{more}", names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", "))
}
