//! Client secrets: made or given, replaced with an overlap (decision 6, security CA-17).

use std::{collections::HashSet, time::Duration};

use valetkey_oauth2::{ClientId, HandleKind, Secret, Timestamp};
use valetkey_ports::{Client, ClientSecret, EventKind, SecretHash};

use super::{Changed, changes::Mine};
use crate::{Engine, Failure, people::Actor};

/// The longest that an old secret lives beside the new one.
pub const MAX_OVERLAP: Duration = Duration::from_secs(90 * 24 * 60 * 60);

impl Engine {
    /// Makes a new secret; the one there is ends after `overlap`, so that two at the most are alive (security CA-17).
    /// `None` when there is no such client, or it keeps no secret or speaks OAuth 1 alone, or the configuration declares it.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn rotate_secret(
        &self,
        id: &ClientId,
        overlap: Duration,
        actor: &Actor,
    ) -> Result<Option<Secret>, Failure> {
        let turn = self.changes.lock().await;
        let Mine::Yes(client) = self.mine(id, actor).await? else { return Ok(None) };
        if !client.is_confidential() || client.secrets.is_empty() {
            return Ok(None);
        }
        let now = self.now();
        let (secret, new) = self.make_secret(now);
        let secrets = replaced(&client.secrets, new, now, overlap.min(MAX_OVERLAP));
        let client = Client { secrets, updated_at: now, ..*client };
        if !self.ports().clients.update(&client).await? {
            return Ok(None);
        }
        drop(turn);
        let detail = format!("the old secret ends in {} seconds", overlap.min(MAX_OVERLAP).as_secs());
        self.client_changed(&client, EventKind::SecretRotated, &detail, actor).await?;
        Ok(Some(secret))
    }

    /// Ends the secret that is being replaced now.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn retire_secret(&self, id: &ClientId, actor: &Actor) -> Result<Changed, Failure> {
        let retire = |client: &mut Client| {
            client.secrets.sort_by_key(|secret| secret.created_at);
            client.secrets = client.secrets.pop().into_iter().collect();
        };
        self.alter_client(id, actor, EventKind::SecretRotated, "the old secret ended", retire).await
    }

    /// Draws a secret: the text for its owner, and what is kept of it.
    pub(super) fn make_secret(&self, now: Timestamp) -> (Secret, ClientSecret) {
        let handle = self.mint(HandleKind::ClientSecret);
        let kept =
            ClientSecret { hash: SecretHash::Sha256(handle.hash()), created_at: now, expires_at: None };
        (Secret::new(handle.expose()), kept)
    }

    /// What is kept of a given secret: a strong one is hashed once, a weak one like a password.
    pub(super) async fn keep_given(&self, secret: &Secret, now: Timestamp) -> Result<ClientSecret, Failure> {
        let hash = if is_strong(secret) {
            SecretHash::of(secret)
        } else {
            SecretHash::Argon2(self.passwords().hash(secret, self.ports().random.bytes()).await?)
        };
        Ok(ClientSecret { hash, created_at: now, expires_at: None })
    }
}

/// The secrets once a new one has come: it, and the youngest of the old ones until the overlap has passed.
fn replaced(old: &[ClientSecret], new: ClientSecret, now: Timestamp, overlap: Duration) -> Vec<ClientSecret> {
    let ends = now.plus(overlap);
    let youngest = old.iter().filter(|secret| secret.is_live(now)).max_by_key(|secret| secret.created_at);
    let kept = youngest.filter(|_| !overlap.is_zero()).map(|secret| ClientSecret {
        expires_at: Some(secret.expires_at.map_or(ends, |until| until.min(ends))),
        ..secret.clone()
    });
    kept.into_iter().chain([new]).collect()
}

/// Whether a given secret is as hard to guess as 128 random bits, by its length and the alphabet it seems to be drawn from.
pub(super) fn is_strong(secret: &Secret) -> bool {
    let text = secret.expose();
    let distinct = text.chars().collect::<HashSet<char>>().len();
    let has = |is: fn(char) -> bool| text.chars().any(is);
    let alphabet = if text.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'))
        || text.chars().all(|c| matches!(c, '0'..='9' | 'A'..='F'))
    {
        16
    } else {
        [
            (has(|c| c.is_ascii_lowercase()), 26),
            (has(|c| c.is_ascii_uppercase()), 26),
            (has(|c| c.is_ascii_digit()), 10),
            (has(|c| !c.is_ascii_alphanumeric()), 8),
        ]
        .into_iter()
        .map(|(is_there, letters)| if is_there { letters } else { 0 })
        .sum::<u32>()
    };
    // Few letters again and again are weak, however long.
    let bits = text.chars().count() as f64 * f64::from(alphabet.max(1)).log2();
    distinct >= 8 && bits >= 128.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strength_is_judged_by_length_and_alphabet() {
        for strong in [
            "6f1ed002ab5595859014ebf0951522d9",
            "gX1fBat3bV7LmQ9pRw2sTe",
            "vk_cs_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG",
        ] {
            assert!(is_strong(&Secret::new(strong)), "{strong}");
        }
        let repeated = "ab".repeat(40);
        for weak in ["hunter2", "6f1ed002ab5595859014ebf0951522d", repeated.as_str(), "correct horse battery"]
        {
            assert!(!is_strong(&Secret::new(weak)), "{weak}");
        }
    }
}
