//! Steps: a heading while one runs, its time when it is over, and a table of all at the end.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// The steps of one command. A failing step does not stop the next: whoever waits for CI wants to hear everything.
pub(crate) struct Steps {
    command: &'static str,
    done: Vec<Step>,
}

struct Step {
    name: String,
    took: Duration,
    end: End,
}

/// How a step ended.
pub(crate) enum End {
    /// It was looked at, and it holds.
    Held,
    /// It could not be looked at, and that is a fault: the reason names what is missing.
    NotLookedAt(String),
    /// It could not be looked at, and one can live with that: said loudly, without failing.
    Skipped(String),
    /// It was looked at, and it does not hold.
    Failed(String),
}

impl Steps {
    pub(crate) fn new(command: &'static str) -> Self {
        Self { command, done: Vec::new() }
    }

    /// Runs one step; an error is its failure. Tells whether it held.
    pub(crate) fn run(&mut self, name: impl Into<String>, step: impl FnOnce() -> Result<End>) -> bool {
        let name = name.into();
        println!("\n==> {}: {name}", self.command);
        let (end, took) = timed(step);
        let end = end.unwrap_or_else(|error| End::Failed(format!("{error:#}")));
        println!("<== {}: {name}: {} in {}", self.command, end.word(), seconds(took));
        if let Some(reason) = end.reason() {
            println!("    {reason}");
        }
        let held = matches!(end, End::Held);
        self.done.push(Step { name, took, end });
        held
    }

    /// Prints the table; an error when a step failed or was not looked at.
    pub(crate) fn finish(self) -> Result<()> {
        let width = self.done.iter().map(|step| step.name.len()).max().unwrap_or(0);
        let all: Duration = self.done.iter().map(|step| step.took).sum();
        println!("\n{}, {} in all", self.command, seconds(all));
        for step in &self.done {
            println!("  {:width$}  {:>8}  {}", step.name, seconds(step.took), step.end.word());
        }
        for step in &self.done {
            if let Some(reason) = step.end.reason() {
                println!("  {}: {}: {reason}", step.end.word(), step.name);
            }
        }
        let bad: Vec<&str> =
            self.done.iter().filter(|step| step.end.is_fault()).map(|step| step.name.as_str()).collect();
        if bad.is_empty() {
            return Ok(());
        }
        bail!("{} did not hold: {}", self.command, bad.join(", "))
    }
}

impl End {
    fn word(&self) -> &'static str {
        match self {
            Self::Held => "ok",
            Self::NotLookedAt(_) => "NOT TESTED",
            Self::Skipped(_) => "SKIPPED",
            Self::Failed(_) => "FAILED",
        }
    }

    fn reason(&self) -> Option<&str> {
        match self {
            Self::Held => None,
            Self::NotLookedAt(reason) | Self::Skipped(reason) | Self::Failed(reason) => Some(reason),
        }
    }

    fn is_fault(&self) -> bool {
        matches!(self, Self::NotLookedAt(_) | Self::Failed(_))
    }
}

#[expect(clippy::disallowed_methods, reason = "the house's commands tell how long they took")]
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let result = work();
    (result, start.elapsed())
}

fn seconds(took: Duration) -> String {
    format!("{:.1} s", took.as_secs_f64())
}
