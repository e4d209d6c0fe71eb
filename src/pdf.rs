//! A page as a PDF, printed by a Chromium of this machine.

use std::path::PathBuf;
use std::time::Duration;

use crate::domain::text::printable;
use crate::error::{Error, Exit, Result};
use crate::files::{self, Existing};
use crate::os_user;
use crate::program::{self, End};

/// What a Chromium is called.
const NAMES: [&str; 6] =
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge", "headless_shell"];

/// How long printing may take.
const LONGEST: Duration = Duration::from_mins(2);

/// A browser that can print.
#[derive(Debug)]
pub(crate) struct Printer(PathBuf);

impl Printer {
    /// The first Chromium on the PATH. Exit 73 if there is none.
    pub(crate) fn find() -> Result<Self> {
        let paths = std::env::var_os("PATH").unwrap_or_default();
        let files = |name: &&str| std::env::split_paths(&paths).map(|folder| folder.join(name)).find(|file| file.is_file());
        NAMES.iter().find_map(files).map(Printer).ok_or_else(|| {
            Error::new(Exit::Output, "printing a PDF needs Chromium, which is not installed")
                .hint("install it, such as with `apt-get install chromium`, or write HTML and print that: --out report.html")
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
        files::write(&from, page.as_bytes(), Existing::Keep)?;
        let switches = [
            "--headless", "--disable-gpu", "--no-first-run", "--disable-extensions", "--disable-sync",
            "--disable-background-networking", "--disable-component-update", "--no-pdf-header-footer",
        ];
        let words: Vec<String> = std::iter::once(self.0.display().to_string())
            .chain(switches.map(str::to_owned))
            // It reads a page of cmf's own, which runs no script, and refuses to keep its sandbox as root.
            .chain(os_user::is_root().then(|| "--no-sandbox".to_owned()))
            .chain([
                format!("--user-data-dir={}", directory.path().join("profile").display()),
                format!("--print-to-pdf={}", to.display()),
                from.display().to_string(),
            ])
            .collect();
        let environment = [("HOME", Some(directory.path())), ("XDG_CONFIG_HOME", None), ("XDG_CACHE_HOME", None)];
        let ended = program::run(&words, &environment, &[], LONGEST).await.map_err(|error| failed(error.to_string()))?;
        if let End::Exit(0) = ended.end
            && let Ok(pdf) = files::read(&to, u64::MAX)
            && pdf.starts_with(b"%PDF")
        {
            return Ok(pdf);
        }
        let last = ended.said.lines().rfind(|line| !line.trim().is_empty()).map(printable);
        Err(failed(last.unwrap_or_else(|| ended.end.to_string())))
    }
}
