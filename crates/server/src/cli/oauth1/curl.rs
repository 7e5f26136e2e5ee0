//! A signed request as a line for a shell.

use valetkey_oauth1::sign::Signed;

use super::sign::FORM;

/// The line: it sends the request octet for octet as it was signed.
pub(super) fn line(http: &str, signed: &Signed, body: Option<(&str, &str)>) -> String {
    let mut line = "curl -sS".to_owned();
    match (http, body) {
        ("GET", None) | ("POST", Some(_)) => {}
        ("HEAD", None) => line.push_str(" -I"),
        _ => line.push_str(&format!(" -X {}", quoted(http))),
    }
    if let Some(value) = &signed.authorization {
        line.push_str(&format!(" -H {}", quoted(&format!("Authorization: {value}"))));
    }
    if let Some((kind, body)) = body {
        if kind != FORM {
            line.push_str(&format!(" -H {}", quoted(&format!("Content-Type: {kind}"))));
        }
        line.push_str(&format!(" --data-raw {}", quoted(body)));
    }
    // What curl would change on the way.
    if signed.url.contains(['[', ']', '{', '}']) {
        line.push_str(" -g");
    }
    if signed.url.contains("/.") {
        line.push_str(" --path-as-is");
    }
    format!("{line} {}", quoted(&signed.url))
}

/// A word that a POSIX shell takes as it is.
fn quoted(word: &str) -> String {
    let is_plain = |octet: u8| octet.is_ascii_alphanumeric() || b"-._/:".contains(&octet);
    if !word.is_empty() && word.bytes().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(url: &str, authorization: Option<&str>) -> Signed {
        Signed { authorization: authorization.map(str::to_owned), url: url.to_owned(), body: None }
    }

    #[test]
    fn a_line_is_what_a_shell_takes() {
        let header = signed("https://a.example/x?a=it's&b={1}", Some("OAuth a=\"b\""));
        assert_eq!(
            line("POST", &header, None),
            r#"curl -sS -X POST -H 'Authorization: OAuth a="b"' -g 'https://a.example/x?a=it'\''s&b={1}'"#
        );
        let plain = signed("https://a.example/../x", None);
        assert_eq!(line("GET", &plain, None), "curl -sS --path-as-is https://a.example/../x");
        assert_eq!(
            line("PUT", &plain, Some(("application/json", "{}"))),
            "curl -sS -X PUT -H 'Content-Type: application/json' --data-raw '{}' --path-as-is https://a.example/../x"
        );
    }
}
