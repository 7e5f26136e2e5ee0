//! The layers, and whence each value is.

use std::{
    collections::{BTreeMap, HashMap},
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, anyhow};
use config::{Config, ConfigError, Environment, File, FileFormat, ValueKind};
use serde_json::Value;

use super::Settings;

/// The settings of all layers, with where they came from.
pub(crate) struct Layers {
    pub(crate) settings: Settings,
    /// By dotted key, of all that was set somewhere.
    origins: BTreeMap<String, String>,
}

/// What the command line sets, by dotted key.
pub(crate) type Flags = Vec<(&'static str, String)>;

const FLAG: &str = "a flag";
const ENVIRONMENT: &str = "the environment";
const DEFAULT: &str = "default";

/// Variables of that prefix that mean something to others.
const NOT_SETTINGS: &[&str] = &["VALETKEY_BIN", "VALETKEY_SCREENSHOTS", "VALETKEY_CLIENT_SECRET"];

/// Settings whose own names end as those of variables that name a file do.
const FILES: &[&str] = &["master_key_file", "tls__certificate_file", "tls__key_file"];

impl Layers {
    /// Reads the file, where there is one, then the environment, then the flags.
    pub(crate) fn read(file: Option<&Path>, flags: &Flags) -> anyhow::Result<Self> {
        Self::of(file, std::env::vars_os(), flags)
    }

    fn of(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
        flags: &Flags,
    ) -> anyhow::Result<Self> {
        let mut builder = Config::builder();
        if let Some(file) = file {
            let text = fs::read_to_string(file)
                .with_context(|| format!("the configuration cannot be read from {}", file.display()))?;
            // Parsed here as well, for its better message.
            builder = builder.add_source(File::from_str(&text, FileFormat::Toml));
        }
        let environment = Environment::with_prefix("VALETKEY")
            .prefix_separator("_")
            .separator("__")
            .ignore_empty(true)
            .source(Some(variables(environment)?));
        builder = builder.add_source(environment);
        for (key, value) in flags {
            builder = builder.set_override(*key, value.clone())?;
        }
        let merged = builder.build().map_err(|error| explain(&error, file))?;
        let mut origins = BTreeMap::new();
        collect(&merged.cache, String::new(), file, &mut origins);
        for (key, _) in flags {
            origins.insert((*key).to_owned(), FLAG.to_owned());
        }
        let mut settings: Settings = merged.try_deserialize().map_err(|error| explain(&error, file))?;
        if let Some(folder) = file.and_then(Path::parent) {
            settings.resolve_from(folder);
        }
        Ok(Self { settings, origins })
    }

    /// Every setting with its value and origin, by dotted key.
    pub(crate) fn list(&self) -> anyhow::Result<Vec<(String, Value, String)>> {
        let mut flat = Vec::new();
        flatten(serde_json::to_value(&self.settings)?, String::new(), &mut flat);
        Ok(flat
            .into_iter()
            .map(|(key, value)| {
                let origin =
                    self.origins.iter().find(|(own, _)| key == **own || key.starts_with(&format!("{own}.")));
                let origin = origin.map_or(DEFAULT, |(_, origin)| origin);
                (key, value, origin.to_owned())
            })
            .collect())
    }
}

impl Settings {
    /// Paths in a file are meant from where the file lies.
    fn resolve_from(&mut self, folder: &Path) {
        let tls = self.tls.iter_mut().flat_map(|tls| [&mut tls.certificate_file, &mut tls.key_file]);
        let oauth1 = self.clients.iter_mut().filter_map(|client| client.oauth1.as_mut());
        let keys = oauth1.flat_map(|own| &mut own.rsa_key_files);
        let paths = self.master_key_file.iter_mut().chain(self.templates.iter_mut()).chain(tls).chain(keys);
        for path in paths {
            let whole: PathBuf = folder.join(&*path);
            *path = whole;
        }
        if let Some(relative) =
            self.database.strip_prefix("sqlite://").filter(|path| !path.starts_with(['/', ':']))
            && !folder.as_os_str().is_empty()
        {
            self.database = format!("sqlite://{}", folder.join(relative).display());
        }
    }
}

/// The variables that are settings; where a name ends in `_FILE`, the file's content under the name without it.
fn variables(
    environment: impl IntoIterator<Item = (OsString, OsString)>,
) -> anyhow::Result<HashMap<String, String>> {
    let mut found = HashMap::new();
    for (name, value) in environment {
        let Some(name) = name.to_str().filter(|name| name.starts_with("VALETKEY_")) else { continue };
        if NOT_SETTINGS.contains(&name) {
            continue;
        }
        let value = value.into_string().map_err(|_| anyhow!("{name} is not UTF-8"))?;
        let key = name.trim_start_matches("VALETKEY_").to_ascii_lowercase();
        match name.strip_suffix("_FILE") {
            Some(secret) if !FILES.contains(&key.as_str()) => {
                let content =
                    fs::read_to_string(&value).with_context(|| format!("{name}: {value} cannot be read"))?;
                found.insert(secret.to_owned(), content.trim_end_matches(['\n', '\r']).to_owned());
            }
            _ => {
                found.insert(name.to_owned(), value);
            }
        }
    }
    Ok(found)
}

/// Whence each value is, down to the tables; a list is one value.
fn collect(value: &config::Value, key: String, file: Option<&Path>, origins: &mut BTreeMap<String, String>) {
    if let ValueKind::Table(table) = &value.kind {
        for (name, value) in table {
            let key = if key.is_empty() { name.clone() } else { format!("{key}.{name}") };
            collect(value, key, file, origins);
        }
        return;
    }
    let origin = match value.origin() {
        Some(origin) if origin.contains("environment") => ENVIRONMENT.to_owned(),
        _ => file.map_or_else(|| DEFAULT.to_owned(), |file| file.display().to_string()),
    };
    origins.insert(key, origin);
}

fn flatten(value: Value, key: String, flat: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let key = if key.is_empty() { name } else { format!("{key}.{name}") };
                flatten(value, key, flat);
            }
        }
        value => flat.push((key, value)),
    }
}

