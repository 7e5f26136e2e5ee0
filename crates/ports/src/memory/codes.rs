//! Authorization codes.

use std::collections::btree_map::Entry;

use async_trait::async_trait;
use valetkey_oauth2::{ClientId, HandleHash, Timestamp};

use super::{CodeSlot, Memory, purge};
use crate::{Code, Codes, Found, NewGrant, Opened, Redeemed, StoreError};

#[async_trait]
impl Codes for Memory {
    async fn put(&self, hash: &HandleHash, code: &Code) -> Result<(), StoreError> {
        match self.state().codes.entry(*hash) {
            Entry::Occupied(_) => Err(StoreError::Conflict("a code of that handle".to_owned())),
            Entry::Vacant(place) => {
                place.insert(CodeSlot { code: code.clone(), is_taken: false });
                Ok(())
            }
        }
    }

    async fn find(&self, hash: &HandleHash) -> Result<Found, StoreError> {
        Ok(match self.state().codes.get(hash) {
            Some(CodeSlot { code, is_taken: false }) => Found::Fresh(Box::new(code.clone())),
            Some(CodeSlot { code, is_taken: true }) => Found::Redeemed(Box::new(code.clone())),
            None => Found::Unknown,
        })
    }

    async fn redeem(
        &self,
        hash: &HandleHash,
        by: &ClientId,
        new: &NewGrant,
        now: Timestamp,
    ) -> Result<Redeemed, StoreError> {
        let mut state = self.state();
        let Some(slot) = state.codes.get(hash).filter(|slot| slot.code.facts.client_id == *by) else {
            return Ok(Redeemed::Unknown);
        };
        if slot.is_taken {
            return Ok(Redeemed::Replayed);
        }
        if slot.code.facts.expires_at <= now {
            return Ok(Redeemed::Unknown);
        }
        let outcome = match state.has_ended(&new.grant) {
            true => Redeemed::Ended,
            false => match state.open(new)? {
                Opened::Fresh => Redeemed::Fresh,
                Opened::Revoked => Redeemed::Ended,
            },
        };
        if let Some(slot) = state.codes.get_mut(hash) {
            slot.is_taken = true;
        }
        Ok(outcome)
    }

    async fn purge(&self, now: Timestamp, batch: u32) -> Result<u64, StoreError> {
        Ok(purge(&mut self.state().codes, batch, |_, slot| match slot.is_taken {
            true => slot.code.remembered_until <= now,
            false => slot.code.facts.expires_at <= now,
        }))
    }
}
