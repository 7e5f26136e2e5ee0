//! The pages as people get them: whole, in every language, and safe whatever a stranger is called.

#![expect(clippy::unwrap_used, reason = "the helpers of tests may fail loudly")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use valetkey_pages::contexts::{LoggedOut, Page};
use valetkey_pages::templates::Templates;
use valetkey_pages::texts::Texts;

mod samples;

use samples::Names;

#[test]
fn every_page_is_written_in_every_language() {
    let templates = Templates::new(None).unwrap();
    assert_eq!(templates.languages().collect::<Vec<_>>(), ["en", "de"]);
    for language in ["en", "de"] {
        for sample in samples::all(&Names::ordinary()) {
            let page = templates.render(sample.template, language, &sample.context).unwrap();
            assert!(page.contains(&format!(r#"<html lang="{language}">"#)), "{}", sample.file);
            assert!(page.contains("</html>"), "{}", sample.file);
            assert!(page.contains(r#"id="main""#), "{}", sample.file);
            assert_eq!(page.matches("<h1>").count(), 1, "{} has one heading", sample.file);
            assert!(!page.contains(">none<") && !page.contains("value=\"none\""), "{}", sample.file);
        }
    }
}

#[test]
fn every_page_has_a_sample() {
    let shown: BTreeSet<_> = samples::all(&Names::ordinary()).iter().map(|sample| sample.template).collect();
    let parts = ["layout", "gate", "console", "macros", "refusal_rows", "mark.svg"];
    for name in sources().iter().map(|(name, _)| name.trim_end_matches(".html").to_owned()) {
        assert!(parts.contains(&name.as_str()) || shown.contains(name.as_str()), "{name} is never shown");
    }
}

#[test]
fn sec_ui_26_names_from_strangers_are_escaped_everywhere() {
    let hostile = |mark: &str| format!("{mark}\"'><script>alert(1)</script>{{{{ 7*7 }}}}{{name}}&lt;");
    let names = Names {
        client: hostile("c"),
        user: hostile("u"),
        other: hostile("o"),
        url: "https://evil.example/\"><script>alert(1)</script>".into(),
    };
    let templates = Templates::new(None).unwrap();
    for language in ["en", "de"] {
        for sample in samples::all(&names) {
            let page = templates.render(sample.template, language, &sample.context).unwrap();
            assert!(!page.contains("<script>"), "{}", sample.file);
            assert!(!page.contains("\"'>"), "{}", sample.file);
            assert!(!page.contains("49}"), "{}", sample.file);
            assert!(!page.contains("&amp;lt;script"), "{} escapes once", sample.file);
        }
    }
}

#[test]
fn sec_ui_26_no_page_needs_more_than_the_policy_allows() {
    let templates = Templates::new(None).unwrap();
    for sample in samples::all(&Names::ordinary()) {
        let page = templates.render(sample.template, "en", &sample.context).unwrap();
        let scripts = usize::from(sample.template == "form_post");
        assert_eq!(page.matches("<script").count(), scripts, "{}", sample.file);
        for banned in
            [" style=", "<style", " onclick", " onload", "javascript:", "<img", "@import", "<iframe"]
        {
            assert!(!page.contains(banned), "{} has {banned}", sample.file);
        }
        for link in page.split("<a ").skip(1).filter(|link| link.contains("target=\"_blank\"")) {
            assert!(
                link.starts_with("class") || link.contains("rel=\"noopener noreferrer\""),
                "{}",
                sample.file
            );
        }
    }
}

#[test]
fn sec_ui_02_every_form_that_posts_to_us_carries_its_token() {
    let templates = Templates::new(None).unwrap();
    for sample in samples::all(&Names::ordinary()).iter().filter(|sample| sample.template != "form_post") {
        let page = templates.render(sample.template, "en", &sample.context).unwrap();
        for form in page.split("<form method=\"post\"").skip(1) {
            let form = form.split("</form>").next().unwrap();
            assert!(form.contains(r#"name="csrf" value="csrf-token""#), "{}: {form}", sample.file);
        }
    }
}

#[test]
fn every_label_and_description_finds_its_element_and_ids_are_unique() {
    let templates = Templates::new(None).unwrap();
    for sample in samples::all(&Names::ordinary()) {
        let page = templates.render(sample.template, "en", &sample.context).unwrap();
        let ids = attributes(&page, "id");
        let unique: BTreeSet<_> = ids.iter().collect();
        assert_eq!(ids.len(), unique.len(), "{}: {ids:?}", sample.file);
        for name in ["for", "aria-describedby", "aria-labelledby"] {
            for target in attributes(&page, name).iter().flat_map(|value| value.split(' ')) {
                assert!(ids.iter().any(|id| id == target), "{}: {name}={target}", sample.file);
            }
        }
    }
}

#[test]
fn sec_ui_11_password_fields_help_password_managers_and_say_the_length() {
    let templates = Templates::new(None).unwrap();
    let find = |file: &str| {
        let all = samples::all(&Names::ordinary());
        let sample = all.iter().find(|sample| sample.file == file).unwrap();
        templates.render(sample.template, "en", &sample.context).unwrap()
    };
    assert!(find("login").contains(r#"autocomplete="current-password""#));
    for file in ["signup", "setup", "account-password"] {
        let page = find(file);
        assert!(page.contains(r#"autocomplete="new-password""#), "{file}");
        assert!(page.contains("At least 15 characters"), "{file}");
        assert!(!page.contains("maxlength"), "{file}");
    }
}

#[test]
fn every_text_that_a_template_names_is_there_in_every_language() {
    let english = texts("en");
    let german = texts("de");
    let keys = |texts: &Texts| texts.keys().map(str::to_owned).collect::<BTreeSet<_>>();
    assert_eq!(keys(&english), keys(&german));
    for (name, source) in sources() {
        let source = source.replace("asset(", "");
        for call in source.split("t(\"").skip(1).chain(source.split("t('").skip(1)) {
            let (key, rest) = call.split_at(call.find(['"', '\'']).unwrap());
            let is_built = rest.get(1..).unwrap().trim_start().starts_with('~');
            let is_there = |texts: &Texts| {
                texts.find(key, Some(1)).is_some()
                    || is_built && texts.keys().any(|known| known.starts_with(key))
            };
            assert!(is_there(&english) && is_there(&german), "{name} names {key}");
        }
    }
}

#[test]
fn every_text_takes_the_same_arguments_in_every_language() {
    let (english, german) = (texts("en"), texts("de"));
    let holes = |text: &str| {
        text.split('{')
            .skip(1)
            .filter_map(|rest| rest.split('}').next())
            .map(str::to_owned)
            .collect::<BTreeSet<_>>()
    };
    for key in english.keys() {
        let (one, other) = (english.find(key, None).unwrap(), german.find(key, None).unwrap());
        assert_eq!(holes(one), holes(other), "{key}");
    }
}

#[test]
fn an_operators_files_win_one_by_one() {
    let folder = Folder::new("win");
    folder.write("logged_out.html", "Bye from {{ page.site_name }}: {{ t('logged_out.title') }}");
    folder.write("texts/en.toml", "[logged_out]\ntitle = 'See you'");
    folder.write("texts/fr.toml", "[login]\ntitle = 'Connexion'");
    let templates = Templates::new(Some(folder.path())).unwrap();
    assert!(templates.problems().is_empty());
    assert_eq!(templates.render("logged_out", "en", &bye()).unwrap(), "Bye from Valetkey: See you");
    assert_eq!(templates.language(Some("fr-CA")), "fr");
    let login = samples::all(&Names::ordinary()).into_iter().find(|sample| sample.file == "login").unwrap();
    let page = templates.render("login", "fr", &login.context).unwrap();
    assert!(page.contains("<h1>Connexion</h1>") && page.contains("Make an account"));
}

#[test]
fn a_broken_file_is_named_and_ours_stands_in() {
    let folder = Folder::new("broken");
    folder.write("logged_out.html", "{% if %}");
    folder.write("texts/de.toml", "[logged_out");
    let templates = Templates::new(Some(folder.path())).unwrap();
    let said: Vec<_> = templates.problems().iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), 2, "{said:?}");
    for name in ["logged_out.html, line 1", "de.toml"] {
        assert!(said.iter().any(|said| said.contains(name) && said.contains("broken")), "{said:?}");
    }
    assert!(templates.render("logged_out", "en", &bye()).unwrap().contains("You are logged out"));
    assert!(templates.render("logged_out", "de", &bye()).unwrap().contains("Du bist abgemeldet"));
}

#[test]
fn a_file_that_fails_while_it_is_written_or_never_ends_is_replaced_by_ours() {
    let folder = Folder::new("fails");
    folder.write("logged_out.html", "{{ nobody.knows }}");
    folder
        .write("error.html", "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}");
    let templates = Templates::new(Some(folder.path())).unwrap();
    assert!(templates.render("logged_out", "en", &bye()).unwrap().contains("You are logged out"));
    let error = samples::all(&Names::ordinary()).into_iter().find(|sample| sample.file == "error").unwrap();
    assert!(templates.render("error", "en", &error.context).unwrap().contains("We do not send you there"));
}

#[test]
fn a_folder_that_is_not_there_is_a_problem_and_not_the_end() {
    let templates = Templates::new(Some(PathBuf::from("/nowhere/at/all"))).unwrap();
    assert_eq!(templates.problems().len(), 1);
    assert!(templates.render("logged_out", "en", &bye()).is_ok());
}

#[test]
fn an_unknown_template_is_an_error_that_names_it() {
    let templates = Templates::new(None).unwrap();
    assert!(templates.render("nothing", "en", &bye()).unwrap_err().to_string().contains("nothing.html"));
}

fn bye() -> LoggedOut {
    LoggedOut { page: Page { site_name: "Valetkey".into(), ..Page::default() } }
}

fn attributes(page: &str, name: &str) -> Vec<String> {
    page.split(&format!(" {name}=\""))
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect()
}

fn texts(language: &str) -> Texts {
    let path = templates_folder().join(format!("texts/{language}.toml"));
    Texts::parse(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn sources() -> Vec<(String, String)> {
    let files = std::fs::read_dir(templates_folder()).unwrap().map(|entry| entry.unwrap().path());
    files
        .filter(|path| path.is_file())
        .map(|path| {
            (path.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(&path).unwrap())
        })
        .collect()
}

fn templates_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("templates")
}

/// A folder that is gone when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("valetkey-pages-{}-{name}", std::process::id()));
        std::fs::create_dir_all(path.join("texts")).unwrap();
        Self(path)
    }

    fn path(&self) -> PathBuf {
        self.0.clone()
    }

    fn write(&self, name: &str, source: &str) {
        std::fs::write(self.0.join(name), source).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
