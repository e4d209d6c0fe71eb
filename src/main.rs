//! The `cmf` binary: everything is in the library.

#[cfg(any(target_os = "linux", target_os = "macos"))]
mod start {
    use std::sync::atomic::{AtomicBool, Ordering};

    static HAS_STDOUT: AtomicBool = AtomicBool::new(true);

    /// Runs before the standard library opens `/dev/null` in place of what is closed: from then on nobody can tell the one from
    /// the other.
    #[used]
    #[expect(unsafe_code, reason = "a place in the list of what runs before `main` is given by the name of a section")]
    #[cfg_attr(target_os = "linux", unsafe(link_section = ".init_array"))]
    #[cfg_attr(target_os = "macos", unsafe(link_section = "__DATA,__mod_init_func"))]
    static LOOK: extern "C" fn() = look;

    extern "C" fn look() {
        HAS_STDOUT.store(rustix::io::fcntl_getfd(rustix::stdio::stdout()).is_ok(), Ordering::Relaxed);
    }

    pub(super) fn has_stdout() -> bool {
        HAS_STDOUT.load(Ordering::Relaxed)
    }
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
mod start {
    pub(super) fn has_stdout() -> bool {
        true
    }
}

fn main() -> std::process::ExitCode {
    cmf::run(start::has_stdout())
}
