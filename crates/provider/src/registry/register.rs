//! Clients: registered and changed.

use valetkey_oauth2::{AccountId, ClientId, GrantType, Scope, Secret, Timestamp};
use valetkey_ports::{
    Client, ClientKind, ClientOrigin, ClientSecret, EventKind, Lifetimes, Page, PkcePolicy, StoreError,
};

use super::{Checked, ClientDraft, Problem, Registered, Rights, changes::Mine, check, names::skeleton};
use crate::{Engine, Failure, config::AppRegistration, people::Actor};

/// The most apps that one developer registers.
const APPS: usize = 100;
/// How many clients are read at once.
const PAGE: u32 = 500;

impl Engine {
    /// Registers a client.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn register(
        &self,
        draft: &ClientDraft,
        actor: &Actor,
    ) -> Result<Result<Registered, Vec<Problem>>, Failure> {
        if let Some(refused) = self.may_register(actor).await? {
            return Ok(Err(vec![refused]));
        }
        let known = self.grant_names();
        let rights = Rights { is_operator: actor.is_operator(), grant_types: &known, now: None };
        let mut checked = match check(self.policy(), draft, rights) {
            Ok(checked) => checked,
            Err(problems) => return Ok(Err(problems)),
        };
        if let Some(problem) = self.taken_for_another(&mut checked, None, actor).await? {
            return Ok(Err(vec![problem]));
        }
        let now = self.now();
        let (secret, secrets) = self.first_secret(&checked, draft, now).await?;
        let warnings = std::mem::take(&mut checked.warnings);
        let id = checked.client_id.take().unwrap_or_else(|| ClientId::mint(&self.ports().random.bytes()));
        let oauth1_secret = match &mut checked.oauth1 {
            Some(own) => self.fill_shared(&id, None, own, draft.oauth1.secret.as_ref(), now)?,
            None => None,
        };
        let new =
            Client { owner: actor.account().copied(), origin: actor.origin(), secrets, ..empty(id, now) };
        let client = filled(new, checked, now);
        match self.ports().clients.put(&client).await {
            Ok(()) => {}
            Err(StoreError::Conflict(_)) => {
                return Ok(Err(vec![Problem::new(
                    "client_id",
                    "That client id is, or was, another client's.",
                )]));
            }
            Err(fault) => return Err(fault.into()),
        }
        self.client_changed(&client, EventKind::ClientCreated, &client.name, actor).await?;
        Ok(Ok(Registered { client, secret, oauth1_secret, warnings }))
    }

    /// Changes a client; `None` when there is none, or it is somebody else's.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn update_client(
        &self,
        id: &ClientId,
        draft: &ClientDraft,
        actor: &Actor,
    ) -> Result<Option<Result<Registered, Vec<Problem>>>, Failure> {
        let turn = self.changes.lock().await;
        let old = match self.mine(id, actor).await? {
            Mine::Yes(client) => client,
            Mine::No(super::Changed::ReadOnly) => {
                let problem = Problem::new("", "The configuration declares this client: change it there.");
                return Ok(Some(Err(vec![problem])));
            }
            Mine::No(_) => return Ok(None),
        };
        let known = self.grant_names();
        let rights = Rights { is_operator: actor.is_operator(), grant_types: &known, now: Some(&old) };
        let mut checked = match check(self.policy(), draft, rights) {
            Ok(checked) => checked,
            Err(problems) => return Ok(Some(Err(problems))),
        };
        if let Some(problem) = self.taken_for_another(&mut checked, Some(&old), actor).await? {
            return Ok(Some(Err(vec![problem])));
        }
        let now = self.now();
        let (secret, secrets) = match (checked.kind, &draft.client_secret) {
            (ClientKind::Web, None)
                if checked.shows_secret() && old.is_confidential() && !old.secrets.is_empty() =>
            {
                (None, old.secrets.clone())
            }
            _ => self.first_secret(&checked, draft, now).await?,
        };
        let oauth1_secret = match &mut checked.oauth1 {
            Some(own) => self.fill_shared(id, old.oauth1.as_ref(), own, draft.oauth1.secret.as_ref(), now)?,
            None => None,
        };
        let mut warnings = std::mem::take(&mut checked.warnings);
        let was_trusted = old.is_trusted;
        let mut client = filled(Client { secrets, ..(*old).clone() }, checked, now);
        // An operator vouched for what the app was, not for what its developer makes of it.
        let is_another = client.redirect_uris != old.redirect_uris
            || client.name != old.name
            || client.kind != old.kind
            || (client.oauth1.is_some() && old.oauth1.is_none());
        if was_trusted && is_another && !actor.is_operator() {
            client.is_trusted = false;
            warnings.push("The app is no longer vouched for: an operator must look at the change.".into());
        }
        if client == (Client { updated_at: client.updated_at, ..(*old).clone() }) {
            return Ok(Some(Ok(Registered { client: *old, secret, oauth1_secret, warnings })));
        }
        if !self.ports().clients.update(&client).await? {
            return Ok(None);
        }
        drop(turn);
        self.client_changed(&client, EventKind::ClientChanged, &client.name, actor).await?;
        Ok(Some(Ok(Registered { client, secret, oauth1_secret, warnings })))
    }

    /// The apps that an account has registered.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn apps_of(&self, account: &AccountId) -> Result<Vec<Client>, Failure> {
        let mut all = Vec::new();
        let mut page = Page::first(PAGE);
        loop {
            let some = self.ports().clients.list(Some(account), &page).await?;
            let Some(last) = some.last() else { return Ok(all) };
            page.after = Some(last.id.to_string());
            all.extend(some);
        }
    }

    /// A client, if it is the actor's business: somebody else's is not there (security OP-01).
    ///
    /// # Errors
    /// The store's faults.
    pub async fn client_for(&self, id: &ClientId, actor: &Actor) -> Result<Option<Client>, Failure> {
        let found = self.ports().clients.find(id).await?;
        Ok(found.filter(|client| {
            actor.is_operator() || (client.owner.is_some() && client.owner.as_ref() == actor.account())
        }))
    }

    /// Why the actor may not register an app, if so.
    async fn may_register(&self, actor: &Actor) -> Result<Option<Problem>, Failure> {
        let Actor::Account(account) = actor else { return Ok(None) };
        if self.policy().app_registration == AppRegistration::Administrators {
            return Ok(Some(Problem::new("", "Apps are registered by an administrator here.")));
        }
        if self.apps_of(account).await?.len() >= APPS {
            return Ok(Some(Problem::new("", format!("You have {APPS} apps already: delete one first."))));
        }
        Ok(None)
    }

    fn grant_names(&self) -> Vec<GrantType> {
        self.grants().iter().map(|grant| grant.name()).collect()
    }

    /// The secrets that a client begins with: a given one, or a made one with its text.
    async fn first_secret(
        &self,
        checked: &Checked,
        draft: &ClientDraft,
        now: Timestamp,
    ) -> Result<(Option<Secret>, Vec<ClientSecret>), Failure> {
        match (checked.kind, &draft.client_secret) {
            _ if !checked.shows_secret() => Ok((None, Vec::new())),
            (ClientKind::Browser | ClientKind::Native, _) => Ok((None, Vec::new())),
            (ClientKind::Web, Some(given)) => Ok((None, vec![self.keep_given(given, now).await?])),
            (ClientKind::Web, None) => {
                let (secret, kept) = self.make_secret(now);
                Ok((Some(secret), vec![kept]))
            }
        }
    }

    /// Whether the name would be taken for somebody else's app (security RG-03): a developer must choose another, an
    /// operator is told.
    async fn taken_for_another(
        &self,
        checked: &mut Checked,
        now: Option<&Client>,
        actor: &Actor,
    ) -> Result<Option<Problem>, Failure> {
        if now.is_some_and(|client| client.name == checked.name) {
            return Ok(None);
        }
        let wanted = skeleton(&checked.name);
        let owner = now.map_or_else(|| actor.account().copied(), |client| client.owner);
        let mut page = Page::first(PAGE);
        loop {
            let some = self.ports().clients.list(None, &page).await?;
            let Some(last) = some.last() else { break };
            page.after = Some(last.id.to_string());
            let twin = some.iter().find(|other| {
                now.is_none_or(|client| client.id != other.id) && skeleton(&other.name) == wanted
            });
            let Some(twin) = twin else { continue };
            if actor.is_operator() || (owner.is_some() && twin.owner == owner) {
                checked.warnings.push(format!("The name can be taken for that of the client {}.", twin.id));
                return Ok(None);
            }
            return Ok(Some(Problem::new("name", "Another app has this name, or one that looks the same.")));
        }
        Ok(None)
    }
}

