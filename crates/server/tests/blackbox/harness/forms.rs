//! The forms of a page: enough of HTML for the pages of this server.

/// A form, with what a browser would send if its button were pressed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Form {
    pub(crate) action: String,
    pub(crate) fields: Vec<(String, String)>,
    /// Every name in it, sent or not.
    pub(crate) names: Vec<String>,
}

impl Form {
    /// All forms of a page, in its order.
    pub(crate) fn all(page: &str) -> Vec<Self> {
        let starts = page.match_indices("<form").map(|(at, _)| at);
        starts.map(|at| Self::read(page[at..].split("</form>").next().unwrap_or_default())).collect()
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.names.iter().any(|own| own == name)
    }

    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// Replaces all values of that name.
    pub(crate) fn set(&mut self, name: &str, values: &[&str]) {
        self.fields.retain(|(own, _)| own != name);
        self.fields.extend(values.iter().map(|value| (name.to_owned(), (*value).to_owned())));
    }

    fn read(text: &str) -> Self {
        let mut form =
            Self { action: attribute(head(text), "action").unwrap_or_default(), ..Self::default() };
        for (at, _) in text.match_indices('<').skip(1) {
            let tag = head(&text[at..]);
            let (is_input, is_button) = (tag.starts_with("<input"), tag.starts_with("<button"));
            let is_area = tag.starts_with("<textarea");
            let Some(name) = attribute(tag, "name").filter(|_| is_input || is_button || is_area) else {
                continue;
            };
            form.names.push(name.clone());
            let kind = attribute(tag, "type").unwrap_or_default();
            let is_box = kind == "checkbox" || kind == "radio";
            if is_area {
                let inside = text[at + tag.len()..].split("</textarea>").next().unwrap_or_default();
                form.fields.push((name, unescape(inside.trim_start_matches(['>', '\n']))));
            } else if is_input && kind != "submit" && (!is_box || tag.contains(" checked")) {
                form.fields.push((name, attribute(tag, "value").unwrap_or_default()));
            }
        }
        form
    }
}

/// The tag at the start of a text, without its closing bracket.
fn head(text: &str) -> &str {
    text.split('>').next().unwrap_or_default()
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    rest.split('"').next().map(unescape)
}

pub(crate) fn unescape(text: &str) -> String {
    let named = text.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">");
    named.replace("&#x27;", "'").replace("&#39;", "'").replace("&#x2f;", "/").replace("&amp;", "&")
}
