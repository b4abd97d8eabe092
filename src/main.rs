//! Parses the command line and runs it.

use std::process::ExitCode;

/// Measured: a tenth less processor time a request than with the system's (bench/RESULTS.md).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    munjigi::cli::main()
}
