//! The templates, and an operator's own in front of them.
//!
//! Templates and texts are embedded. A folder may hold files of the same names (`login.html`, `texts/en.toml`, or a
//! language of its own, `texts/fr.toml`): file by file they win. What is broken there is named in the log, and the
//! embedded file stands in: a slip in a footer must not lock a whole site out of its login. The folder is read once,
//! at start.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use rust_embed::RustEmbed;
use serde::Serialize;

use crate::filters;
use crate::texts::{self, Texts};

/// A template, or a catalogue of texts, that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// A file cannot be read.
    #[error("{file} cannot be read: {reason}", file = .file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system says.
        reason: std::io::Error,
    },
    /// A catalogue of texts is broken.
    #[error("{file}: {reason}")]
    Texts {
        /// The file.
        file: String,
        /// What is wrong.
        reason: texts::InvalidTexts,
    },
    /// A template is broken, or does not fit its page.
    #[error("{file}{at}: {reason}", at = .line.map(|line| format!(", line {line}")).unwrap_or_default())]
    Template {
        /// The file.
        file: String,
        /// The line.
        line: Option<usize>,
        /// What is wrong.
        reason: String,
    },
}

/// All pages, in every language.
pub struct Templates {
    folder: Option<PathBuf>,
    languages: Vec<Language>,
    problems: Vec<TemplateError>,
}

impl Templates {
    /// Loads the embedded templates and texts, and over them those of a folder. Fails only if the embedded ones are
    /// broken; what is wrong with the folder is in the log and in [`Templates::problems`].
    pub fn new(folder: Option<PathBuf>) -> Result<Self, TemplateError> {
        let mut problems = Vec::new();
        let overrides = match &folder {
            Some(folder) => read_folder(folder, &mut problems),
            None => BTreeMap::new(),
        };
        let mut embedded = BTreeMap::new();
        for name in Files::iter() {
            if let Some(file) = Files::get(&name) {
                embedded.insert(name.into_owned(), String::from_utf8_lossy(&file.data).into_owned());
            }
        }
        let shown = |name: &str| match &folder {
            Some(folder) => folder.join(name).display().to_string(),
            None => name.to_owned(),
        };

        let default = Arc::new(catalogue(DEFAULT_LANGUAGE, &embedded, &overrides, &shown, &mut problems)?);
        let mut codes = vec![DEFAULT_LANGUAGE.to_owned()];
        codes.extend(
            language_codes(&embedded, &overrides).into_iter().filter(|code| code != DEFAULT_LANGUAGE),
        );
        let mut languages = Vec::new();
        for code in codes {
            let texts = if code == DEFAULT_LANGUAGE {
                Arc::clone(&default)
            } else {
                let own = catalogue(&code, &embedded, &overrides, &shown, &mut problems)?;
                Arc::new(own.in_front_of(Arc::clone(&default)))
            };
            let ours = environment(&code, &texts, &embedded)?;
            let mut theirs = BTreeMap::new();
            for (name, source) in overrides.iter().filter(|(name, _)| name.ends_with(".html")) {
                match Environment::new().add_template_owned(name.clone(), source.clone()) {
                    Ok(()) => {
                        theirs.insert(name.clone(), source.clone());
                    }
                    Err(error) if code == DEFAULT_LANGUAGE => problems.push(broken(shown(name), &error)),
                    Err(_) => {}
                }
            }
            let overridden = if theirs.is_empty() {
                None
            } else {
                let mut all = embedded.clone();
                all.extend(theirs);
                Some(environment(&code, &texts, &all)?)
            };
            languages.push(Language { code, ours, overridden });
        }
        for problem in &problems {
            tracing::error!(%problem, "an operator's template is not used");
        }
        Ok(Self { folder, languages, problems })
    }

    /// The operator's folder.
    pub fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// What is wrong with the operator's folder: each of these files is not used.
    pub fn problems(&self) -> &[TemplateError] {
        &self.problems
    }

    /// The language that serves an `Accept-Language` header best.
    pub fn language(&self, accept_language: Option<&str>) -> &str {
        let have: Vec<&str> = self.languages().collect();
        texts::choose_language(accept_language, &have)
    }

    /// The languages there are, the default first.
    pub fn languages(&self) -> impl Iterator<Item = &str> {
        self.languages.iter().map(|language| language.code.as_str())
    }

