//! The private Postgres.
use std::path::PathBuf;

/// Where the private Postgres lives.
pub fn default_data_dir() -> Option<PathBuf> {
    std::env::var_os("CMF_DATA_DIR").map(PathBuf::from)
}
