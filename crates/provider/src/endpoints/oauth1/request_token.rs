//! Temporary credentials (RFC 5849 §2.1): the callback is fixed here, before anybody is asked (advisory 2009.1).

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use valetkey_oauth1::{Callback as Asked, Message, Problem, answers};
use valetkey_oauth2::{HandleKind, RedirectUri, Secret};
use valetkey_ports::{Callback, Client, Stage, TemporaryCredentials};

use crate::{
    Engine, Failure, Peer,
    endpoint::{Cors, Endpoint, Look},
    oauth1::{
        SignatureRefusal,
        check::{Signed, Wanted, Way},
        desk, refusal,
    },
};

pub(in crate::endpoints) struct RequestToken;

#[async_trait]
impl Endpoint for RequestToken {
    fn name(&self) -> &'static str {
        "oauth1 request_token"
    }

    fn paths(&self, engine: &Engine) -> Vec<String> {
        super::paths(engine, |policy| &policy.paths.oauth1_request_token)
    }

    fn methods(&self) -> &'static str {
        "GET, POST"
    }

    fn wants_form(&self) -> bool {
        false
    }

    fn cors(&self) -> Cors {
        Cors::None
    }

    fn look(&self) -> Look {
        Look::Signed
    }

    async fn handle(
        &self,
        engine: &Engine,
        request: &Request<Bytes>,
        peer: &Peer,
    ) -> Result<Response<Bytes>, Failure> {
        let authorization = desk::authorization(request);
        let message =
            Message::parse(&desk::received(request, &authorization), &engine.policy().oauth1.limits)?;
        let asked = message.temporary_request()?;
        let uri = engine.oauth1.uri(desk::target(request))?;
        let now = engine.now();
        let way = Way { is_secure: peer.is_secure, peer: Some(peer) };
        let Signed { client, once, .. } =
            engine.check_signature(&message, &uri, Wanted::Nothing, way, now).await?;
        let of_client = |refusal: Box<SignatureRefusal>| SignatureRefusal {
            client: Some(client.id.to_string()),
            ..*refusal
        };
        let callback = callback(&client, &asked.callback).map_err(of_client)?;
        let scope = engine.realms(&client, message.realm()).map_err(of_client)?;
        let token = engine.mint(HandleKind::TemporaryToken);
        let secret = engine.mint_shared_secret();
        let credentials = TemporaryCredentials {
            hash: token.hash(),
            client: client.id.clone(),
            secret: engine.seal_token_secret(&token.hash(), &secret)?,
            callback,
            scope,
            expires_at: now.plus(engine.policy().oauth1.temporary_lifetime),
            stage: Stage::Asked,
        };
        let temporary = &engine.ports().temporary;
        let is_first = match &once {
            Some(once) => temporary.put_once(&credentials, once, &*engine.ports().replay, now).await?,
            None => temporary.put(&credentials).await.map(|()| true)?,
        };
        if !is_first {
            return Err(engine.seen_before(&message, &uri, now));
        }
        let answer = answers::TemporaryCredentials {
            token: token.expose().to_owned(),
            secret: Secret::new(secret.expose()),
        };
        let mut response = refusal::written(StatusCode::OK, answer.write());
        response.headers_mut().extend(engine.sunset_headers(&client));
        Ok(response)
    }
}

/// The callback, if the client has registered it: octet by octet, but for a native one's loopback port.
fn callback(client: &Client, asked: &Asked) -> Result<Callback, Box<SignatureRefusal>> {
    let refuse = |description, reason: String| {
        Box::new(SignatureRefusal::new(Problem::ParameterRejected, description, reason))
    };
    match asked {
        Asked::OutOfBand => {
            let may = client.oauth1.as_ref().is_some_and(|own| own.may_use_oob);
            may.then_some(Callback::OutOfBand).ok_or_else(|| {
                refuse(
                    "Send a registered oauth_callback: this client may not use oob.",
                    "oob, by a client that may not".to_owned(),
                )
            })
        }
        Asked::Uri(raw) => {
            let parsed = RedirectUri::parse(raw).ok().filter(|uri| client.redirect_uri(uri).is_some());
            parsed.map(Callback::Uri).ok_or_else(|| {
                refuse(
                    "Send an oauth_callback that is equal to a registered one, octet by octet.",
                    format!("the callback {raw:?} is not registered"),
                )
            })
        }
    }
}
