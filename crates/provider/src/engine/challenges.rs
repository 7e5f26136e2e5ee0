//! Notices a client that sends the same `code_challenge` again and again (RFC 9700 §2.1.1): its verifier is a constant, and
//! PKCE protects nothing. It is told to its developer through the recent refusals; nothing is decided by it, so memory will
//! do.

use std::sync::{Mutex, PoisonError};

use valetkey_crypto::digest::sha256;
use valetkey_oauth2::{Challenge, ClientId};

/// How many challenges are remembered.
const MOST: usize = 512;

/// The challenges of late, in a ring.
#[derive(Debug, Default)]
pub(crate) struct Challenges {
    ring: Mutex<Ring>,
}

#[derive(Debug, Default)]
struct Ring {
    seen: std::collections::HashSet<[u8; 32]>,
    order: std::collections::VecDeque<[u8; 32]>,
}

impl Challenges {
    /// Remembers a challenge of a client; `true` if it was seen of late.
    pub(crate) fn is_repeated(&self, client: &ClientId, challenge: &Challenge) -> bool {
        let mut text = Vec::with_capacity(client.as_str().len() + 33);
        text.extend_from_slice(challenge.as_bytes());
        text.extend_from_slice(client.as_str().as_bytes());
        let key = sha256(&text);
        let mut ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        if !ring.seen.insert(key) {
            return true;
        }
        ring.order.push_back(key);
        if ring.order.len() > MOST
            && let Some(oldest) = ring.order.pop_front()
        {
            ring.seen.remove(&oldest);
        }
        false
    }
}
