//! The project's own commands. `cargo xtask --help` lists them; the README names the two that a newcomer needs.

mod bench;
mod check;
mod codegen;
mod e2e;
mod fuzz;
mod machine;
mod oracle;
mod postgres;
mod run;
mod shell;
mod test;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Build, run, test and check Fettle", disable_version_flag = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build everything and start a server with an agent for this very machine (which it never changes).
    Run(run::Options),
    /// Install what the tests need and run all of them.
    Test(test::Options),
    /// Hold the architecture: dependency edges, file sizes, names.
    Check(check::Options),
    /// Write the generated files: the OpenAPI document and the console's types.
    Codegen(codegen::Options),
    /// Measurements, each with a reference from the same run.
    Bench {
        #[command(subcommand)]
        which: bench::Which,
    },
    /// Compare what the product decides with what others did: hosts, vendors' tables, reports of other tools.
    Oracle(oracle::Options),
    /// Whole-product tests with separate processes and real package managers.
    E2e {
        #[command(subcommand)]
        which: e2e::Which,
    },
    /// Throw bytes that nobody thought of at the readers of foreign data.
    Fuzz(fuzz::Options),
}

fn main() -> ExitCode {
    match carry_out(&Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The alternate form shows the causes and no backtrace, which says nothing about a program that failed.
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn carry_out(command: &Command) -> Result<()> {
    match command {
        Command::Run(options) => run::run(options),
        Command::Test(options) => test::run(options),
        Command::Check(options) => check::run(options),
        Command::Codegen(options) => codegen::run(options),
        Command::Bench { which } => bench::run(which),
        Command::E2e { which } => e2e::run(which),
        Command::Fuzz(options) => fuzz::run(options),
        Command::Oracle(options) => oracle::run(options),
    }
}
