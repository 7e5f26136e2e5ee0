//! Token exchange (RFC 8693), for one thing: an OAuth 1 access token is exchanged for OAuth 2 tokens. It is the way over
//! from the older protocol, without asking anybody again.
//!
//! Of the OAuth 1 token the wire sees only its name, so naming it proves nothing: whoever exchanges it must have signed
//! with it. Either the token request itself is signed, or it carries an `Authorization` value of OAuth 1 in
//! [`PROOF`], signed for an empty POST to the token endpoint. An exchange may be made any number of times, and does
//! nothing to the OAuth 1 token (RFC 8693 §2.1).

use crate::{ClientId, ErrorCode, Form, HandleHash, Resource, Scope, Secret, resources, scopes};

/// The `subject_token_type` of an OAuth 1 access token. RFC 8693 §3 registers none for it and lets other URIs be used: this
/// one is of our own making, and its namespace is not registered either.
pub const OAUTH1_TOKEN: &str = "urn:valetkey:oauth1-token";
/// An OAuth 2 access token (RFC 8693 §3): what is issued.
pub const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
/// An OAuth 2 refresh token (RFC 8693 §3): what is issued beside it.
pub const REFRESH_TOKEN: &str = "urn:ietf:params:oauth:token-type:refresh_token";

/// The parameter, of our own, that carries the proof where the request itself is not signed: the value of an
/// `Authorization` header of OAuth 1 (RFC 5849 §3.5.1), signed with the subject token for a POST to the token endpoint
/// without parameters and body. Any OAuth 1 library makes one.
pub const PROOF: &str = "subject_token_proof";

/// The token request (RFC 8693 §2.1).
///
/// ```
/// use valetkey_oauth2::{Form, grants::token_exchange::{Params, Refusal}};
/// let form = Form::parse(b"subject_token=t&subject_token_type=urn:valetkey:oauth1-token&scope=read", &[]).unwrap();
/// assert_eq!(Params::parse(&form).unwrap().subject_token.expose(), "t");
/// let form = Form::parse(b"subject_token=t&subject_token_type=urn:ietf:params:oauth:token-type:jwt", &[]).unwrap();
/// assert_eq!(Params::parse(&form).unwrap_err(), Refusal::SubjectType);
/// ```
#[derive(Clone, Debug)]
pub struct Params {
    /// The OAuth 1 access token.
    pub subject_token: Secret,
    /// The proof that it is the asker's, where the request itself is none.
    pub proof: Option<Secret>,
    /// What of the granted scope the access token shall carry; all if nothing is asked.
    pub scope: Option<Scope>,
    /// Whom it shall be for: `resource` (RFC 8707) and `audience` alike, each the URI of a resource.
    pub resources: Vec<Resource>,
}

/// Why a token is not exchanged.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// No `subject_token`.
    #[error("the request has no subject_token")]
    SubjectMissing,
    /// A `subject_token_type` that is not taken here, or none.
    #[error("the subject_token_type is not that of an OAuth 1 token")]
    SubjectType,
    /// A `requested_token_type` that is not given here.
    #[error("the requested_token_type is not given here")]
    RequestedType,
    /// Somebody acts for somebody: nobody may, here.
    #[error("the request has an actor")]
    Actor,
    /// The token is named, and nothing shows that it is the asker's.
    #[error("nothing proves the subject_token")]
    ProofMissing,
    /// The request is signed, and carries a proof beside.
    #[error("the subject_token is proved in two ways at once")]
    TwoProofs,
    /// The proof was signed with another token, or with none.
    #[error("the proof was signed with another token than the subject_token")]
    OtherToken,
    /// The proof was signed by another client.
    #[error("the proof was signed by another client")]
    OtherClient,
    /// See [`scopes::Refusal`].
    #[error(transparent)]
    Scope(#[from] scopes::Refusal),
    /// See [`resources::Refusal`].
    #[error(transparent)]
    Resource(#[from] resources::Refusal),
}

impl Refusal {
    /// What the client hears of it: `invalid_request` for a subject token that is invalid for any reason (RFC 8693 §2.2.2).
    #[must_use]
    pub const fn wire(self) -> (ErrorCode, &'static str) {
        let description = match self {
            Self::Scope(refusal) => return refusal.wire(),
            Self::Resource(refusal) => return refusal.wire(),
            Self::SubjectMissing => "Send the OAuth 1 token as subject_token.",
            Self::SubjectType => {
                "Send subject_token_type=urn:valetkey:oauth1-token: nothing else is exchanged here."
            }
            Self::RequestedType => {
                "Leave requested_token_type out, or ask for an access token: that is what this exchange gives."
            }
            Self::Actor => "Leave actor_token out: nobody acts for others here.",
            Self::ProofMissing => {
                "Sign the request with the subject_token (OAuth 1), or send a signed Authorization value as subject_token_proof."
            }
            Self::TwoProofs => "Sign the request or send subject_token_proof, not both.",
            Self::OtherToken => "Sign with the token that is sent as subject_token.",
            Self::OtherClient => "Sign as the client that asks: its client_id is the consumer key.",
        };
        (ErrorCode::InvalidRequest, description)
    }
}

impl Params {
    /// Reads the token request.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn parse(form: &Form<'_>) -> Result<Self, Refusal> {
        if form.get("actor_token").is_some() || form.get("actor_token_type").is_some() {
            return Err(Refusal::Actor);
        }
        let subject_token = form.get("subject_token").ok_or(Refusal::SubjectMissing)?;
        if form.get("subject_token_type") != Some(OAUTH1_TOKEN) {
            return Err(Refusal::SubjectType);
        }
        if !matches!(form.get("requested_token_type"), None | Some(ACCESS_TOKEN | REFRESH_TOKEN)) {
            return Err(Refusal::RequestedType);
        }
        let mut resources = resources::parse(form)?;
        for name in form.all("audience") {
            let resource = Resource::parse(name).map_err(|_| resources::Refusal::Unknown)?;
            if !resources.contains(&resource) {
                resources.push(resource);
            }
        }
        Ok(Self {
            subject_token: Secret::new(subject_token),
            proof: form.get(PROOF).map(Secret::new),
            scope: scopes::parse(form)?,
            resources,
        })
    }
}

