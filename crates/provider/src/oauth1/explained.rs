//! What a refused signature was held against, for the recent refusals.

use valetkey_oauth1::{BaseUri, Message};
use valetkey_oauth2::Timestamp;
use valetkey_ports::RefusedSignature;

use super::check::Holder;
use crate::{Engine, cache::CachedClient};

impl Engine {
    pub(super) fn explained(
        &self,
        message: &Message<'_>,
        uri: &BaseUri,
        _client: Option<&CachedClient>,
        _holder: &Holder,
        now: Timestamp,
    ) -> Option<RefusedSignature> {
        Some(RefusedSignature {
            method: message.signature_method().to_owned(),
            carriage: format!("{:?}", message.place()).to_lowercase(),
            base_string: message.base_string(uri),
            clock_skew: message.timestamp().map(|theirs| theirs - now.seconds()),
            nonce_was_used: false,
            advice: String::new(),
        })
    }
}
