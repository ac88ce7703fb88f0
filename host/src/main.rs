//! The `conductor` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(conductor_host::command::main(std::env::args_os().collect()))
}
