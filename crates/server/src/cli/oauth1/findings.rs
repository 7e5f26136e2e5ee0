//! What was found out about a signed request, for the eye and for programs.

use serde_json::{Value, json};
use valetkey_oauth1::{
    Malformed, Message, Place,
    explain::{Difference, Part},
    percent::{self, Plus},
};
use valetkey_ports::Refusal;

use crate::cli::output::when;

/// All that is known.
#[derive(Default)]
pub(super) struct Findings {
    /// The refused request that this is about.
    pub(super) refused: Option<Refusal>,
    pub(super) is_right: bool,
    pub(super) method: Option<String>,
    pub(super) carriage: Option<String>,
    pub(super) base_string: Option<String>,
    pub(super) theirs: Option<String>,
    pub(super) difference: Option<Difference>,
    pub(super) clock_skew: Option<i64>,
    /// Unknown without a database.
    pub(super) nonce_was_used: Option<bool>,
    pub(super) reason: Option<String>,
    pub(super) advice: Option<String>,
}

impl Findings {
    pub(super) const NO_USUAL_MISTAKE: &str = "Compare your base string with ours (--base-string); where they are equal, one of the secrets is another.";

    /// Of a message that nothing else is known about yet.
    pub(super) fn about(message: &Message<'_>) -> Self {
        let carriage = match message.place() {
            Place::Header => "header",
            Place::Query => "query",
            Place::Body => "body",
        };
        Self {
            method: Some(message.signature_method().to_owned()),
            carriage: Some(carriage.to_owned()),
            ..Self::default()
        }
    }

    /// Of a request that is no OAuth 1 request.
    pub(super) fn malformed(malformed: &Malformed) -> Self {
        Self {
            reason: Some(malformed.to_string()),
            advice: Some(malformed.advice().to_owned()),
            ..Self::default()
        }
    }

    /// Of a refused request.
    pub(super) fn of(mut refusal: Refusal) -> Self {
        let reason = Some(refusal.reason.clone());
        let Some(signature) = refusal.signature.take() else {
            return Self { refused: Some(refusal), reason, ..Self::default() };
        };
        Self {
            refused: Some(refusal),
            method: Some(signature.method),
            carriage: Some(signature.carriage),
            base_string: Some(signature.base_string),
            clock_skew: signature.clock_skew,
            nonce_was_used: Some(signature.nonce_was_used),
            reason,
            advice: Some(signature.advice),
            ..Self::default()
        }
    }

    /// Compares our base string with the client's: the first difference says better what to mend than the signature alone.
    pub(super) fn compare(&mut self, theirs: &str, compare: impl FnOnce(&str, &str) -> Option<Difference>) {
        let Some(ours) = &self.base_string else { return };
        self.difference = compare(ours, theirs);
        self.theirs = Some(theirs.to_owned());
        if self.is_right {
            return;
        }
        match &self.difference {
            Some(difference) => self.advice = Some(difference.advice.to_owned()),
            None if self
                .advice
                .as_deref()
                .is_none_or(|advice| advice.starts_with("Compare your base string")) =>
            {
                self.advice = Some(
                    "The base strings are equal: one of the secrets, or the method, is another.".to_owned(),
                );
            }
            None => {}
        }
    }

    /// The parameters of our base string, encoded once, as they were sorted.
    fn parameters(&self) -> Vec<String> {
        let parameters =
            self.base_string.as_deref().and_then(|text| text.split('&').nth(2)).unwrap_or_default();
        decoded(parameters).split('&').filter(|field| !field.is_empty()).map(str::to_owned).collect()
    }

    fn verdict(&self) -> String {
        let reason = self.reason.as_deref().unwrap_or_default();
        let advice = self.advice.as_deref().unwrap_or_default();
        let text = match (&self.refused, self.is_right) {
            (None, true) if self.reason.is_none() => "The signature is right.".to_owned(),
            (None, true) => format!("The signature is right, but the request is refused: {reason}. {advice}"),
            (None, false) if reason == "the signature does not match" => {
                format!("The signature is not right. {advice}")
            }
            (None, false) => format!("The signature is not right: {reason}. {advice}"),
            (Some(_), _) => format!("Refused: {reason}. {advice}"),
        };
        text.trim_end().to_owned()
    }

