//! What a grant type is: a proof of the right to tokens. Client authentication, binding, minting and the answer are the
//! token endpoint's, so a new one cannot forget them.

use async_trait::async_trait;
use valetkey_oauth2::{
    AccountId, Form, GrantId, GrantType, Handle, HandleHash, Resource, Scope, SessionId, Timestamp,
};
use valetkey_ports::{Client, RefreshRecord};

use crate::{AuthenticatedClient, Engine, Failure, Peer, Policy, Switch};

/// One grant type: one file, one line in the list (or handed to the builder).
#[async_trait]
pub trait Grant: Send + Sync {
    /// The registered `grant_type` value.
    fn name(&self) -> GrantType;

    /// Whether clients may use it here: a legacy is off unless switched on.
    fn switch(&self, policy: &Policy) -> Switch {
        let _ = policy;
        Switch::PerClient
    }

    /// Whether this client may use it, where the switch leaves that to the client's registration.
    fn admits(&self, client: &Client) -> bool {
        client.may_use(&self.name())
    }

    /// Whether a request that is signed with OAuth 1 shows by that who its client is.
    fn takes_signatures(&self) -> bool {
        false
    }

    /// Proves the right to tokens.
    ///
    /// # Errors
    /// A [`Failure`] of the code that the specification names.
    async fn authorize(&self, engine: &Engine, asked: &Asked<'_>) -> Result<Authorization, Failure>;

    /// Notes what is to be noted once the tokens are saved, before they are answered.
    ///
    /// # Errors
    /// The store's faults.
    async fn issued(&self, engine: &Engine, asked: &Asked<'_>, right: &Authorization) -> Result<(), Failure> {
        let _ = (engine, asked, right);
        Ok(())
    }
}

/// A token request, as far as all grants share it.
#[derive(Debug)]
pub struct Asked<'a> {
    /// Who asks.
    pub client: &'a AuthenticatedClient,
    /// The form.
    pub form: &'a Form<'a>,
    /// From where.
    pub peer: &'a Peer,
    /// When.
    pub now: Timestamp,
}

/// A proven right to tokens.
#[derive(Clone, Debug)]
pub struct Authorization {
    /// The grant that the tokens hang from.
    pub grant: GrantId,
    /// Whose they are.
    pub account: Option<AccountId>,
    /// In which session it was allowed.
    pub session: Option<SessionId>,
    /// When it was allowed; after every not-before mark of that moment.
    pub authorized_at: Timestamp,
    /// What this access token may do.
    pub scope: Scope,
    /// Where this access token may do it: its audience, never empty.
    pub resources: Vec<Resource>,
    /// What the grant as a whole allows.
    pub granted_scope: Scope,
    /// Where the grant as a whole allows it.
    pub granted_resources: Vec<Resource>,
    /// How the tokens hang from the grant.
    pub hangs: Hangs,
    /// More members for the answer. Those of the specification cannot be overridden.
    pub extra: Vec<(&'static str, serde_json::Value)>,
}

/// How tokens hang from their grant.
#[derive(Clone, Debug)]
pub enum Hangs {
    /// The grant begins with them; with a refresh token where the client may refresh.
    New {
        /// Whether a refresh token may be given.
        refreshable: bool,
    },
    /// The grant begins with them as its code is redeemed, in one move.
    Code {
        /// The code.
        hash: HandleHash,
    },
    /// From the client's one standing grant.
    Standing,
    /// From a grant that has begun before, as a family of their own beside what hangs from it already.
    Begun {
        /// When what gave the right to them ends, if it does: they live no longer.
        until: Option<Timestamp>,
    },
    /// From a family that rotates.
    Rotated {
        /// The family as it was found.
        record: Box<RefreshRecord>,
        /// The refresh token that was presented.
        presented: Handle,
        /// What a retry must be equal in.
        binding: [u8; 32],
    },
    /// From a family that rotated a moment ago: the same successor is given again.
    Retried {
        /// The successor.
        successor: Handle,
    },
}

impl Hangs {
    /// The end that the tokens must not outlive, where there is one beside their lifetimes.
    pub(crate) const fn until(&self) -> Option<Timestamp> {
        match self {
            Self::Begun { until } => *until,
            _ => None,
        }
    }
}

impl Authorization {
    /// A new grant, for a grant type of your own: allowed now, at the issuer itself, without a refresh token.
    #[must_use]
    pub fn new(engine: &Engine, account: Option<AccountId>, scope: Scope, now: Timestamp) -> Self {
        Self {
            grant: engine.mint_grant(now),
            account,
            session: None,
            authorized_at: now,
            granted_scope: scope.clone(),
            scope,
            resources: vec![engine.own_resource().clone()],
            granted_resources: vec![engine.own_resource().clone()],
            hangs: Hangs::New { refreshable: false },
            extra: Vec::new(),
        }
    }
}
