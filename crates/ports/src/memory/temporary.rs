//! OAuth 1 temporary credentials.

use std::collections::btree_map::Entry;

use async_trait::async_trait;
use valetkey_oauth2::{ClientId, HandleHash, Timestamp};

use super::{Memory, TemporarySlot, purge};
use crate::{Allowance, NewGrant, Opened, Stage, StoreError, Temporary, TemporaryCredentials, Traded};

#[async_trait]
impl Temporary for Memory {
    async fn put(&self, credentials: &TemporaryCredentials) -> Result<(), StoreError> {
        match self.state().temporary.entry(credentials.hash) {
            Entry::Occupied(_) => Err(StoreError::Conflict("temporary credentials of that token".to_owned())),
            Entry::Vacant(place) => {
                place.insert(TemporarySlot { credentials: credentials.clone(), tries: 0 });
                Ok(())
            }
        }
    }

    async fn find(&self, hash: &HandleHash) -> Result<Option<TemporaryCredentials>, StoreError> {
        Ok(self.state().temporary.get(hash).map(|slot| slot.credentials.clone()))
    }

    async fn allow(
        &self,
        hash: &HandleHash,
        allowance: &Allowance,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        Ok(self.state().decide(hash, Stage::Allowed(allowance.clone()), now))
    }

    async fn deny(&self, hash: &HandleHash, now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.state().decide(hash, Stage::Denied, now))
    }

    async fn trade(
        &self,
        hash: &HandleHash,
        by: &ClientId,
        verifier: &HandleHash,
        tries: u32,
        new: &NewGrant,
        now: Timestamp,
    ) -> Result<Traded, StoreError> {
        let mut state = self.state();
        let Some(slot) = state.temporary.get_mut(hash).filter(|slot| slot.credentials.client == *by) else {
            return Ok(Traded::Unknown);
        };
        let allowance = match &slot.credentials.stage {
            Stage::Allowed(allowance) if now < slot.credentials.expires_at => allowance,
            Stage::Exchanged => return Ok(Traded::Replayed),
            _ => return Ok(Traded::Unknown),
        };
        if allowance.verifier != *verifier {
            slot.tries += 1;
            if slot.tries >= tries {
                slot.credentials.stage = Stage::Denied;
            }
            return Ok(Traded::WrongVerifier);
        }
        let outcome = match state.has_ended(&new.grant) {
            true => Traded::Ended,
            false => match state.open(new)? {
                Opened::Fresh => Traded::Fresh,
                Opened::Revoked => Traded::Ended,
            },
        };
        if let Some(slot) = state.temporary.get_mut(hash) {
            slot.credentials.stage = Stage::Exchanged;
        }
        Ok(outcome)
    }

    async fn purge(&self, now: Timestamp, batch: u32) -> Result<u64, StoreError> {
        Ok(purge(&mut self.state().temporary, batch, |_, slot| slot.credentials.expires_at <= now))
    }
}

impl super::State {
    /// Writes down what a person decided, if nobody has and there is still time.
    fn decide(&mut self, hash: &HandleHash, stage: Stage, now: Timestamp) -> bool {
        let slot = self.temporary.get_mut(hash);
        let is_open = |slot: &&mut TemporarySlot| {
            slot.credentials.stage == Stage::Asked && now < slot.credentials.expires_at
        };
        slot.filter(is_open).map(|slot| slot.credentials.stage = stage).is_some()
    }
}
