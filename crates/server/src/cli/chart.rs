//! Bars of text: a line a row, two figures beside one another, each with a scale of its own, as wide as the terminal is.

use terminal_size::{Width, terminal_size};

/// Narrower bars than that say nothing.
const LEAST: usize = 8;
/// Wider lines are hard to follow.
const WIDEST: usize = 110;
const USUAL: usize = 80;

/// How many characters a line has: what `COLUMNS` says, or the terminal, or the usual.
pub(super) fn width() -> usize {
    let said = std::env::var("COLUMNS").ok().and_then(|text| text.trim().parse().ok());
    let found = || terminal_size().map(|(Width(width), _)| usize::from(width));
    said.or_else(found).filter(|width| *width > 0).unwrap_or(USUAL).min(WIDEST)
}

/// One line of a chart.
pub(super) struct Row {
    pub(super) label: String,
    pub(super) values: [u64; 2],
}

/// Draws rows under their heads: the label's and one for each figure. Where bars find no place, the figures stand alone.
pub(super) fn bars(heads: [&str; 3], rows: &[Row], width: usize) -> String {
    let label = rows.iter().map(|row| row.label.chars().count()).chain([heads[0].len()]).max().unwrap_or(0);
    let most = [0, 1].map(|at| rows.iter().map(|row| row.values[at]).max().unwrap_or(0));
    let digits = most.map(|most| most.to_string().len());
    // Two spaces between columns, one between bar and figure.
    let bar = width.saturating_sub(label + digits[0] + digits[1] + 6) / 2;
    let bar = if bar < LEAST { 0 } else { bar };
    let columns = [0, 1].map(|at| (bar + 1 + digits[at]).max(heads[at + 1].len()));
    let cell = |row: &Row, at: usize| {
        let figure = columns[at] - bar;
        format!("{}{:>figure$}", draw(row.values[at], most[at], bar), row.values[at])
    };
    let first = columns[0];
    let head = format!("{:label$}  {:first$}  {}", heads[0], heads[1], heads[2]);
    let line = |row: &Row| format!("{:label$}  {}  {}", row.label, cell(row, 0), cell(row, 1));
    let lines = std::iter::once(head).chain(rows.iter().map(line));
    lines.map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

/// A bar of whole and eighth blocks, filled up with spaces. What is not nothing shows.
fn draw(value: u64, most: u64, width: usize) -> String {
    const EIGHTHS: [char; 7] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉'];
    let room = u128::try_from(width * 8).unwrap_or_default();
    let share = (u128::from(value) * room).checked_div(u128::from(most)).unwrap_or_default();
    let eighths = usize::try_from(share).unwrap_or(usize::MAX).max(usize::from(value > 0 && width > 0));
    let mut bar: String = "█".repeat(eighths / 8);
    bar.extend((eighths % 8).checked_sub(1).and_then(|part| EIGHTHS.get(part)));
    let drawn = bar.chars().count();
    bar.extend(std::iter::repeat_n(' ', width.saturating_sub(drawn)));
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(values: &[[u64; 2]]) -> Vec<Row> {
        let label = |at: usize| format!("11-{:02}", at + 1);
        values.iter().enumerate().map(|(at, values)| Row { label: label(at), values: *values }).collect()
    }

    #[test]
    fn each_figure_has_a_scale_of_its_own_and_the_most_fills_its_column() {
        let drawn = bars(["DAY", "SIGNED", "EXCHANGED"], &rows(&[[1000, 0], [500, 1], [1, 4]]), 42);
        let expected = [
            "DAY    SIGNED              EXCHANGED",
            "11-01  █████████████ 1000                0",
            "11-02  ██████▌        500  ███▎          1",
            "11-03  ▏                1  █████████████ 4",
        ];
        assert_eq!(drawn.lines().collect::<Vec<_>>(), expected, "\n{drawn}");
    }

    #[test]
    fn no_width_and_no_figure_is_too_small_or_too_large() {
        for width in [0, 1, 10, 20, 27, 80, 1000] {
            for values in [&[][..], &[[0, 0]], &[[u64::MAX, 1], [1, u64::MAX]]] {
                let drawn = bars(["DAY", "SIGNED", "EXCHANGED"], &rows(values), width);
                assert_eq!(drawn.lines().count(), values.len() + 1);
            }
        }
        let narrow = bars(["DAY", "SIGNED", "EXCHANGED"], &rows(&[[12, 3]]), 20);
        assert!(!narrow.contains('█') && narrow.contains("12") && narrow.contains('3'), "{narrow}");
    }
}