    pub(super) fn json(&self) -> Value {
        json!({
            "signature_is_right": self.refused.is_none().then_some(self.is_right),
            "reason": self.reason,
            "advice": self.advice,
            "method": self.method,
            "carriage": self.carriage,
            "base_string": self.base_string,
            "parameters": self.parameters(),
            "client_base_string": self.theirs,
            "difference": self.difference.as_ref().map(|difference| json!({
                "part": part(&difference.part),
                "ours": difference.ours,
                "theirs": difference.theirs,
                "at": first_difference(&difference.ours, &difference.theirs),
            })),
            "clock_skew_seconds": self.clock_skew,
            "nonce_was_used": self.nonce_was_used,
            "refused": self.refused.as_ref().map(|refusal| json!({
                "request_id": refusal.request_id,
                "at": refusal.at.seconds(),
                "endpoint": refusal.endpoint,
                "client_id": refusal.client,
                "code": refusal.code,
            })),
        })
    }

    pub(super) fn text(&self) -> String {
        let mut lines = vec![self.verdict(), String::new()];
        if let Some(refusal) = &self.refused {
            let client = refusal.client.as_deref().unwrap_or("nobody known");
            lines.push(format!("request    {} to {} by {client}", refusal.request_id, refusal.endpoint));
            lines.push(format!("refused    {} at {}", refusal.code, when(refusal.at)));
        }
        if let (Some(method), Some(carriage)) = (&self.method, &self.carriage) {
            lines.push(format!("signed by  {method}, in the {carriage}"));
        }
        if let Some(skew) = self.clock_skew {
            let against = if self.refused.is_some() { "ours" } else { "the time of the request" };
            lines.push(match skew {
                0 => format!("clock      the same as {against}"),
                skew if skew < 0 => format!("clock      {} s behind {against}", skew.unsigned_abs()),
                skew => format!("clock      {skew} s ahead of {against}"),
            });
        }
        if let Some(was_used) = self.nonce_was_used {
            let said = if was_used { "was used before" } else { "was not used before" };
            lines.push(format!("nonce      {said}"));
        }
        if let Some(ours) = &self.base_string {
            let masked = if self.refused.is_some() { ", values masked" } else { "" };
            lines.extend([
                String::new(),
                format!("Base string, as it should be{masked}:"),
                format!("  {ours}"),
            ]);
            let mut parts = ours.split('&').map(decoded);
            lines.push(format!(
                "  {} {}",
                parts.next().unwrap_or_default(),
                parts.next().unwrap_or_default()
            ));
            lines.extend(self.parameters().into_iter().map(|field| format!("    {field}")));
        }
        if let Some(theirs) = &self.theirs {
            lines.extend([
                String::new(),
                "Base string, as the client made it:".to_owned(),
                format!("  {theirs}"),
            ]);
            match &self.difference {
                Some(difference) => lines.extend(side_by_side(difference)),
                None => lines.push("They are equal.".to_owned()),
            }
        }
        lines.join("\n")
    }
}

/// The first difference, with a caret below it.
fn side_by_side(difference: &Difference) -> [String; 4] {
    let at = first_difference(&difference.ours, &difference.theirs);
    // What is long is shown from a little before the difference on.
    let start = if at > 60 { at - 40 } else { 0 };
    let shown = |text: &str| {
        let cut: String = text.chars().skip(start).take(100).collect();
        if start > 0 { format!("…{cut}") } else { cut }
    };
    let caret = at - start + usize::from(start > 0);
    [
        format!("They differ first in {}:", part(&difference.part)),
        format!("  ours    {}", shown(&difference.ours)),
        format!("  theirs  {}", shown(&difference.theirs)),
        format!("          {:caret$}^", ""),
    ]
}

/// How many characters are the same.
fn first_difference(ours: &str, theirs: &str) -> usize {
    ours.chars().zip(theirs.chars()).take_while(|(our, their)| our == their).count()
}

fn part(part: &Part) -> String {
    match part {
        Part::Shape => "their shape".to_owned(),
        Part::Method => "the HTTP method".to_owned(),
        Part::Uri => "the URI".to_owned(),
        Part::Parameter(name) => format!("the parameter {}", name.escape_debug()),
        Part::Order => "the order of the parameters".to_owned(),
    }
}

fn decoded(text: &str) -> String {
    percent::decode_text(text, Plus::Literal).map_or_else(|_| text.to_owned(), std::borrow::Cow::into_owned)
}
