//! What templates can call: `t` and `say` for texts, `asset` for links, and filters that draw or write values.
//!
//! Whatever returns HTML escapes all it was given, except what is already marked as safe.

use std::fmt::Write as _;
use std::sync::Arc;

use jiff::{Timestamp, tz::TimeZone};
use minijinja::value::{Kwargs, Value};
use minijinja::{Environment, Error, ErrorKind, HtmlEscape};

use crate::assets::Asset;
use crate::texts::Texts;

/// Gives an environment the functions and filters of one language.
pub(crate) fn register(environment: &mut Environment<'_>, language: &str, texts: &Arc<Texts>) {
    environment.add_global("lang", language);
    environment.add_function("asset", |name: &str| {
        Asset::url(name)
            .map(Value::from_safe_string)
            .ok_or_else(|| Error::new(ErrorKind::InvalidOperation, format!("there is no asset `{name}`")))
    });
    let given = Arc::clone(texts);
    environment.add_function("t", move |key: &str, arguments: Kwargs| -> Result<Value, Error> {
        let mut values = Vec::new();
        for name in arguments.args() {
            values.push((name.to_owned(), arguments.get::<Value>(name)?));
        }
        Ok(text(&given, key, &values))
    });
    let given = Arc::clone(texts);
    environment.add_function("say", move |message: &Value| -> Result<Value, Error> {
        let key = message.get_attr("key")?;
        let mut values = Vec::new();
        if let Ok(arguments) = message.get_attr("args")
            && let Ok(names) = arguments.try_iter()
        {
            for name in names {
                values.push((name.to_string(), arguments.get_item(&name)?));
            }
        }
        Ok(text(&given, key.as_str().unwrap_or_default(), &values))
    });
    let given = Arc::clone(texts);
    environment.add_filter("when", move |seconds: i64| when(&given, seconds));
    let given = Arc::clone(texts);
    environment.add_filter("day", move |seconds: i64| day(&given, seconds));
    let given = Arc::clone(texts);
    environment.add_filter("ago", move |seconds: i64, now: i64| ago(&given, seconds, now));
    let given = Arc::clone(texts);
    environment.add_filter("duration", move |seconds: i64| duration(&given, seconds));
    let given = Arc::clone(texts);
    environment.add_filter("number", move |number: i64| grouped(&given, number));
    environment.add_filter("initials", |name: &str| initials(name));
    environment.add_filter("disc", |name: &str| disc(name));
    environment.add_filter("bars", |values: Vec<u64>| Value::from_safe_string(bars(&values)));
    environment.add_filter("stack", |series: Vec<Vec<u64>>, days: usize| {
        Value::from_safe_string(stack(&series, days))
    });
    environment.add_filter("groups", |code: &str| Value::from_safe_string(groups(code)));
    environment.add_filter("text_id", |name: &str| text_id(name));
}

/// A text with its arguments, as safe HTML.
fn text(texts: &Texts, key: &str, values: &[(String, Value)]) -> Value {
    let find = |name: &str| values.iter().find(|(given, _)| given == name).map(|(_, value)| value);
    let count = find("count").and_then(|value| match value.as_str() {
        Some(written) => written.parse().ok(),
        None => value.as_i64(),
    });
    let prose = |text: &str| HtmlEscape(text).to_string();
    let argument = |name: &str| {
        // A message that says how long gives seconds; what stands there are words.
        if name == "span"
            && let Some(seconds) = find("seconds").and_then(|value| value.to_string().parse().ok())
        {
            return Some(prose(&duration(texts, seconds)));
        }
        let value = find(name)?;
        if name == "count"
            && let Some(count) = count
        {
            return Some(prose(&grouped(texts, count)));
        }
        Some(if value.is_safe() { value.to_string() } else { prose(&value.to_string()) })
    };
    Value::from_safe_string(texts.fill(key, count, prose, argument))
}

