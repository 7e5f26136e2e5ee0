//! Verifiers (RFC 5849 §2.2): unguessable where a redirect carries them, short enough to type where a person does
//! (decision 12).

use valetkey_oauth2::{HandleKind, Secret};

use crate::Engine;

/// How many characters a typed verifier has at the least.
const LENGTH: usize = 8;
/// And at the most, however long an operator wants verifiers to be.
pub(crate) const LONGEST: usize = 32;
/// Without those that are taken for one another: 32 characters, 5 bits each.
const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

impl Engine {
    /// A verifier that a redirect carries.
    pub(crate) fn mint_verifier(&self) -> Secret {
        Secret::new(self.mint(HandleKind::Verifier).expose())
    }

    /// A verifier that a person types: 40 bits, which five tries and an hour make enough; more where the policy's least
    /// length asks for it.
    pub(crate) fn mint_typed_verifier(&self) -> Secret {
        let bits: [u8; LONGEST] = self.ports().random.bytes();
        let length = self.policy().oauth1.limits.least.max(LENGTH);
        let letter = |bits: u8| char::from(LETTERS[usize::from(bits) % LETTERS.len()]);
        Secret::new(bits.into_iter().take(length).map(letter).collect::<String>())
    }
}