/// What a signature says of who made it. It need not be proved yet.
#[derive(Clone, Copy, Debug)]
pub struct SignedBy<'a> {
    /// The consumer key.
    pub client: &'a str,
    /// The token, under which it is kept; none where the client signed alone.
    pub token: Option<HandleHash>,
}

/// Whether a signature is one of this client and about this subject token.
///
/// # Errors
/// [`Refusal::OtherClient`] or [`Refusal::OtherToken`].
pub fn allow(params: &Params, by: &ClientId, signed: SignedBy<'_>) -> Result<(), Refusal> {
    if signed.client != by.as_str() {
        return Err(Refusal::OtherClient);
    }
    if signed.token != Some(HandleHash::of(params.subject_token.expose())) {
        return Err(Refusal::OtherToken);
    }
    Ok(())
}

/// What of the granted scope the access token carries (security TK-22: never more).
///
/// # Errors
/// [`Refusal::Scope`].
pub fn narrow(granted: &Scope, params: &Params) -> Result<Scope, Refusal> {
    scopes::narrow(granted, params.scope.as_ref()).map_err(Refusal::Scope)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIVEN: &str = "subject_token=t-1&subject_token_type=urn:valetkey:oauth1-token";

    fn read(more: &str) -> Result<Params, Refusal> {
        let text = format!("{GIVEN}{more}");
        Params::parse(&Form::parse(text.as_bytes(), &["resource", "audience"]).unwrap())
    }

    #[test]
    fn resource_and_audience_are_read_alike_and_each_once() {
        let params =
            read("&resource=https://a.example&audience=https://b.example&audience=https://a.example");
        let resources = params.unwrap().resources;
        assert_eq!(
            resources.iter().map(Resource::as_str).collect::<Vec<_>>(),
            ["https://a.example", "https://b.example"]
        );
        assert_eq!(read("&audience=photos").unwrap_err(), Refusal::Resource(resources::Refusal::Unknown));
    }

    #[test]
    fn what_is_not_exchanged_here_is_refused_by_its_name() {
        let actor = "&actor_token=x&actor_token_type=urn:ietf:params:oauth:token-type:jwt";
        assert_eq!(read(actor).unwrap_err(), Refusal::Actor);
        assert_eq!(read("&actor_token_type=x").unwrap_err(), Refusal::Actor);
        let jwt = "&requested_token_type=urn:ietf:params:oauth:token-type:jwt";
        assert_eq!(read(jwt).unwrap_err(), Refusal::RequestedType);
        for kind in [ACCESS_TOKEN, REFRESH_TOKEN] {
            assert!(read(&format!("&requested_token_type={kind}")).is_ok());
        }
        let none = Form::parse(b"subject_token=t-1", &[]).unwrap();
        assert_eq!(Params::parse(&none).unwrap_err(), Refusal::SubjectType);
        let none = Form::parse(b"subject_token_type=urn:valetkey:oauth1-token", &[]).unwrap();
        assert_eq!(Params::parse(&none).unwrap_err(), Refusal::SubjectMissing);
    }

    #[test]
    fn a_signature_counts_for_its_own_client_and_token_only() {
        let params = read("").unwrap();
        let by = ClientId::parse("client-1").unwrap();
        let signed = |client, token: Option<&str>| SignedBy { client, token: token.map(HandleHash::of) };
        assert_eq!(allow(&params, &by, signed("client-1", Some("t-1"))), Ok(()));
        assert_eq!(allow(&params, &by, signed("client-2", Some("t-1"))), Err(Refusal::OtherClient));
        assert_eq!(allow(&params, &by, signed("client-1", Some("t-2"))), Err(Refusal::OtherToken));
        assert_eq!(allow(&params, &by, signed("client-1", None)), Err(Refusal::OtherToken));
    }

    #[test]
    fn neither_token_nor_proof_can_be_printed() {
        let shown = format!("{:?}", read("&subject_token_proof=OAuth+oauth_signature").unwrap());
        assert!(!shown.contains("t-1") && !shown.contains("oauth_signature"), "{shown}");
    }
}
