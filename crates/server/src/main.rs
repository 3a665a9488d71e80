//! `fettle`: the server and its command line.

use clap::{Parser, Subcommand};
use fettle_server::settings::ServeArgs;
use fettle_server::system::{SystemClock, SystemEntropy};
use fettle_server::{api, cli, local, serve};
use std::process::ExitCode;

/// The fleet index is made of pieces of some kilobytes that come and go with every question and scan, which is what this
/// allocator is made for.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Patch management: which patches every machine misses, and installing them
#[derive(Debug, Parser)]
#[command(name = "fettle", version, propagate_version = true)]
struct CommandLine {
    #[command(flatten)]
    globals: cli::Globals,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server
    Serve(Box<ServeArgs>),
    /// Print the description of the REST API
    #[command(name = "openapi", hide = true)]
    OpenApi,
    /// For the owner of the data folder, without logging in
    Local(local::LocalArgs),
    #[command(flatten)]
    Client(Box<cli::Command>),
}

fn main() -> ExitCode {
    let line = CommandLine::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("fettle: could not start the runtime: {error}");
            return ExitCode::FAILURE;
        }
    };
    match line.command {
        Command::Serve(args) => runtime.block_on(serve::main(&args)),
        Command::OpenApi => print_openapi(),
        Command::Local(args) => runtime.block_on(local::main(args, &SystemClock, &SystemEntropy)),
        Command::Client(command) => runtime.block_on(cli::run(line.globals, *command, &SystemClock)),
    }
}

fn print_openapi() -> ExitCode {
    match api::openapi().to_pretty_json() {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("fettle: could not write the description of the API: {error}");
            ExitCode::FAILURE
        }
    }
}
