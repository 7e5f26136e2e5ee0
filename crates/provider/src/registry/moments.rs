//! Moments as forms, commands and files write them: a day, or a time of day in UTC (RFC 3339 §5.6, with `Z` only).

use valetkey_oauth2::Timestamp;

const DAY: i64 = 24 * 60 * 60;

/// Reads `2027-06-30`, `2027-06-30T12:00`, `2027-06-30T12:00:00Z`: a day begins at midnight, all of it is UTC.
///
/// ```
/// use valetkey_provider::registry::{parse_moment, write_moment};
/// let moment = parse_moment("2027-06-30T12:00Z").unwrap();
/// assert_eq!(moment.seconds(), 1_814_356_800);
/// assert_eq!(write_moment(moment), "2027-06-30T12:00:00Z");
/// assert_eq!(parse_moment("2027-02-29"), None);
/// ```
#[must_use]
pub fn parse_moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let (date, time) = match text.split_once(['T', 't', ' ']) {
        Some((date, time)) => (date, Some(time.strip_suffix(['Z', 'z']).unwrap_or(time))),
        None => (text, None),
    };
    let [year, month, day] = numbers(date, '-', &[4, 2, 2])?;
    let seconds = match time {
        None => 0,
        Some(time) if time.len() == 5 => {
            let [hour, minute] = numbers(time, ':', &[2, 2])?;
            of_day(hour, minute, 0)?
        }
        Some(time) => {
            let [hour, minute, second] = numbers(time, ':', &[2, 2, 2])?;
            of_day(hour, minute, second)?
        }
    };
    let days = days_before(year, month, day);
    // A day that its month does not have comes back as another.
    let is_real = year >= 1970 && (1..=12).contains(&month) && date_of(days) == (year, month, day);
    is_real.then(|| Timestamp::from_seconds(days * DAY + seconds))
}

/// Writes a moment as [`parse_moment`] reads it: the day alone at midnight.
#[must_use]
pub fn write_moment(moment: Timestamp) -> String {
    let (days, seconds) = (moment.seconds().div_euclid(DAY), moment.seconds().rem_euclid(DAY));
    let (year, month, day) = date_of(days);
    let date = format!("{year:04}-{month:02}-{day:02}");
    if seconds == 0 {
        return date;
    }
    format!("{date}T{:02}:{:02}:{:02}Z", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// The numbers between the separators, each of so many digits.
fn numbers<const N: usize>(text: &str, separator: char, digits: &[usize; N]) -> Option<[i64; N]> {
    let mut parts = text.split(separator);
    let mut found = [0; N];
    for (number, length) in found.iter_mut().zip(digits) {
        let part = parts.next()?;
        if part.len() != *length || !part.bytes().all(|octet| octet.is_ascii_digit()) {
            return None;
        }
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(found)
}

fn of_day(hour: i64, minute: i64, second: i64) -> Option<i64> {
    (hour < 24 && minute < 60 && second < 60).then_some((hour * 60 + minute) * 60 + second)
}

/// How many days after 1970-01-01 a date of the Gregorian calendar is. Years are counted from March, so that the leap
/// day is the last of its year.
const fn days_before(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    365 * year + year.div_euclid(4) - year.div_euclid(100)
        + year.div_euclid(400)
        + (153 * month + 2) / 5
        + day
        - 719_469
}

/// The date that is so many days after 1970-01-01.
const fn date_of(days: i64) -> (i64, i64, i64) {
    // An estimate that is never too late by more than a year, and then the truth.
    let mut year = (10_000 * (days + 719_468) + 14_780).div_euclid(3_652_425);
    let mut left = days - days_before(year, 3, 1);
    if left < 0 {
        year -= 1;
        left = days - days_before(year, 3, 1);
    }
    let month = (100 * left + 52) / 3060;
    let day = left - (month * 306 + 5) / 10 + 1;
    if month < 10 { (year, month + 3, day) } else { (year + 1, month - 9, day) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_reads_back_as_it_was_written() {
        let mut before = String::new();
        for days in 0..(8029 * 366) {
            let moment = Timestamp::from_seconds(days * DAY);
            let text = write_moment(moment);
            if text.len() > 10 {
                break;
            }
            assert_eq!(parse_moment(&text), Some(moment), "{text}");
            assert!(before < text, "{before} {text}");
            before = text;
        }
        assert_eq!(before, "9999-12-31");
    }

    #[test]
    fn known_moments_are_where_they_belong() {
        for (text, seconds) in [
            ("1970-01-01", 0),
            ("2000-02-29", 951_782_400),
            ("2026-11-22T05:24:40Z", 1_795_325_080),
            ("9999-12-31T23:59:59Z", Timestamp::FAR.seconds()),
        ] {
            assert_eq!(parse_moment(text), Some(Timestamp::from_seconds(seconds)), "{text}");
            assert_eq!(write_moment(Timestamp::from_seconds(seconds)), text);
        }
        assert_eq!(parse_moment(" 2027-06-30 12:00 "), parse_moment("2027-06-30t12:00:00z"));
    }

    #[test]
    fn what_is_no_moment_is_none() {
        for wrong in [
            "",
            "soon",
            "2027",
            "2027-6-1",
            "2027-13-01",
            "2027-00-10",
            "2027-02-29",
            "1900-02-29",
            "2027-04-31",
            "2027-06-00",
            "1969-12-31",
            "2027-06-30T",
            "2027-06-30T24:00",
            "2027-06-30T12:60:00Z",
            "2027-06-30T12:00:00+02:00",
            "2027-06-30T12",
            "+027-06-30",
            "2027-06-30-01",
            "2027/06/30",
            "30.06.2027",
        ] {
            assert_eq!(parse_moment(wrong), None, "{wrong}");
        }
    }
}
