//! The migrations are compiled in by a macro that cargo cannot see into: build again when they change.

fn main() {
    println!("cargo::rerun-if-changed=migrations");
}
