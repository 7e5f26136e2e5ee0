//! The whole measurement: both sides in turn, round by round.

use std::{path::PathBuf, time::Duration};

use crate::{
    load::{self, Connection, Measured},
    process::Server,
    report::{self, Row},
    subject::{self, Side, Subject},
    workloads::{self, Workload},
};

pub(crate) struct Options {
    pub(crate) binary: PathBuf,
    pub(crate) seconds: u64,
    pub(crate) rounds: usize,
    pub(crate) only: Option<String>,
    pub(crate) write: Option<PathBuf>,
}

const CONNECTIONS: usize = 16;

pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    pin_to_other_core();
    let floor = subject::floor()?;
    let ours = subject::ours(&options.binary)?;
    let idle = ours.server.memory()?;
    let mut rows = Vec::new();
    for workload in workloads::ALL {
        if options.only.as_ref().is_some_and(|only| !workload.name.contains(only.as_str())) {
            continue;
        }
        rows.push(measure(workload, &floor, &ours, options)?);
    }
    let facts = report::Facts {
        start: ours.server.start,
        idle_mib: idle,
        loaded_mib: ours.server.memory()?,
        binary_bytes: std::fs::metadata(&options.binary)?.len(),
        seconds: options.seconds,
        rounds: options.rounds,
    };
    let text = report::write(&rows, &facts);
    println!("{text}");
    if let Some(path) = &options.write {
        // What people wrote about the figures stays below them.
        let old = std::fs::read_to_string(path).unwrap_or_default();
        let words = old.find(report::WORDS).and_then(|at| old.get(at..)).unwrap_or_default();
        std::fs::write(path, format!("{text}\n{words}"))?;
    }
    Ok(())
}

fn measure(workload: &Workload, floor: &Subject, ours: &Subject, options: &Options) -> anyhow::Result<Row> {
    let duration = Duration::from_secs(options.seconds);
    let mut rounds = Vec::new();
    for round in 1..=options.rounds {
        let base = side(workload, floor, CONNECTIONS, duration)?;
        let own = side(workload, ours, CONNECTIONS, duration)?;
        eprintln!(
            "{:38} round {round}/{}: floor {:7.1} us, ours {:7.1} us, k {:.2}",
            workload.name,
            options.rounds,
            base.cpu_micros,
            own.cpu_micros,
            own.cpu_micros / base.cpu_micros
        );
        rounds.push((base, own));
    }
    let solo_base = side(workload, floor, 1, Duration::from_secs(1))?.measured.percentile(0.5);
    let solo_own = side(workload, ours, 1, Duration::from_secs(1))?.measured.percentile(0.5);
    Ok(Row::of(workload, &rounds, (solo_base, solo_own)))
}

pub(crate) struct Round {
    pub(crate) measured: Measured,
    /// CPU microseconds of the server per operation.
    pub(crate) cpu_micros: f64,
}

fn side(
    workload: &Workload,
    subject: &Subject,
    connections: usize,
    duration: Duration,
) -> anyhow::Result<Round> {
    let server: &Server = &subject.server;
    let side: &Side = &subject.side;
    let mut setup = Connection::open(server.port)?;
    let clients =
        (0..connections).map(|_| (workload.client)(side, &mut setup)).collect::<anyhow::Result<Vec<_>>>()?;
    let before = server.cpu()?;
    let measured = load::run(server.port, clients, duration)?;
    let used = server.cpu()?.saturating_sub(before);
    #[expect(clippy::cast_precision_loss, reason = "a count of requests")]
    let cpu_micros = used.as_secs_f64() * 1e6 / measured.operations as f64;
    Ok(Round { measured, cpu_micros })
}

/// The load runs beside the server, not on its core.
fn pin_to_other_core() {
    let own = std::process::id().to_string();
    let pinned = std::process::Command::new("taskset").args(["-a", "-cp", "1", &own]).output();
    if !pinned.is_ok_and(|output| output.status.success()) {
        eprintln!("the load could not be pinned to core 1: figures of CPU time hold, those of time less");
    }
}
