//! Names that people read: clean, and not taken for another (security RG-02, RG-03, UI-22).

use unicode_normalization::UnicodeNormalization;

/// Whether a character shows nothing, or shows others in another order: control characters, direction marks, joiners,
/// fillers, tags.
pub(crate) fn is_deceptive(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e000}'..='\u{f8ff}'
            | '\u{e0000}'..='\u{e0fff}' | '\u{f0000}'..='\u{10ffff}')
}

/// A text that people read, without what deceives, white space in single blanks, at most so many characters.
pub(crate) fn cleaned(text: &str, most: usize) -> String {
    let shown: String =
        text.nfc().filter(|c| !is_deceptive(*c) || c.is_whitespace()).take(most.saturating_mul(2)).collect();
    let words: Vec<&str> = shown.split_whitespace().collect();
    words.join(" ").chars().take(most).collect::<String>().trim_end().to_owned()
}

/// What a hasty reader sees of a name: letters that look alike become one, what is no letter or digit goes. Two names with
/// one skeleton are taken for each other.
pub(crate) fn skeleton(name: &str) -> String {
    let plain: String = name
        .nfkd()
        .flat_map(char::to_lowercase)
        .filter(|c| c.is_alphanumeric() || *c == '|')
        .map(lookalike)
        .collect();
    plain.replace("rn", "m").replace("vv", "w").replace("cl", "d")
}

/// The Latin letter that a character is taken for.
const fn lookalike(character: char) -> char {
    match character {
        '0' | 'о' | 'ο' | 'ө' | 'օ' | 'ø' => 'o',
        '1' | 'i' | '|' | 'ı' | 'і' | 'ι' | 'ӏ' | 'ł' => 'l',
        'а' | 'α' => 'a',
        'в' | 'β' | 'ß' => 'b',
        'с' | 'ϲ' => 'c',
        'ԁ' | 'đ' => 'd',
        'е' | 'ε' | 'є' => 'e',
        'ɡ' | 'ց' => 'g',
        'һ' | 'н' | 'η' | 'հ' => 'h',
        'ј' => 'j',
        'к' | 'κ' => 'k',
        'м' | 'μ' => 'm',
        'п' | 'ո' => 'n',
        'р' | 'ρ' => 'p',
        'ԛ' => 'q',
        'г' => 'r',
        'ѕ' | '5' => 's',
        'т' | 'τ' => 't',
        'υ' | 'ս' => 'u',
        'ν' | 'ѵ' => 'v',
        'ԝ' | 'ω' => 'w',
        'х' | 'χ' => 'x',
        'у' | 'γ' => 'y',
        'ᴢ' => 'z',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sec_rg_03_names_that_look_alike_have_one_skeleton() {
        for other in
            ["ACME Photos", "Acme-Photos", "Аcme Рhotos", "Acrne Ph0tos", "Acmé Photos", "ａｃｍｅ photos"]
        {
            assert_eq!(skeleton("Acme Photos"), skeleton(other), "{other}");
        }
        assert_ne!(skeleton("Acme Photos"), skeleton("Acme Videos"));
    }

    #[test]
    fn sec_rg_02_what_shows_nothing_or_turns_around_is_known() {
        for character in ['\u{202e}', '\u{200b}', '\u{2066}', '\u{feff}', '\u{7}', '\u{ad}'] {
            assert!(is_deceptive(character), "{character:?}");
        }
        assert_eq!(cleaned(" Anna\u{202e}  Bee\n", 20), "Anna Bee");
        assert!("Łukasz 🦀 Ωmega".chars().all(|c| !is_deceptive(c)));
    }
}
