//! What pages say, in every language we have.
//!
//! A catalogue is a TOML file of plain texts. A key is the path to its text (`login.title`); `{name}` stands for an
//! argument; a text that counts is a table with `one` and `other`, chosen by the argument `count`. Texts are never
//! HTML: the caller escapes them.

use std::collections::BTreeMap;
use std::sync::Arc;

/// A catalogue that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum InvalidTexts {
    /// The file is not TOML.
    #[error("{0}")]
    Syntax(#[from] Box<toml::de::Error>),
    /// A value is neither a text nor a table of texts.
    #[error("`{0}` must be a text or a table of texts")]
    NotText(String),
}

/// The texts of one language; what is missing is looked up in the language behind it.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    entries: BTreeMap<String, String>,
    behind: Option<Arc<Texts>>,
}

impl Texts {
    /// Reads a catalogue.
    pub fn parse(source: &str) -> Result<Self, InvalidTexts> {
        let table: toml::Table = toml::from_str(source).map_err(Box::new)?;
        let mut texts = Self::default();
        texts.take("", table)?;
        Ok(texts)
    }

    /// Puts another catalogue's texts over these.
    #[must_use]
    pub fn overridden_by(mut self, other: Self) -> Self {
        self.entries.extend(other.entries);
        self
    }

    /// Looks up what is missing here in another language.
    #[must_use]
    pub fn in_front_of(mut self, behind: Arc<Texts>) -> Self {
        self.behind = Some(behind);
        self
    }

    /// The text of a key. With a count the key may name a table with `one` and `other`.
    pub fn find(&self, key: &str, count: Option<i64>) -> Option<&str> {
        if let Some(count) = count {
            let form = if count == 1 { "one" } else { "other" };
            if let Some(text) = self.look_up(&format!("{key}.{form}")) {
                return Some(text);
            }
        }
        self.look_up(key)
    }

    /// The text of a key with its arguments filled in. `prose` is what becomes of the text itself, `argument` of an
    /// argument by its name; an argument that nobody gave stays as it stands.
    pub fn fill(
        &self,
        key: &str,
        count: Option<i64>,
        prose: impl Fn(&str) -> String,
        argument: impl Fn(&str) -> Option<String>,
    ) -> String {
        let Some(mut rest) = self.find(key, count) else { return prose(key) };
        let mut out = String::with_capacity(rest.len() + 32);
        while let Some((before, after)) = rest.split_once('{') {
            let Some((name, tail)) = after.split_once('}') else { break };
            out.push_str(&prose(before));
            match argument(name) {
                Some(value) => out.push_str(&value),
                None => out.push_str(&prose(&format!("{{{name}}}"))),
            }
            rest = tail;
        }
        out.push_str(&prose(rest));
        out
    }

    /// The keys of this language alone.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    fn look_up(&self, key: &str) -> Option<&str> {
        match self.entries.get(key) {
            Some(text) => Some(text),
            None => self.behind.as_ref()?.look_up(key),
        }
    }

    fn take(&mut self, prefix: &str, table: toml::Table) -> Result<(), InvalidTexts> {
        for (name, value) in table {
            let key = if prefix.is_empty() { name } else { format!("{prefix}.{name}") };
            match value {
                toml::Value::String(text) => {
                    self.entries.insert(key, text);
                }
                toml::Value::Table(table) => self.take(&key, table)?,
                _ => return Err(InvalidTexts::NotText(key)),
            }
        }
        Ok(())
    }
}

/// Chooses among the languages we have by a browser's `Accept-Language` (RFC 9110 §12.5.4): the highest weight wins,
/// the first of equals; `de-AT` is content with `de`. Without a match it is the first that we have.
pub fn choose_language<'a>(accept: Option<&str>, have: &[&'a str]) -> &'a str {
    let mut best: Option<(&'a str, u16)> = None;
    for range in accept.unwrap_or_default().split(',').take(32) {
        let mut parts = range.split(';');
        let tag = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
        let weight = parts.find_map(|part| part.trim().strip_prefix("q=")).map_or(1000, thousandths);
        let primary = tag.split('-').next().unwrap_or_default();
        let found =
            have.iter().find(|have| **have == tag).or_else(|| have.iter().find(|have| **have == primary));
        if let Some(found) = found
            && weight > best.map_or(0, |(_, weight)| weight)
        {
            best = Some((found, weight));
        }
    }
    best.map(|(found, _)| found).or_else(|| have.first().copied()).unwrap_or("en")
}

/// A quality value in thousandths; what is none counts as zero.
fn thousandths(raw: &str) -> u16 {
    let (whole, fraction) = raw.trim().split_once('.').unwrap_or((raw.trim(), ""));
    if whole == "1" {
        return 1000;
    }
    if whole != "0" || fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return 0;
    }
    format!("{fraction:0<3}").parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_filled_in_and_unknown_ones_stay() {
        let texts = Texts::parse("[a]\nb = 'Hello {name}, {other}!'").unwrap();
        let filled =
            texts.fill("a.b", None, str::to_owned, |name| (name == "name").then(|| "Ada".to_owned()));
        assert_eq!(filled, "Hello Ada, {other}!");
    }

    #[test]
    fn a_count_chooses_its_form() {
        let texts = Texts::parse("[n]\none = '{count} key'\nother = '{count} keys'").unwrap();
        let say = |count: i64| texts.fill("n", Some(count), str::to_owned, |_| Some(count.to_string()));
        assert_eq!((say(1), say(0), say(7)), ("1 key".into(), "0 keys".into(), "7 keys".into()));
    }

    #[test]
    fn what_is_missing_comes_from_the_language_behind() {
        let english = Arc::new(Texts::parse("a = 'one'\nb = 'two'").unwrap());
        let german = Texts::parse("a = 'eins'").unwrap().in_front_of(english);
        assert_eq!(german.find("a", None), Some("eins"));
        assert_eq!(german.find("b", None), Some("two"));
        assert_eq!(german.find("c", None), None);
    }

    #[test]
    fn a_number_in_a_catalogue_is_refused_by_its_key() {
        assert!(Texts::parse("[a]\nb = 1").unwrap_err().to_string().contains("a.b"));
    }

    #[test]
    fn the_browser_chooses_the_language() {
        let have = ["en", "de"];
        for (accept, expected) in [
            (None, "en"),
            (Some(""), "en"),
            (Some("de"), "de"),
            (Some("de-AT,en;q=0.5"), "de"),
            (Some("fr, de;q=0.3, en;q=0.4"), "en"),
            (Some("en;q=0, de;q=0.1"), "de"),
            (Some("fr-FR,*;q=0.1"), "en"),
            (Some("DE;q=banana"), "en"),
        ] {
            assert_eq!(choose_language(accept, &have), expected, "{accept:?}");
        }
    }
}
