//! Authorization codes.

use std::collections::btree_map::Entry;

use async_trait::async_trait;
use valetkey_oauth2::{ClientId, HandleHash, Timestamp};

use super::{CodeSlot, Memory, purge};
use crate::{Code, Codes, Consumed, StoreError};

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

    async fn find(&self, hash: &HandleHash) -> Result<Consumed, StoreError> {
        Ok(match self.state().codes.get(hash) {
            Some(CodeSlot { code, is_taken: false }) => Consumed::Fresh(Box::new(code.clone())),
            Some(CodeSlot { code, is_taken: true }) => Consumed::Replayed(Box::new(code.clone())),
            None => Consumed::Unknown,
        })
    }

    async fn consume(
        &self,
        hash: &HandleHash,
        by: &ClientId,
        now: Timestamp,
    ) -> Result<Consumed, StoreError> {
        let mut state = self.state();
        let Some(slot) = state.codes.get_mut(hash).filter(|slot| slot.code.facts.client_id == *by) else {
            return Ok(Consumed::Unknown);
        };
        let code = Box::new(slot.code.clone());
        if slot.is_taken {
            return Ok(Consumed::Replayed(code));
        }
        if code.facts.expires_at <= now {
            return Ok(Consumed::Unknown);
        }
        slot.is_taken = true;
        Ok(Consumed::Fresh(code))
    }

    async fn purge(&self, now: Timestamp, batch: u32) -> Result<u64, StoreError> {
        Ok(purge(&mut self.state().codes, batch, |_, slot| match slot.is_taken {
            true => slot.code.remembered_until <= now,
            false => slot.code.facts.expires_at <= now,
        }))
    }
}
