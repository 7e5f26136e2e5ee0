//! Randomness.

use valetkey_oauth2::{Handle, HandleKind};

/// Draws what is minted. Tests count.
pub trait Random: Send + Sync {
    /// Fills with random bytes.
    fn fill(&self, bytes: &mut [u8]);
}

impl dyn Random {
    /// An array of random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// A new handle.
    pub fn handle(&self, kind: HandleKind) -> Handle {
        Handle::mint(kind, &self.bytes())
    }
}
