//! `/admin/refusals`: what was refused, and why.

use async_trait::async_trait;
use percent_encoding::percent_decode_str;
use valetkey_ports::{Refusal, RefusedSignature};

use super::{asked, cut_by_count};
use crate::{
    contexts::{self, RefusalRow, SignatureRow},
    page::{Outcome, Page, encode},
    site::Site,
    visit::Visit,
};

pub(in crate::pages) struct Refusals;

#[async_trait]
impl Page for Refusals {
    async fn show(&self, site: &Site, visit: &Visit<'_>) -> Outcome {
        let request_id = visit.query.get("request_id").map(str::trim).filter(|id| !id.is_empty());
        let mut refusals = site.engine().ports().refusals.list(request_id, &asked(visit)).await?;
        let more = request_id.map(|id| format!("&request_id={}", encode(id))).unwrap_or_default();
        let paging = cut_by_count(site, visit, &mut refusals, &more);
        let page = contexts::AdminRefusals {
            page: visit.page(site, "refusals"),
            request_id: request_id.unwrap_or_default().to_owned(),
            refusals: refusals.iter().map(row).collect(),
            paging,
        };
        site.ok(visit, "admin_refusals", &page)
    }
}

pub(super) fn row(refusal: &Refusal) -> RefusalRow {
    RefusalRow {
        at: refusal.at.seconds(),
        request_id: refusal.request_id.clone(),
        endpoint: refusal.endpoint.clone(),
        client_id: refusal.client.clone(),
        code: refusal.code.clone(),
        reason: refusal.reason.clone(),
        signature: refusal.signature.as_ref().map(signature),
    }
}

fn signature(refused: &RefusedSignature) -> SignatureRow {
    let (request, parameters) = parts(&refused.base_string).unzip();
    let sign = request.as_deref().zip(parameters.as_deref());
    let sign = sign.and_then(|(request, parameters)| command(request, parameters, refused));
    SignatureRow {
        method: refused.method.clone(),
        carriage: refused.carriage.clone(),
        base_string: refused.base_string.clone(),
        request,
        parameters: parameters.unwrap_or_default(),
        clock_skew: refused.clock_skew,
        nonce_was_used: refused.nonce_was_used,
        advice: refused.advice.clone(),
        sign,
    }
}

/// A base string for the eye (RFC 5849 §3.4.1.1): method and address, and the parameters one a line. They are decoded
/// once, so that they stand as they were sorted.
fn parts(base_string: &str) -> Option<(String, String)> {
    let mut parts = base_string.split('&').map(|part| percent_decode_str(part).decode_utf8_lossy());
    let (method, address, parameters) = (parts.next()?, parts.next()?, parts.next()?);
    Some((format!("{method} {address}"), parameters.replace('&', "\n")))
}

/// What makes such a request rightly, for whoever has the secrets. What holds another character than addresses and keys
/// usually do is left out of a line that somebody pastes into a shell.
fn command(request: &str, parameters: &str, refused: &RefusedSignature) -> Option<String> {
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~:/%[]".contains(&b));
    let (http, address) = request.split_once(' ').filter(|(http, address)| plain(http) && plain(address))?;
    let of = |name: &str| {
        let value = parameters.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='))?;
        Some(value).filter(|value| plain(value))
    };
    let mut line = format!("valetkey oauth1 sign --key {} --secret-file SECRET", of("oauth_consumer_key")?);
    if parameters.lines().any(|line| line.starts_with("oauth_token=")) {
        line.push_str(" --token TOKEN --token-secret-file TOKEN_SECRET");
    }
    if plain(&refused.method) {
        line.push_str(" --method ");
        line.push_str(&refused.method);
    }
    if matches!(refused.carriage.as_str(), "query" | "body") {
        line.push_str(" --carriage ");
        line.push_str(&refused.carriage);
    }
    line.push_str(&format!(" --request {http} --curl '{address}'"));
    Some(line)
}

#[cfg(test)]
mod tests {
    use super::{RefusedSignature, command, parts};

    #[test]
    fn the_command_that_signs_it_rightly_is_given_and_holds_nothing_that_a_shell_would_read() {
        let refused = RefusedSignature {
            method: "HMAC-SHA1".to_owned(),
            carriage: "query".to_owned(),
            base_string: String::new(),
            clock_skew: None,
            nonce_was_used: false,
            advice: String::new(),
        };
        let parameters = "oauth_consumer_key=demo\noauth_token=vk_st_ab...\nq=...";
        assert_eq!(
            command("GET https://api.example/photos", parameters, &refused).unwrap(),
            "valetkey oauth1 sign --key demo --secret-file SECRET --token TOKEN --token-secret-file TOKEN_SECRET \
             --method HMAC-SHA1 --carriage query --request GET --curl 'https://api.example/photos'"
        );
        assert!(command("GET https://a/';rm", parameters, &refused).is_none());
        assert!(command("GET https://a/", "oauth_consumer_key=a$(b)", &refused).is_none());
        let strange = RefusedSignature { method: "$(reboot)".to_owned(), ..refused };
        assert!(!command("GET https://a/", parameters, &strange).unwrap().contains("reboot"));
    }

    #[test]
    fn a_base_string_is_taken_apart_for_the_eye() {
        let (request, parameters) =
            parts("POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26b5%3D%253D%25253D")
                .unwrap();
        assert_eq!(request, "POST http://example.com/request");
        assert_eq!(parameters, "a2=r%20b\na3=2%20q\nb5=%3D%253D");
        assert!(parts("no base string").is_none());
    }
}