/// A moment as a `time` element, in UTC: the server does not know where the reader is.
fn when(texts: &Texts, seconds: i64) -> Value {
    let Some(said) = moment(texts, seconds) else { return Value::from("") };
    Value::from_safe_string(format!(r#"<time datetime="{}">{}</time>"#, machine(seconds), HtmlEscape(&said)))
}

/// The day of a moment as a `time` element, in UTC.
fn day(texts: &Texts, seconds: i64) -> Value {
    let Some(said) = written(texts, "time.date", seconds) else { return Value::from("") };
    let date: String = machine(seconds).chars().take_while(|c| *c != 'T').collect();
    Value::from_safe_string(format!(r#"<time datetime="{date}">{}</time>"#, HtmlEscape(&said)))
}

/// How long ago a moment was, in its largest unit, with the exact moment as title.
fn ago(texts: &Texts, seconds: i64, now: i64) -> Value {
    let Some(exact) = moment(texts, seconds) else { return Value::from("") };
    let passed = now.saturating_sub(seconds);
    let said = match passed {
        i64::MIN..-59 => plain(texts, "time.in", &duration(texts, passed.saturating_neg())),
        -59..60 => plain(texts, "time.now", ""),
        60..2_592_000 => plain(texts, "time.ago", &duration(texts, passed)),
        _ => exact.clone(),
    };
    Value::from_safe_string(format!(
        r#"<time datetime="{}" title="{}">{}</time>"#,
        machine(seconds),
        HtmlEscape(&exact),
        HtmlEscape(&said)
    ))
}

/// A span of time in its largest whole unit.
fn duration(texts: &Texts, seconds: i64) -> String {
    let (count, unit) = match seconds {
        ..60 => (seconds.max(0), "second"),
        60..3_600 => (seconds / 60, "minute"),
        3_600..86_400 => (seconds / 3_600, "hour"),
        86_400..31_536_000 => (seconds / 86_400, "day"),
        _ => (seconds / 31_536_000, "year"),
    };
    texts.fill(&format!("time.{unit}"), Some(count), str::to_owned, |_| Some(count.to_string()))
}

fn plain(texts: &Texts, key: &str, span: &str) -> String {
    texts.fill(key, None, str::to_owned, |_| Some(span.to_owned()))
}

fn moment(texts: &Texts, seconds: i64) -> Option<String> {
    written(texts, "time.moment", seconds)
}

fn written(texts: &Texts, key: &str, seconds: i64) -> Option<String> {
    let at = Timestamp::from_second(seconds).ok()?.to_zoned(TimeZone::UTC);
    let month = texts.find(&format!("time.month.{}", at.month()), None).unwrap_or_default();
    Some(texts.fill(key, None, str::to_owned, |name| {
        Some(match name {
            "day" => at.day().to_string(),
            "month" => month.to_owned(),
            "year" => at.year().to_string(),
            "hour" => format!("{:02}", at.hour()),
            "minute" => format!("{:02}", at.minute()),
            _ => return None,
        })
    }))
}

fn machine(seconds: i64) -> String {
    Timestamp::from_second(seconds).map(|at| at.to_string()).unwrap_or_default()
}

/// A whole number with its thousands apart.
fn grouped(texts: &Texts, number: i64) -> String {
    let separator = texts.find("number.separator", None).unwrap_or_default();
    let digits = number.unsigned_abs().to_string();
    let mut out = String::from(if number < 0 { "-" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push_str(separator);
        }
        out.push(digit);
    }
    out
}

/// The first letters of the first two words, in capitals.
fn initials(name: &str) -> String {
    let mut letters = name
        .split(|c: char| !c.is_alphanumeric())
        .filter_map(|word| word.chars().next())
        .flat_map(|letter| letter.to_uppercase().next());
    match (letters.next(), letters.next()) {
        (Some(first), Some(second)) => [first, second].iter().collect(),
        (Some(first), None) => first.to_string(),
        _ => "?".to_owned(),
    }
}

/// One of the style sheet's disc colours, always the same for a name.
fn disc(name: &str) -> String {
    let hash =
        name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    format!("disc-{}", ((hash >> 15) ^ hash) % DISC_COLOURS)
}

/// A code in groups for the eye. The gaps are the style sheet's: what is copied has none.
fn groups(code: &str) -> String {
    let characters: Vec<char> = code.chars().collect();
    let mut out = String::new();
    for group in characters.chunks(GROUP) {
        let _ = write!(out, "<span>{}</span>", HtmlEscape(&group.iter().collect::<String>()));
    }
    out
}

/// A word that can stand in an `id`.
fn text_id(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect()
}

/// A bar chart: one bar a value, the last one marked. Colours come from the style sheet; whoever uses it says in
/// words what it shows.
fn bars(values: &[u64]) -> String {
    let values = values.get(values.len().saturating_sub(MOST_BARS)..).unwrap_or(values);
    let most = values.iter().copied().max().unwrap_or(0).max(1);
    let width = values.len().max(1) * BAR_STEP;
    let mut svg = format!(
        r#"<svg class="bars" viewBox="0 0 {width} {BAR_HEIGHT}" preserveAspectRatio="none" aria-hidden="true" focusable="false">"#
    );
    for (index, value) in values.iter().enumerate() {
        let full = u128::from(*value) * u128::from(BAR_HEIGHT - 2) / u128::from(most);
        let height = if *value == 0 { 1 } else { full.max(2) };
        let (x, y) = (index * BAR_STEP, u128::from(BAR_HEIGHT) - height);
        let class = match (value, index + 1 == values.len()) {
            (0, _) => "bar none",
            (_, true) => "bar last",
            (_, false) => "bar",
        };
        let _ = write!(
            svg,
            r#"<rect class="{class}" x="{x}" y="{y}" width="{}" height="{height}" rx="1"/>"#,
            BAR_STEP - 2
        );
    }
    svg.push_str("</svg>");
    svg
}

/// A chart of stacked bars: a bar a day, a part of it for each series, the first at the foot.
fn stack(series: &[Vec<u64>], days: usize) -> String {
    let days = days.min(MOST_BARS);
    let on = |day: usize| series.iter().map(move |values| values.get(day).copied().unwrap_or(0));
    let totals = (0..days).map(|day| on(day).map(u128::from).sum::<u128>());
    let most = totals.max().unwrap_or(0).max(1);
    let width = days.max(1) * BAR_STEP;
    let mut svg = format!(
        r#"<svg class="bars tall" viewBox="0 0 {width} {STACK_HEIGHT}" preserveAspectRatio="none" aria-hidden="true" focusable="false">"#
    );
    for day in 0..days {
        let (x, mut below) = (day * BAR_STEP, 0_u128);
        for (index, value) in on(day).enumerate().filter(|(_, value)| *value > 0) {
            // Both edges are scaled, so that a bar is as high as its parts together.
            let edge = |sum: u128| u128::from(STACK_HEIGHT) - sum * u128::from(STACK_HEIGHT - 2) / most;
            let (foot, top) = (edge(below), edge(below + u128::from(value)));
            below += u128::from(value);
            let height = (foot - top).max(2);
            let _ = write!(
                svg,
                r#"<rect class="s{}" x="{x}" y="{}" width="{}" height="{height}"/>"#,
                index % SERIES_COLOURS,
                foot.saturating_sub(height),
                BAR_STEP - 2
            );
        }
        if below == 0 {
            let y = STACK_HEIGHT - 1;
            let _ = write!(
                svg,
                r#"<rect class="bar none" x="{x}" y="{y}" width="{}" height="1"/>"#,
                BAR_STEP - 2
            );
        }
    }
    svg.push_str("</svg>");
    svg
}

const DISC_COLOURS: u32 = 8;
const MOST_BARS: usize = 168;
const BAR_STEP: usize = 8;
const BAR_HEIGHT: u64 = 48;
const STACK_HEIGHT: u64 = 240;
const SERIES_COLOURS: usize = 7;
/// How many characters of a code stand together.
const GROUP: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    fn english() -> Texts {
        Texts::parse(include_str!("../templates/texts/en.toml")).unwrap()
    }

    #[test]
    fn initials_come_from_the_first_two_words() {
        for (name, expected) in [
            ("Photo Prints", "PP"),
            ("alice", "A"),
            ("<script>", "S"),
            ("émile zola", "ÉZ"),
            ("", "?"),
            ("!!", "?"),
            ("a.b.c", "AB"),
        ] {
            assert_eq!(initials(name), expected, "{name}");
        }
    }

    #[test]
    fn a_name_keeps_its_colour() {
        assert_eq!(disc("Photo Prints"), disc("Photo Prints"));
    }

    #[test]
    fn spans_are_said_in_their_largest_unit() {
        let texts = english();
        for (seconds, expected) in [
            (-5, "0 seconds"),
            (1, "1 second"),
            (60, "1 minute"),
            (600, "10 minutes"),
            (7_200, "2 hours"),
            (2_592_000, "30 days"),
            (31_536_000, "1 year"),
        ] {
            assert_eq!(duration(&texts, seconds), expected);
        }
    }

    #[test]
    fn moments_are_written_for_people_and_machines() {
        let written = when(&english(), 1_795_312_860).to_string();
        assert_eq!(written, r#"<time datetime="2026-11-22T02:01:00Z">22 Nov 2026, 02:01 UTC</time>"#);
        assert!(ago(&english(), 1_795_312_860, 1_795_312_860 + 300).to_string().contains(">5 minutes ago<"));
        assert!(ago(&english(), i64::MAX, 0).to_string().is_empty());
    }

    #[test]
    fn charts_stand_any_numbers() {
        for values in [&[][..], &[0], &[u64::MAX, 1, 0], &[3; 500]] {
            let svg = bars(values);
            assert!(svg.starts_with("<svg") && svg.ends_with("</svg>") && !svg.contains("style="));
        }
    }

    #[test]
    fn stacks_stand_any_numbers_and_leave_the_picture_nowhere() {
        for series in [vec![], vec![vec![]], vec![vec![u64::MAX; 40]; 9], vec![vec![1, 0, 9_000], vec![5]]] {
            let svg = stack(&series, 30);
            assert!(svg.starts_with("<svg") && svg.ends_with("</svg>") && !svg.contains("style="));
            assert!(!svg.contains("y=\"-"), "{svg}");
        }
        let svg = stack(&[vec![3], vec![1]], 1);
        assert!(svg.contains(r#"class="s0" x="0" y="62" width="6" height="178""#), "{svg}");
        assert!(svg.contains(r#"class="s1" x="0" y="2" width="6" height="60""#), "{svg}");
    }

    #[test]
    fn a_code_is_grouped_without_a_character_more() {
        assert_eq!(groups("abcdefghij"), "<span>abcd</span><span>efgh</span><span>ij</span>");
        assert_eq!(groups("<b>é1"), "<span>&lt;b&gt;é</span><span>1</span>");
    }

    #[test]
    fn a_count_is_a_number_or_a_written_one_and_strangers_words_are_escaped() {
        let texts = Texts::parse("n = { one = '{count} & {name}', other = '{count}, {name}' }").unwrap();
        let say = |count: Value, name: Value| {
            text(&texts, "n", &[("count".to_owned(), count), ("name".to_owned(), name)]).to_string()
        };
        assert_eq!(say(Value::from("1"), Value::from("<b>")), "1 &amp; &lt;b&gt;");
        assert_eq!(say(Value::from(1204), Value::from_safe_string("<b>x</b>".into())), "1204, <b>x</b>");
    }

    #[test]
    fn thousands_are_apart() {
        assert_eq!(grouped(&english(), 1_234_567), "1,234,567");
        assert_eq!(grouped(&english(), -12), "-12");
    }
}
