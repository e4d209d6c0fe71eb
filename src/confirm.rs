//! The proof that somebody agreed to a destructive act.

/// Proof that a destructive act was confirmed. Functions that destroy ask for one; only the printer, which can ask, makes it
/// (a test checks that).
#[derive(Debug)]
pub struct Confirmed(());

impl Confirmed {
    /// Somebody answered yes, beforehand or now.
    pub(crate) const fn answered() -> Self {
        Confirmed(())
    }
}
