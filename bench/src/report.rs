//! The table.

use std::{fmt::Write as _, fs, time::Duration};

use crate::{run::Round, workloads::Workload};

/// The heading from which on the file is written by people.
pub(crate) const WORDS: &str = "## Where the time goes";

pub(crate) struct Row {
    name: &'static str,
    target: f64,
    floor_micros: f64,
    own_micros: f64,
    k: f64,
    per_second: f64,
    floor_per_second: f64,
    p50: u32,
    p99: u32,
    floor_p99: u32,
    solo: (u32, u32),
}

impl Row {
    pub(crate) fn of(workload: &Workload, rounds: &[(Round, Round)], solo: (u32, u32)) -> Self {
        let per_second = |round: &Round| {
            #[expect(clippy::cast_precision_loss, reason = "a count of requests")]
            let operations = round.measured.operations as f64;
            operations / round.measured.elapsed.as_secs_f64()
        };
        Self {
            name: workload.name,
            target: workload.target,
            floor_micros: median(rounds.iter().map(|(floor, _)| floor.cpu_micros)),
            own_micros: median(rounds.iter().map(|(_, own)| own.cpu_micros)),
            k: median(rounds.iter().map(|(floor, own)| own.cpu_micros / floor.cpu_micros)),
            per_second: median(rounds.iter().map(|(_, own)| per_second(own))),
            floor_per_second: median(rounds.iter().map(|(floor, _)| per_second(floor))),
            p50: middle(rounds.iter().map(|(_, own)| own.measured.percentile(0.5))),
            p99: middle(rounds.iter().map(|(_, own)| own.measured.percentile(0.99))),
            floor_p99: middle(rounds.iter().map(|(floor, _)| floor.measured.percentile(0.99))),
            solo,
        }
    }
}

pub(crate) struct Facts {
    pub(crate) start: Duration,
    pub(crate) idle_mib: f64,
    pub(crate) loaded_mib: f64,
    pub(crate) binary_bytes: u64,
    pub(crate) seconds: u64,
    pub(crate) rounds: usize,
}

pub(crate) fn write(rows: &[Row], facts: &Facts) -> String {
    let mut text = String::from("# Benchmarks\n\n");
    let _ = writeln!(
        text,
        "`cargo xtask bench --write` measures the release binary on one core, the load on the other: plain HTTP, \
         keep-alive, 16 connections, SQLite with `synchronous=FULL`. The floor is a skeleton axum server that does the \
         same parse, lookup, signature or hash and grouped durable commit, and nothing else (`bench/src/floor.rs`). `k` \
         is our CPU time per operation (user + system of the process) over the floor's, both measured in turn in the same \
         run: {} rounds of {} s a side, medians.\n\nMachine: {}.\n",
        facts.rounds,
        facts.seconds,
        machine()
    );
    text.push_str(
        "| workload | floor CPU µs | our CPU µs | k | k at most | our req/s | floor req/s | p50 µs | p99 µs | floor p99 µs | p50 alone µs (floor) |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n",
    );
    for row in rows {
        let _ = writeln!(
            text,
            "| {} | {:.1} | {:.1} | **{:.2}** {} | {:.2} | {:.0} | {:.0} | {} | {} | {} | {} ({}) |",
            row.name,
            row.floor_micros,
            row.own_micros,
            row.k,
            if row.k <= row.target { "reached" } else { "missed" },
            row.target,
            row.per_second,
            row.floor_per_second,
            row.p50,
            row.p99,
            row.floor_p99,
            row.solo.1,
            row.solo.0
        );
    }
    #[expect(clippy::cast_precision_loss, reason = "a size in MiB")]
    let binary = facts.binary_bytes as f64 / (1024.0 * 1024.0);
    let _ = writeln!(
        text,
        "\n| what | measured | at most |\n|---|---:|---:|\n| start to first answer | {:.3} s | 0.2 s |\n\
         | idle memory (after a login) | {:.1} MiB | 20 MiB |\n| loaded memory | {:.1} MiB | 32 MiB |\n\
         | binary | {binary:.1} MiB | 20 MiB |",
        facts.start.as_secs_f64(),
        facts.idle_mib,
        facts.loaded_mib
    );
    text
}

fn machine() -> String {
    let model = fs::read_to_string("/proc/cpuinfo")
        .ok()
        .and_then(|text| {
            let line = text.lines().find(|line| line.starts_with("model name"))?;
            Some(line.split_once(':')?.1.trim().to_owned())
        })
        .unwrap_or_else(|| "an unnamed processor".into());
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let version = kernel.split(['.', '-']).take(2).collect::<Vec<_>>().join(".");
    format!("{model}, a virtual machine of {} cores, Linux {version}", cores.max(2))
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

fn middle(values: impl Iterator<Item = u32>) -> u32 {
    let mut values: Vec<u32> = values.collect();
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or_default()
}
