//! What a password must be (NIST SP 800-63B-4 §3.1.1.2, security UI-11): long enough, and not one of those that are tried
//! first. No rules of composition, nothing cut off.

use std::{collections::HashSet, sync::OnceLock};

use unicode_normalization::UnicodeNormalization;
use valetkey_oauth2::Secret;
use valetkey_ports::username_key;

use crate::config::PasswordPolicy;

/// Why a password is too weak.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PasswordRefusal {
    /// Fewer characters than the policy asks for.
    #[error("a password has at least {min} characters")]
    TooShort {
        /// How many it must have.
        min: usize,
    },
    /// More characters than are hashed.
    #[error("a password has at most {max} characters")]
    TooLong {
        /// How many it may have.
        max: usize,
    },
    /// One that everybody tries: a common password, a row of keys, a repetition.
    #[error("that password is among those that are tried first")]
    Common,
    /// The user name, and little else.
    #[error("that password is too much like the user name")]
    LikeUsername,
}

/// Checks a new password. Characters are counted as they are hashed: after NFKC.
///
/// # Errors
/// [`PasswordRefusal`] says what is wrong.
///
/// ```
/// use valetkey_oauth2::Secret;
/// use valetkey_provider::{config::PasswordPolicy, people::{PasswordRefusal, password_rules::check}};
/// let policy = PasswordPolicy::default();
/// assert_eq!(check(&policy, &Secret::new("three small herons wade"), "anna"), Ok(()));
/// assert_eq!(check(&policy, &Secret::new("Password12345678"), "anna"), Err(PasswordRefusal::Common));
/// ```
pub fn check(policy: &PasswordPolicy, password: &Secret, username: &str) -> Result<(), PasswordRefusal> {
    let raw = password.expose();
    let max = policy.max_length;
    // What is too long is not even normalized.
    if raw.chars().nth(max).is_some() {
        return Err(PasswordRefusal::TooLong { max });
    }
    let normal: Vec<char> = raw.nfkc().collect();
    if normal.len() > max {
        return Err(PasswordRefusal::TooLong { max });
    }
    if normal.len() < policy.min_length {
        return Err(PasswordRefusal::TooShort { min: policy.min_length });
    }
    let folded: Vec<char> = normal.into_iter().flat_map(char::to_lowercase).collect();
    let enough = OWN.min(policy.min_length.div_ceil(2));
    if is_repetition(&folded) || is_walk(&folded) || left_over(&folded, common()) < enough {
        return Err(PasswordRefusal::Common);
    }
    if is_like(&folded, username, enough) {
        return Err(PasswordRefusal::LikeUsername);
    }
    Ok(())
}

/// How many characters of a password must be its own, beside listed words and the user name.
const OWN: usize = 6;

/// Whether it is one short piece again and again.
fn is_repetition(text: &[char]) -> bool {
    let distinct: HashSet<&char> = text.iter().collect();
    distinct.len() <= 3
        || (1..=6).any(|period| {
            text.len() > period && text.iter().zip(text.iter().skip(period)).all(|(a, b)| a == b)
        })
}

/// Rows that fingers walk along.
const ROWS: &[&str] =
    &["qwertyuiop", "qwertzuiop", "azertyuiop", "asdfghjkl", "qsdfghjklm", "zxcvbnm", "yxcvbnm"];

/// Whether most of it goes on where it was: by alphabet, by number, along a row of keys, or not at all.
fn is_walk(text: &[char]) -> bool {
    let steps = text.iter().zip(text.iter().skip(1));
    let walked = steps.filter(|(from, to)| is_step(**from, **to)).count();
    walked * 4 >= text.len().saturating_sub(1) * 3
}

fn is_step(from: char, to: char) -> bool {
    let along = |row: &&str| {
        let place = |wanted: char| row.chars().position(|key| key == wanted);
        matches!((place(from), place(to)), (Some(a), Some(b)) if a.abs_diff(b) == 1)
    };
    u32::from(from).abs_diff(u32::from(to)) <= 1
        || (from, to) == ('9', '0')
        || (from, to) == ('0', '9')
        || ROWS.iter().any(along)
}

