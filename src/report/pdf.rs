//! A page as a PDF, printed by a Chromium of this machine.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

use crate::domain::text::printable;
use crate::error::{Error, Exit, Result};

/// What a Chromium is called.
const NAMES: [&str; 6] =
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge", "headless_shell"];

/// How long printing may take.
const LONGEST: Duration = Duration::from_mins(2);

/// A browser that can print.
#[derive(Debug)]
pub(crate) struct Printer(PathBuf);

impl Printer {
    /// The first Chromium on the PATH. Exit 73 where there is none.
    pub(crate) fn find() -> Result<Self> {
        let paths = std::env::var_os("PATH").unwrap_or_default();
        let files = |name: &&str| std::env::split_paths(&paths).map(|folder| folder.join(name)).find(|file| file.is_file());
        NAMES.iter().find_map(files).map(Printer).ok_or_else(|| {
            Error::new(Exit::Output, "a PDF is printed by a Chromium, and there is none on this machine")
                .hint("install one, such as with `apt-get install chromium`, or write HTML and print that: --out report.html")
        })
    }

    /// Prints a page that needs nothing else. Exit 73 when the browser fails.
    pub(crate) async fn print(&self, page: &str) -> Result<Vec<u8>> {
        let failed = |why: String| {
            Error::new(Exit::Output, format!("{} did not print the page: {why}", self.0.display()))
                .hint("write HTML and print that: --out report.html")
        };
        let directory = tempfile::tempdir().map_err(|error| failed(error.to_string()))?;
        let (from, to) = (directory.path().join("page.html"), directory.path().join("page.pdf"));
        std::fs::write(&from, page).map_err(|error| failed(error.to_string()))?;
        let mut command = Command::new(&self.0);
        command
            .args(["--headless", "--disable-gpu", "--no-first-run", "--disable-extensions", "--disable-sync"])
            .args(["--disable-background-networking", "--disable-component-update", "--no-pdf-header-footer"])
            // It reads a page of cmf's own, which runs no script, and refuses to keep its sandbox as root.
            .args(crate::os_user::is_root().then_some("--no-sandbox"))
            .arg(format!("--user-data-dir={}", directory.path().join("profile").display()))
            .arg(format!("--print-to-pdf={}", to.display()))
            .arg(&from)
            .env("HOME", directory.path())
            .env_remove("XDG_CONFIG_HOME")
            .env_remove("XDG_CACHE_HOME")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let run = timeout(LONGEST, command.output()).await;
        let run = run.map_err(|_| failed(format!("it took longer than {} seconds", LONGEST.as_secs())))?;
        let run = run.map_err(|error| failed(error.to_string()))?;
        match std::fs::read(&to) {
            Ok(pdf) if run.status.success() && pdf.starts_with(b"%PDF") => Ok(pdf),
            _ => {
                let said = String::from_utf8_lossy(&run.stderr);
                let last = said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it says nothing");
                Err(failed(printable(last)))
            }
        }
    }
}