    /// Writes a page. `name` is the template without `.html`; a language that is not there is the default one.
    /// Should an operator's template fail on the way, the log names it and the embedded one is used.
    pub fn render(
        &self,
        name: &str,
        language: &str,
        context: &impl Serialize,
    ) -> Result<String, TemplateError> {
        let file = format!("{name}.html");
        let found =
            self.languages.iter().find(|known| known.code == language).or_else(|| self.languages.first());
        let Some(found) = found else {
            return Err(TemplateError::Template {
                file,
                line: None,
                reason: "there is no language".to_owned(),
            });
        };
        let context = Value::from(Serde(context));
        if let Some(overridden) = &found.overridden {
            match write(overridden, &file, context.clone()) {
                Ok(page) => return Ok(page),
                Err(problem) => tracing::error!(%problem, "an operator's template failed; ours stands in"),
            }
        }
        write(&found.ours, &file, context)
    }
}

struct Language {
    code: String,
    /// The embedded templates alone.
    ours: Environment<'static>,
    /// With the operator's in front, where there are any.
    overridden: Option<Environment<'static>>,
}

#[derive(RustEmbed)]
#[folder = "templates/"]
struct Files;

fn write(environment: &Environment<'static>, file: &str, context: Value) -> Result<String, TemplateError> {
    environment
        .get_template(file)
        .and_then(|template| template.render(context))
        .map_err(|error| broken(error.name().unwrap_or(file).to_owned(), &error))
}

fn environment(
    code: &str,
    texts: &Arc<Texts>,
    sources: &BTreeMap<String, String>,
) -> Result<Environment<'static>, TemplateError> {
    let mut environment = Environment::new();
    // An error must not carry the page's values: some are secrets.
    environment.set_debug(false);
    environment.set_fuel(Some(FUEL));
    environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    filters::register(&mut environment, code, texts);
    for (name, source) in sources.iter().filter(|(name, _)| name.ends_with(".html")) {
        environment
            .add_template_owned(name.clone(), source.clone())
            .map_err(|error| broken(name.clone(), &error))?;
    }
    Ok(environment)
}

/// The texts of a language: the embedded ones, and the operator's over them.
fn catalogue(
    code: &str,
    embedded: &BTreeMap<String, String>,
    overrides: &BTreeMap<String, String>,
    shown: &impl Fn(&str) -> String,
    problems: &mut Vec<TemplateError>,
) -> Result<Texts, TemplateError> {
    let name = format!("texts/{code}.toml");
    let mut texts = match embedded.get(&name) {
        Some(source) => {
            Texts::parse(source).map_err(|reason| TemplateError::Texts { file: name.clone(), reason })?
        }
        None => Texts::default(),
    };
    if let Some(source) = overrides.get(&name) {
        match Texts::parse(source) {
            Ok(theirs) => texts = texts.overridden_by(theirs),
            Err(reason) => problems.push(TemplateError::Texts { file: shown(&name), reason }),
        }
    }
    Ok(texts)
}

fn language_codes(
    embedded: &BTreeMap<String, String>,
    overrides: &BTreeMap<String, String>,
) -> BTreeSet<String> {
    embedded
        .keys()
        .chain(overrides.keys())
        .filter_map(|name| name.strip_prefix("texts/")?.strip_suffix(".toml"))
        .map(str::to_ascii_lowercase)
        .collect()
}

/// The templates and catalogues of a folder, by the names that ours have.
fn read_folder(folder: &Path, problems: &mut Vec<TemplateError>) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for (below, extension) in [("", "html"), ("texts", "toml")] {
        let directory = folder.join(below);
        let entries = match std::fs::read_dir(&directory) {
            Ok(entries) => entries,
            Err(reason) => {
                if below.is_empty() || reason.kind() != std::io::ErrorKind::NotFound {
                    problems.push(TemplateError::Unreadable { file: directory, reason });
                }
                continue;
            }
        };
        for path in entries.flatten().map(|entry| entry.path()) {
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
            if path.extension().is_none_or(|found| found != extension) || !path.is_file() {
                continue;
            }
            let name = if below.is_empty() { name.to_owned() } else { format!("{below}/{name}") };
            match std::fs::read_to_string(&path) {
                Ok(source) => {
                    found.insert(name, source);
                }
                Err(reason) => problems.push(TemplateError::Unreadable { file: path, reason }),
            }
        }
    }
    found
}

fn broken(file: String, error: &minijinja::Error) -> TemplateError {
    TemplateError::Template { file, line: error.line(), reason: error.to_string() }
}

const DEFAULT_LANGUAGE: &str = "en";

/// Enough for a page with some hundred rows; an endless loop stops here.
const FUEL: u64 = 5_000_000;