/// How many characters are left when listed words, years, runs and whatever is no letter are taken away.
fn left_over(text: &[char], words: &HashSet<Vec<char>>) -> usize {
    let plain: Vec<char> = text.iter().map(|c| unmasked(*c)).collect();
    let longest = words.iter().map(Vec::len).max().unwrap_or_default();
    let (mut at, mut left) = (0, 0);
    while at < plain.len() {
        let word = (1..=longest.min(plain.len() - at)).rev().find(|length| {
            let here = |from: &[char]| from.get(at..at + length).is_some_and(|piece| words.contains(piece));
            here(&plain) || here(text)
        });
        if let Some(length) = word {
            at += length;
            continue;
        }
        let is_run = at > 0 && text.get(at - 1).zip(text.get(at)).is_some_and(|(a, b)| is_step(*a, *b));
        if !is_run && text.get(at).is_some_and(|c| c.is_alphabetic() || u32::from(*c) > 127) {
            left += 1;
        } else if !is_run {
            // Two digits or signs weigh as much as one letter.
            left += usize::from(at % 2 == 0);
        }
        at += 1;
    }
    left
}

/// The letter that a digit or sign stands for in `P4$$w0rd`.
const fn unmasked(character: char) -> char {
    match character {
        '0' => 'o',
        '1' | '!' | '|' => 'i',
        '3' | '€' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' | '+' => 't',
        '8' => 'b',
        other => other,
    }
}

fn is_like(folded: &[char], username: &str, enough: usize) -> bool {
    let key: String = username_key(username);
    let local = key.split('@').next().unwrap_or_default();
    let text: String = folded.iter().collect();
    [key.as_str(), local].into_iter().filter(|name| name.chars().count() >= 3).any(|name| {
        text.contains(name) && text.replace(name, "").chars().filter(|c| c.is_alphanumeric()).count() < enough
    })
}

fn common() -> &'static HashSet<Vec<char>> {
    static WORDS: OnceLock<HashSet<Vec<char>>> = OnceLock::new();
    WORDS.get_or_init(|| {
        include_str!("common_passwords.txt").split_whitespace().map(|word| word.chars().collect()).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(password: &str) -> Result<(), PasswordRefusal> {
        check(&PasswordPolicy::default(), &Secret::new(password), "anna.bergstrom@example.org")
    }

    #[test]
    fn sec_ui_11_long_passphrases_of_all_kinds_are_fine() {
        for good in [
            "three small herons wade",
            "Tr0ub4dor&3-and-more",
            "vier rote Kähne im Hafen",
            "длинная фраза о море",
            "雨の日には古い傘をさして歩くのが好き",
            "kV9#mQ2$xL7!pW4z",
            "x7mq pl2v w9ds kk3t",
            "🦀🐙🦑🦐🦞🐚🐳🐬🐟🐠🐡🦈🐊🐢🦎",
        ] {
            assert_eq!(outcome(good), Ok(()), "{good}");
        }
        assert_eq!(outcome(&"unlike any other ".repeat(60)), Ok(()));
    }

    #[test]
    fn sec_ui_11_what_everybody_tries_is_refused() {
        for common in [
            "passwordpassword",
            "Password12345678",
            "P4$$w0rdP4$$w0rd",
            "123456789012345",
            "aaaaaaaaaaaaaaaa",
            "abcabcabcabcabcabc",
            "qwertyuiopasdfghjkl",
            "abcdefghijklmnop",
            "letmeinletmein2024",
            "correcthorsebatterystaple",
            "iloveyou iloveyou!",
            "welcome-to-valetkey",
            "ThisIsMyPassword!",
            "Sommer2024Sommer2025",
        ] {
            assert_eq!(outcome(common), Err(PasswordRefusal::Common), "{common}");
        }
    }

    #[test]
    fn sec_ui_11_length_is_counted_after_normalization() {
        assert_eq!(outcome("herons wade far"), Ok(()));
        assert_eq!(outcome("herons wade fa"), Err(PasswordRefusal::TooShort { min: 15 }));
        // An ä in two code points is one character.
        assert_eq!(outcome("herons wa\u{308}de fa"), Err(PasswordRefusal::TooShort { min: 15 }));
        assert_eq!(outcome(&"xq".repeat(513)), Err(PasswordRefusal::TooLong { max: 1024 }));
        // One character that normalizes to eighteen.
        assert_eq!(outcome(&"\u{fdfa}".repeat(60)), Err(PasswordRefusal::TooLong { max: 1024 }));
    }

    #[test]
    fn sec_ui_11_the_user_name_is_no_password() {
        for like in ["anna.bergstrom@example.org", "Anna.Bergstrom12", "anna.bergstrom 1999"] {
            assert_eq!(outcome(like), Err(PasswordRefusal::LikeUsername), "{like}");
        }
        assert_eq!(outcome("anna.bergstrom likes wading herons"), Ok(()));
    }
}
