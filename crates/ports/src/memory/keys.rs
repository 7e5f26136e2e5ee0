//! Signing keys.

use async_trait::async_trait;

use super::{Memory, State};
use crate::{KeyState, Keys, SigningKeyRecord, StoreError};

#[async_trait]
impl Keys for Memory {
    async fn list(&self) -> Result<Vec<SigningKeyRecord>, StoreError> {
        let state = self.state();
        let mut keys: Vec<_> = state.keys.iter().filter(|key| key.state != KeyState::Gone).cloned().collect();
        keys.sort_by(|one, other| (one.created_at, &one.kid).cmp(&(other.created_at, &other.kid)));
        Ok(keys)
    }

    async fn put(&self, key: &SigningKeyRecord) -> Result<bool, StoreError> {
        let mut state = self.state();
        if state.has_rival(key) || state.keys.iter().any(|kept| kept.kid == key.kid) {
            return Ok(false);
        }
        state.keys.push(key.clone());
        state.epoch += 1;
        Ok(true)
    }

    async fn advance(&self, key: &SigningKeyRecord, from: KeyState) -> Result<bool, StoreError> {
        let mut state = self.state();
        if !state.keys.iter().any(|kept| kept.kid == key.kid && kept.state == from) {
            return Ok(false);
        }
        if key.state == KeyState::Next && state.has_rival(key) {
            return Ok(false);
        }
        for kept in &mut state.keys {
            if kept.kid == key.kid {
                kept.state = key.state;
                kept.activates_at = key.activates_at;
                kept.retired_at = key.retired_at;
                if key.state == KeyState::Gone {
                    kept.sealed.clear();
                }
            } else if key.state == KeyState::Current
                && kept.state == KeyState::Current
                && kept.algorithm == key.algorithm
            {
                kept.state = KeyState::Retiring;
                kept.retired_at = Some(key.activates_at);
            }
        }
        state.epoch += 1;
        Ok(true)
    }
}

impl State {
    /// Whether another key of its algorithm is where only one may be.
    fn has_rival(&self, key: &SigningKeyRecord) -> bool {
        let is_single = matches!(key.state, KeyState::Next | KeyState::Current);
        let is_rival = |kept: &SigningKeyRecord| {
            kept.kid != key.kid && kept.algorithm == key.algorithm && kept.state == key.state
        };
        is_single && self.keys.iter().any(is_rival)
    }
}