/// A sentence that says what to do.
fn explain(error: &ConfigError, file: Option<&Path>) -> anyhow::Error {
    let text = error.to_string();
    let place = file.map_or_else(|| "the environment".to_owned(), |file| file.display().to_string());
    match unknown(&text) {
        Some((name, Some(nearest))) => {
            anyhow!("{place}: there is no setting {name:?}. Did you mean {nearest:?}? ({text})")
        }
        Some((name, None)) => anyhow!("{place}: there is no setting {name:?}. ({text})"),
        None => anyhow!("{place}: {text}"),
    }
}

/// Reads what serde says of an unknown field (the form of `serde::de::Error::unknown_field`): its name, and the nearest
/// of those that were expected.
fn unknown(text: &str) -> Option<(String, Option<String>)> {
    let (_, after) = text.split_once("unknown field `")?;
    let (name, expected) = after.split_once('`')?;
    let known = expected.split('`').skip(1).step_by(2);
    let nearest = known.map(|known| (distance(name, known), known)).min();
    let nearest = nearest.filter(|(distance, known)| *distance <= known.len().div_ceil(2).max(2));
    Some((name.to_owned(), nearest.map(|(_, known)| known.to_owned())))
}

/// How many letters must be changed, added or left out (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.chars().enumerate() {
        let mut next = vec![at + 1];
        for ((known, pair), right) in other.iter().zip(row.windows(2)).zip(0..) {
            let [left, up] = pair else { continue };
            let changed = left + usize::from(*known != letter);
            let here = next.get(right).map_or(changed, |left| changed.min(left + 1).min(up + 1));
            next.push(here);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(toml: &str, environment: &[(&str, &str)], flags: &Flags) -> anyhow::Result<Layers> {
        let folder = std::env::temp_dir().join(format!("valetkey-config-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let thread = format!("{:?}", std::thread::current().id());
        let file = folder.join(format!("{}.toml", thread.replace(|c: char| !c.is_ascii_alphanumeric(), "")));
        fs::write(&file, toml).unwrap();
        let environment =
            environment.iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
        Layers::of(Some(&file), environment, flags)
    }

    #[test]
    fn flags_win_over_the_environment_and_that_over_the_file() {
        let toml =
            "listen = \"127.0.0.1:1\"\nsign_up = false\nsite_name = \"A\"\n[lifetimes]\ncode = \"30s\"\n";
        let environment = [
            ("VALETKEY_LISTEN", "127.0.0.1:2"),
            ("VALETKEY_LIFETIMES__ACCESS_TOKEN", "5m"),
            ("VALETKEY_BIN", "x"),
        ];
        let layers = read(toml, &environment, &vec![("listen", "127.0.0.1:3".to_owned())]).unwrap();
        let settings = &layers.settings;
        assert_eq!(settings.listen.port(), 3);
        assert!(!settings.sign_up);
        assert_eq!(
            (settings.lifetimes.code.to_string(), settings.lifetimes.access_token.to_string()),
            ("30s".into(), "5m".into())
        );
        let list = layers.list().unwrap();
        let origin = |key: &str| list.iter().find(|(own, ..)| own == key).unwrap().2.clone();
        assert_eq!(origin("listen"), FLAG);
        assert_eq!(origin("lifetimes.access_token"), ENVIRONMENT);
        assert!(origin("lifetimes.code").ends_with(".toml"));
        assert_eq!(origin("limits.login_window"), DEFAULT);
    }

    #[test]
    fn an_unknown_key_names_its_nearest_neighbour() {
        for (toml, name, nearest) in [
            ("isuer = \"https://id.example\"", "isuer", "issuer"),
            ("[lifetimes]\nacces_token = \"1m\"", "acces_token", "access_token"),
            ("[[scopes]]\nname = \"a\"\ndescripton = \"b\"", "descripton", "description"),
        ] {
            let error = read(toml, &[], &Flags::new()).err().unwrap().to_string();
            assert!(
                error.contains(&format!("{name:?}")) && error.contains(&format!("{nearest:?}?")),
                "{error}"
            );
        }
        let error = read("", &[("VALETKEY_SIGNUP", "1")], &Flags::new()).err().unwrap().to_string();
        assert!(error.contains("\"sign_up\""), "{error}");
    }

    #[test]
    fn a_secret_is_read_from_the_file_that_the_environment_names_and_is_not_shown() {
        let file = std::env::temp_dir().join(format!("valetkey-secret-{}", std::process::id()));
        fs::write(&file, "abc\n").unwrap();
        let path = file.to_str().unwrap();
        let layers =
            read("master_key = \"x\"", &[("VALETKEY_MASTER_KEY_FILE", path)], &Flags::new()).unwrap();
        // This one is a setting of its own: both are told, and the start refuses two sources.
        assert_eq!(layers.settings.master_key_file.as_deref(), Some(file.as_path()));
        let shown = serde_json::to_string(&layers.list().unwrap()).unwrap();
        assert!(shown.contains("(hidden)") && !shown.contains("\"x\""), "{shown}");
        let layers = read("", &[("VALETKEY_SITE_NAME_FILE", path)], &Flags::new()).unwrap();
        assert_eq!(layers.settings.site_name.as_deref(), Some("abc"));
    }
}
