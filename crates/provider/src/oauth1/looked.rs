//! A signed request, looked at by somebody who asks why: what the checks would say, and nothing used up or counted.

use valetkey_oauth1::{BaseUri, Message, explain::Mistake, verify};
use valetkey_oauth2::{ClientId, Timestamp};

use super::{
    SignatureRefusal,
    check::{Holder, Wanted},
    explained::{NO_USUAL_MISTAKE, clock_advice, skew},
};
use crate::{Engine, Failure, cache::CachedClient};

/// What is to be said of a signed request.
#[derive(Clone, Debug)]
pub struct Looked {
    /// Whether the signature fits. The request may be refused all the same.
    pub is_right: bool,
    /// Our base string (RFC 5849 §3.4.1), whole: for whoever has the request.
    pub base_string: String,
    /// How many seconds the client's clock is ahead.
    pub clock_skew: Option<i64>,
    /// Whether the nonce is remembered.
    pub nonce_was_used: bool,
    /// Why the request is refused, in full; nothing where it is not.
    pub reason: Option<String>,
    /// One sentence: what to mend; nothing where nothing is.
    pub advice: Option<String>,
}

impl Engine {
    /// The base string URI of a request to this server, as it is addressed from outside (RFC 5849 §3.4.1.2).
    ///
    /// # Errors
    /// A path that cannot be signed.
    pub fn signed_uri(&self, target: &str) -> Result<BaseUri, Failure> {
        self.oauth1.uri(target)
    }

    /// Looks at a signed request that came at that time. What to mend is told in the order in which it is mended: the
    /// signature, then what client and token say, then the clock, the nonce last.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn look_at_signature(
        &self,
        message: &Message<'_>,
        uri: &BaseUri,
        at: Timestamp,
    ) -> Result<Looked, Failure> {
        let wanted = self.wanted(uri);
        let client = match ClientId::parse(message.consumer_key()) {
            Ok(id) => self.client(&id).await?.filter(|client| client.oauth1.is_some()),
            Err(_) => None,
        };
        let holder = self.holder(message, wanted).await?;
        let looked = Looked {
            is_right: false,
            base_string: message.base_string(uri),
            clock_skew: skew(message, at),
            nonce_was_used: match &client {
                Some(client) => self.is_nonce_used(&client.id, message, at).await?,
                None => false,
            },
            reason: None,
            advice: None,
        };
        let Some(method) = self.oauth1.methods.find(message.signature_method()) else {
            return Ok(looked.refused(&verify::Refusal::Method.into()));
        };
        let signature = self.signature(message, uri, method, client.as_ref(), &holder, at)?;
        let (Some(client), Ok(())) = (&client, &signature) else {
            let is_wrong = signature == Err(verify::Refusal::Signature);
            let refused = looked.refused(&self.unproved(message, client.as_deref(), &holder, signature));
            return match client.as_deref().filter(|_| is_wrong) {
                Some(client) => self.with_mistake(refused, message, uri, client, &holder, at),
                None => Ok(refused),
            };
        };
        let looked = Looked { is_right: true, ..looked };
        if let Some(refusal) = self.against(client, &holder, method, wanted, at).await? {
            return Ok(looked.refused(&refusal));
        }
        if let Err(refusal) = verify::timestamp(message, at.seconds(), self.policy().oauth1.window) {
            let advice = looked.clock_skew.map(clock_advice);
            return Ok(Looked { advice, ..looked.refused(&refusal.into()) });
        }
        if looked.nonce_was_used {
            let advice = "Make a new nonce for every request, also when one is sent again.".to_owned();
            let reason = "the nonce was used before with this timestamp, client and token".to_owned();
            return Ok(Looked { reason: Some(reason), advice: Some(advice), ..looked });
        }
        Ok(looked)
    }

    /// Which credentials a request to that address is signed with beside the client's.
    fn wanted(&self, uri: &BaseUri) -> Wanted {
        let paths = &self.policy().paths;
        let is = |path: &str| BaseUri::parse(&self.issuer().join(path)).is_ok_and(|own| own == *uri);
        if is(&paths.oauth1_request_token) {
            Wanted::Nothing
        } else if is(&paths.oauth1_access_token) {
            Wanted::Temporary
        } else {
            Wanted::Token
        }
    }

    fn with_mistake(
        &self,
        looked: Looked,
        message: &Message<'_>,
        uri: &BaseUri,
        client: &CachedClient,
        holder: &Holder,
        at: Timestamp,
    ) -> Result<Looked, Failure> {
        let mistake = self.mistake(message, uri, client, holder, (usize::MAX, usize::MAX), at)?;
        let advice = mistake.map_or(NO_USUAL_MISTAKE, Mistake::advice);
        Ok(Looked { advice: Some(advice.to_owned()), ..looked })
    }
}

impl Looked {
    fn refused(self, refusal: &SignatureRefusal) -> Self {
        let (reason, advice) = (refusal.reason.to_string(), refusal.description.to_string());
        Self { reason: Some(reason), advice: Some(advice), ..self }
    }
}
