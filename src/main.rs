//! The `cmf` binary: everything is in the library.

fn main() -> std::process::ExitCode {
    cmf::run()
}