/// A client of which nothing is known yet.
fn empty(id: ClientId, now: Timestamp) -> Client {
    Client {
        oauth1: None,
        id,
        name: String::new(),
        kind: ClientKind::Web,
        owner: None,
        origin: ClientOrigin::Pages,
        site: None,
        logo: None,
        policy: None,
        terms: None,
        redirect_uris: Vec::new(),
        grant_types: Vec::new(),
        scope: Scope::empty(),
        default_scope: None,
        resources: Vec::new(),
        auth_methods: Vec::new(),
        secrets: Vec::new(),
        pkce: PkcePolicy::Required,
        token_format: None,
        lifetimes: Lifetimes::default(),
        origins: Vec::new(),
        is_trusted: false,
        may_introspect: false,
        disabled_at: None,
        not_before: Timestamp::default(),
        created_at: now,
        updated_at: now,
    }
}

/// A client with what was checked in it.
fn filled(client: Client, checked: Checked, now: Timestamp) -> Client {
    Client {
        name: checked.name,
        kind: checked.kind,
        site: checked.site,
        logo: checked.logo,
        policy: checked.policy,
        terms: checked.terms,
        redirect_uris: checked.redirect_uris,
        grant_types: checked.grant_types,
        scope: checked.scope,
        default_scope: checked.default_scope,
        resources: checked.resources,
        auth_methods: checked.auth_methods,
        pkce: checked.pkce,
        token_format: checked.token_format,
        lifetimes: checked.lifetimes,
        origins: checked.origins,
        is_trusted: checked.is_trusted,
        may_introspect: checked.may_introspect,
        oauth1: checked.oauth1,
        updated_at: now,
        ..client
    }
}
