//! Who or what is meant by a name.

pub mod tenants;
