//! A server under measurement: started on a core of its own, asked for its CPU time and memory, killed at the end.

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, bail};

use crate::load;

/// A running server; dropped, it is killed.
pub(crate) struct Server {
    child: Child,
    pub(crate) port: u16,
    /// How long it took from its start to its first answer.
    pub(crate) start: Duration,
}

impl Server {
    /// Starts a command on core 0 and waits for its first answer at `ready`.
    #[expect(clippy::disallowed_methods, reason = "a measurement reads the monotonic clock")]
    pub(crate) fn start(command: &[String], port: u16, ready: &str, log: &Path) -> anyhow::Result<Self> {
        let log = fs::File::create(log)?;
        let begun = std::time::Instant::now();
        let child = Command::new("taskset")
            .args(["-c", "0"])
            .args(command)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("taskset (util-linux) pins the server to a core")?;
        let mut server = Self { child, port, start: Duration::ZERO };
        while begun.elapsed() < Duration::from_secs(20) {
            if load::is_ready(port, ready) {
                server.start = begun.elapsed();
                return Ok(server);
            }
            if let Some(status) = server.child.try_wait()? {
                bail!("the server stopped before its first answer: {status}");
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        bail!("no answer within 20 seconds");
    }

    /// User and system time so far.
    pub(crate) fn cpu(&self) -> anyhow::Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let after = stat.rsplit_once(')').context("an odd stat line")?.1;
        let fields: Vec<&str> = after.split_whitespace().collect();
        let ticks: u64 = [11, 12].iter().filter_map(|at| fields.get(*at)?.parse::<u64>().ok()).sum();
        // The kernel counts a hundred ticks a second for everybody (USER_HZ).
        Ok(Duration::from_millis(ticks * 10))
    }

    /// Resident memory in MiB.
    pub(crate) fn memory(&self) -> anyhow::Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).context("no VmRSS")?;
        let kib: f64 = line.split_whitespace().nth(1).context("no figure")?.parse()?;
        Ok(kib / 1024.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
