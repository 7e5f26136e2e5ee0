//! Verifiers (RFC 5849 §2.2): unguessable where a redirect carries them, short enough to type where a person does
//! (decision 12).

use valetkey_oauth2::{HandleKind, Secret};

use crate::Engine;

/// How many characters a typed verifier has.
pub(crate) const LENGTH: usize = 8;
/// Without those that are taken for one another: 32 characters, 5 bits each.
const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

impl Engine {
    /// A verifier that a redirect carries.
    pub(crate) fn mint_verifier(&self) -> Secret {
        Secret::new(self.mint(HandleKind::Verifier).expose())
    }

    /// A verifier that a person types: 40 bits, which five tries and an hour make enough.
    pub(crate) fn mint_typed_verifier(&self) -> Secret {
        let bits: [u8; LENGTH] = self.ports().random.bytes();
        let letter = |bits: u8| char::from(LETTERS[usize::from(bits) % LETTERS.len()]);
        Secret::new(bits.into_iter().map(letter).collect::<String>())
    }
}
