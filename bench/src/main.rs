//! Measures the running release binary beside its floor: a skeleton server that does the same parse, lookup, signature or
//! hash and grouped durable commit, and nothing else.
//!
//! The figure that holds on a noisy machine is CPU microseconds per request (user and system time of the server's process
//! over the number of requests), and `k`: ours over the floor's, both measured in turn in the same run.

mod browser;
mod floor;
mod load;
mod process;
mod report;
mod run;
mod subject;
mod workloads;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about = "Measures Valetkey beside its floor")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the measurement and writes the table.
    Run {
        /// The release binary.
        #[arg(long)]
        binary: PathBuf,
        /// Seconds per workload, side and round.
        #[arg(long, default_value_t = 3)]
        seconds: u64,
        /// Rounds: the median is taken.
        #[arg(long, default_value_t = 3)]
        rounds: usize,
        /// Only workloads whose name contains this.
        #[arg(long)]
        only: Option<String>,
        /// Write the report here.
        #[arg(long)]
        write: Option<PathBuf>,
    },
    /// The floor itself, on that port, with its database in that folder.
    Floor {
        #[arg(long)]
        port: u16,
        #[arg(long)]
        data: PathBuf,
    },
}

fn main() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::Run { binary, seconds, rounds, only, write } => {
            run::run(&run::Options { binary, seconds, rounds, only, write })
        }
        Command::Floor { port, data } => floor::serve(port, &data),
    }
}
