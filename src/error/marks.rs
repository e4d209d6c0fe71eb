//! What is known of the cause of an error, for those that know what to do about it.

use super::Error;

impl Error {
    /// Marks a failure that the same work, done again, may not meet: a serialization failure, a deadlock.
    #[must_use]
    pub fn transient(mut self) -> Self {
        self.0.transient = true;
        self
    }

    /// Marks a failure whose cause is that the schema does not have the tables of cmf, or older ones.
    #[must_use]
    pub fn lacking_tables(mut self) -> Self {
        self.0.lacks_tables = true;
        self
    }

    /// Marks a failure whose cause is that the role in the database may not do what the command needs.
    #[must_use]
    pub fn lacking_right(mut self) -> Self {
        self.0.lacks_right = true;
        self
    }

    /// Marks a failure whose cause is that the schema has no active user yet, and so no catalog.
    #[must_use]
    pub fn lacking_users(mut self) -> Self {
        self.0.lacks_users = true;
        self
    }

    /// Marks a failure whose cause is that the server cancelled a statement, as one that ran too long.
    #[must_use]
    pub fn cancelled(mut self) -> Self {
        self.0.cancelled = true;
        self
    }

    /// Marks a failure whose cause is that the server accepts no writes from this session.
    #[must_use]
    pub fn refusing_writes(mut self) -> Self {
        self.0.refuses_writes = true;
        self
    }

    /// Whether the server accepts no writes from this session.
    pub fn refuses_writes(&self) -> bool {
        self.0.refuses_writes
    }

    /// Whether the server cancelled a statement.
    pub fn is_cancelled(&self) -> bool {
        self.0.cancelled
    }

    /// Says whose it is, where only its owner may do this.
    #[must_use]
    pub fn owned_by(self, owner: Option<String>) -> Self {
        match owner {
            Some(owner) if self.lacks_right() => self.hint(format!("log in as `{owner}`, the owner of it")),
            _ => self,
        }
    }

    /// Whether the same work, done again, may succeed.
    pub fn is_transient(&self) -> bool {
        self.0.transient
    }

    /// Whether the schema does not have the tables of cmf, or older ones.
    pub fn lacks_tables(&self) -> bool {
        self.0.lacks_tables
    }

    /// Whether the role in the database may not do what the command needs.
    pub fn lacks_right(&self) -> bool {
        self.0.lacks_right
    }

    /// Whether the schema has no active user yet.
    pub fn lacks_users(&self) -> bool {
        self.0.lacks_users
    }
}
