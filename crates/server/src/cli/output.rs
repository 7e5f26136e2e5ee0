//! What commands print: a text for people, or one line of JSON for programs.

use std::io::Write as _;

use serde_json::Value;

/// How to print.
#[derive(Clone, Copy, Debug)]
pub(super) struct Output {
    pub(super) json: bool,
}

impl Output {
    /// Prints the one or the other. A reader that has gone is no failure of ours.
    pub(super) fn show(self, json: &Value, text: impl FnOnce() -> String) {
        let line = if self.json { json.to_string() } else { text() };
        let mut out = std::io::stdout().lock();
        let _ = writeln!(out, "{}", line.trim_end()).and_then(|()| out.flush());
    }

    /// Says why a command failed.
    pub(super) fn fail(self, error: &anyhow::Error) {
        let text = format!("{error:#}");
        if self.json {
            self.show(&serde_json::json!({ "error": text }), String::new);
        }
        let _ = writeln!(std::io::stderr().lock(), "valetkey: {text}");
    }
}

/// A table: columns as wide as their widest cell.
pub(super) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = head.iter().map(|cell| cell.chars().count()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded: Vec<String> = cells.zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        padded.join("  ").trim_end().to_owned()
    };
    let mut lines = vec![line(&mut head.iter().copied())];
    lines.extend(rows.iter().map(|row| line(&mut row.iter().map(String::as_str))));
    lines.join("\n")
}

/// A moment as people read it, in UTC.
pub(super) fn when(at: valetkey_oauth2::Timestamp) -> String {
    jiff::Timestamp::from_second(at.seconds()).map_or_else(|_| at.seconds().to_string(), |at| at.to_string())
}
