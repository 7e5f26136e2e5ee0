//! Logging in with a password.
//!
//! Guessing is counted in the store before the hash is looked at: per account for browsers that it does not know, per
//! source for everybody; what was right is given back, so that many people behind one address can log in. A browser from which the account has logged in before carries a mark of its own and has a counter
//! of its own, so that a stranger's guessing does not lock the owner out.

use valetkey_crypto::digest::sha256;
use valetkey_oauth2::{Handle, HandleHash, HandleKind, Secret, SessionId, Timestamp};
use valetkey_ports::{Account, Count, EventKind, Session, username_key};

use super::LoginOutcome;
use crate::{Engine, Failure, Peer, password::PasswordPool};

/// What a browser brings to a login.
#[derive(Clone, Debug, Default)]
pub struct Browser {
    /// The mark of earlier logins.
    pub device: Option<Handle>,
    /// The session it has now, which the new one takes the place of.
    pub session: Option<HandleHash>,
    /// What it calls itself.
    pub user_agent: String,
}

/// A login that succeeded: what the browser is given.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// The session's handle.
    pub session: Handle,
    /// The mark by which the browser is known next time.
    pub device: Handle,
}

impl Engine {
    /// Checks a password. Every wrong answer looks alike and takes as long.
    ///
    /// # Errors
    /// The store's faults; [`Failure::Busy`] when too many passwords are being hashed.
    pub async fn check_password(
        &self,
        username: &str,
        password: &Secret,
        device: Option<&Handle>,
        peer: &Peer,
    ) -> Result<LoginOutcome, Failure> {
        let now = self.now();
        let key = username_key(username);
        let account = self.ports().accounts.find_by_username(&key).await?;
        let counted = self.count_login(&key, account.as_ref(), device, peer, now).await?;
        if let Some(wait) = counted.wait {
            self.note("login", "locked", "too many wrong passwords", None, peer);
            return Ok(LoginOutcome::TooMany(wait));
        }
        let hash = account.as_ref().and_then(|account| account.password.as_deref());
        let is_right = password.expose().chars().count() <= self.policy().passwords.max_length
            && match self.passwords().verify(password, hash).await {
                Ok(is_right) => is_right,
                Err(fault) => {
                    // Nothing was tried.
                    self.ports().attempts.give_back(&counted.key, &counted.by_account).await?;
                    self.ports().attempts.give_back(&counted.source, &counted.by_source).await?;
                    return Err(fault);
                }
            };
        match account {
            Some(account) if is_right && account.is_active() => {
                self.ports().attempts.clear(&counted.key).await?;
                self.ports().attempts.give_back(&counted.source, &counted.by_source).await?;
                self.upgrade_hash(&account, password).await?;
                Ok(LoginOutcome::Welcome(Box::new(account)))
            }
            account => {
                let mut event = self.event(EventKind::LoginFailed, peer);
                event.account = account.map(|account| account.id);
                self.record(&[event]).await?;
                Ok(LoginOutcome::Wrong)
            }
        }
    }

    /// Begins a session for somebody who has shown who they are. A session that the browser had is dead from now on.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn begin_session(
        &self,
        account: &Account,
        browser: &Browser,
        peer: &Peer,
    ) -> Result<NewSession, Failure> {
        let now = self.now();
        let handle = self.mint(HandleKind::Session);
        // After the account's mark: what was ended in this same second must not end this one.
        let authenticated_at = now.max(account.not_before.plus(std::time::Duration::from_secs(1)));
        let lifetimes = &self.policy().lifetimes;
        let expires_at = now.plus(lifetimes.session_absolute);
        let session = Session {
            id: SessionId::mint(now, &self.ports().random.bytes()),
            account: account.id,
            created_at: now,
            authenticated_at,
            last_seen_at: now,
            idle_expires_at: now.plus(lifetimes.session_idle).min(expires_at),
            expires_at,
            user_agent: browser.user_agent.chars().filter(|c| !c.is_control()).take(256).collect(),
            address: peer.address.to_string(),
        };
        self.ports().sessions.put(&handle.hash(), &session, browser.session.as_ref()).await?;
        let mut event = self.event(EventKind::Login, peer);
        event.account = Some(account.id);
        self.record(&[event]).await?;
        let device = match &browser.device {
            Some(known) if self.knows_device(account, known, now).await? => known.clone(),
            _ => self.remember_device(account, now).await?,
        };
        Ok(NewSession { session: handle, device })
    }

    async fn upgrade_hash(&self, account: &Account, password: &Secret) -> Result<(), Failure> {
        let Some(old) = account.password.as_deref().filter(|hash| PasswordPool::is_outdated(hash)) else {
            return Ok(());
        };
        let new = self.passwords().hash(password, self.ports().random.bytes()).await?;
        self.ports().accounts.upgrade_password(&account.id, old, &new).await?;
        Ok(())
    }

    /// Counts an attempt, before the hash is looked at.
    async fn count_login(
        &self,
        username_key: &str,
        account: Option<&Account>,
        device: Option<&Handle>,
        peer: &Peer,
        now: Timestamp,
    ) -> Result<Counted, Failure> {
        let limits = &self.policy().limits;
        let known = match (account, device) {
            (Some(account), Some(device)) => {
                self.knows_device(account, device, now).await?.then(|| device_key(account, device))
            }
            _ => None,
        };
        // A name that nobody has is counted like one that somebody has.
        let whose = account.map_or_else(|| username_key.to_owned(), |account| account.id.to_string());
        let key = known.unwrap_or_else(|| sha256(format!("login\0{whose}").as_bytes()));
        let source = sha256(format!("login source\0{}", peer.source()).as_bytes());
        let attempts = &self.ports().attempts;
        let by_account = attempts.count(&key, limits.window, now).await?;
        let by_source = attempts.count(&source, limits.window, now).await?;
        let over = [(by_account, limits.per_account), (by_source, limits.per_source)]
            .into_iter()
            .filter(|(count, most)| count.tries > *most)
            .map(|(count, _)| count.since.plus(limits.window).since(now).as_secs())
            .max();
        Ok(Counted {
            key,
            by_account,
            source,
            by_source,
            wait: over.map(|seconds| u32::try_from(seconds.max(1)).unwrap_or(u32::MAX)),
        })
    }

    /// Whether that mark was given to a browser from which this account has logged in: it lies in the store as long as
    /// it holds, under a name that belongs to both.
    async fn knows_device(
        &self,
        account: &Account,
        device: &Handle,
        now: Timestamp,
    ) -> Result<bool, Failure> {
        let ticket = HandleHash::from_bytes(device_key(account, device));
        Ok(self.ports().replay.find_ticket(&ticket, now).await?.is_some())
    }

    async fn remember_device(&self, account: &Account, now: Timestamp) -> Result<Handle, Failure> {
        let device = self.mint(HandleKind::Device);
        let ticket = HandleHash::from_bytes(device_key(account, &device));
        let until = now.plus(std::time::Duration::from_secs(180 * 24 * 60 * 60));
        self.ports().replay.put_ticket(&ticket, "device", until).await?;
        Ok(device)
    }
}

struct Counted {
    key: [u8; 32],
    by_account: Count,
    source: [u8; 32],
    by_source: Count,
    wait: Option<u32>,
}

fn device_key(account: &Account, device: &Handle) -> [u8; 32] {
    sha256(format!("device\0{}\0{}", account.id, device.expose()).as_bytes())
}
