//! The pages that the engine itself must show. The `valetkey-pages` crate brings better ones.

use crate::{failure::PageError, provider::RequestId};

/// Renders what the engine cannot leave to a redirect.
pub trait Face: Send + Sync {
    /// The page for a request that cannot be answered at the client.
    fn error(&self, error: &PageError, request: &RequestId, language: &str) -> String;
    /// The page that posts an authorization response to the client (Form Post Response Mode §2). Its script carries
    /// `nonce`; without script there is a button.
    fn form_post(&self, action: &str, fields: &[(String, String)], nonce: &str, language: &str) -> String;
    /// The page that shows a verifier to the person who carries it to the client by hand (RFC 5849 §2.2, where the
    /// callback is `oob`). `client_name` is the client's own words.
    fn verifier(&self, client_name: &str, verifier: &str, language: &str) -> String;
}

/// Bare pages in English.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlainFace;

impl Face for PlainFace {
    fn error(&self, error: &PageError, request: &RequestId, _language: &str) -> String {
        format!(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{0}</title><h1>{0}</h1><p>{1}</p>\
             <p>Request {request}</p></html>",
            escape(&error.title),
            escape(&error.sentence)
        )
    }

    fn form_post(&self, action: &str, fields: &[(String, String)], nonce: &str, _language: &str) -> String {
        let inputs: String = fields
            .iter()
            .map(|(name, value)| {
                format!("<input type=\"hidden\" name=\"{}\" value=\"{}\">", escape(name), escape(value))
            })
            .collect();
        format!(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Back to the app</title>\
             <form method=\"post\" action=\"{}\">{inputs}<noscript><button>Continue</button></noscript></form>\
             <script nonce=\"{nonce}\">document.forms[0].submit()</script></html>",
            escape(action)
        )
    }

    fn verifier(&self, client_name: &str, verifier: &str, _language: &str) -> String {
        format!(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Your code</title><h1>Your code</h1>\
             <p>Type this code into {0}. It works once. Give it to nobody else.</p>\
             <p><code>{1}</code></p></html>",
            escape(client_name),
            escape(verifier)
        )
    }
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}
