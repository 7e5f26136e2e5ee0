//! Sealing: what may lie in a database only in a form that the database cannot read.
//!
//! One [`MasterKey`] stands outside the database. From it HKDF-SHA-256 (RFC 5869) derives a key for every purpose, and
//! AES-256-GCM with a random nonce seals under that. The purpose and the row's own context are authenticated with the
//! ciphertext: a sealed value moved to another row, column or purpose does not open.
//!
//! Sealed form: version (1), key id (8), nonce (12), ciphertext, tag (16). The key id names the master key, so that an
//! older one can stay readable while a newer one seals. Random nonces allow 2³² seals for one purpose under one master
//! key (NIST SP 800-38D §8.3); what is sealed per request uses [`Sealer::seal_under`], which has a key of its own each time.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use zeroize::Zeroizing;

use crate::aws_lc::{AeadKey, ExpandKey, NONCE_LEN, TAG_LEN};
use crate::{CryptoError, digest};

/// The key above all others: 32 octets that never lie in the database (design decision 13).
///
/// Prints nothing, and is wiped when dropped.
#[derive(Clone)]
pub struct MasterKey(Zeroizing<[u8; 32]>);

impl MasterKey {
    /// The length in octets.
    pub const LEN: usize = 32;

    /// Takes 32 octets from a good generator.
    #[must_use]
    pub fn new(octets: [u8; Self::LEN]) -> Self {
        Self(Zeroizing::new(octets))
    }

    /// Takes octets read from a file, the environment or a command.
    ///
    /// # Errors
    /// [`CryptoError::KeyRejected`] when they are not exactly 32, or all the same octet.
    pub fn parse(octets: &[u8]) -> Result<Self, CryptoError> {
        let key: [u8; Self::LEN] = octets.try_into().map_err(|_| CryptoError::KeyRejected)?;
        if key.iter().all(|octet| *octet == key[0]) {
            return Err(CryptoError::KeyRejected);
        }
        Ok(Self::new(key))
    }

    /// The octets, to write them where the operator keeps them.
    #[must_use]
    pub fn expose(&self) -> &[u8; Self::LEN] {
        &self.0
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(redacted)")
    }
}

/// Seals and opens, under the current master key and, for opening, older ones.
///
/// ```
/// use valetkey_crypto::{CryptoError, MasterKey, Sealer};
///
/// let sealer = Sealer::new(&MasterKey::new([7; 32]));
/// let sealed = sealer.seal("signing-key", b"row 1", b"secret")?;
/// assert_eq!(&*sealer.open("signing-key", b"row 1", &sealed)?, b"secret");
/// assert_eq!(sealer.open("signing-key", b"row 2", &sealed).unwrap_err(), CryptoError::BrokenSeal);
/// # Ok::<(), CryptoError>(())
/// ```
pub struct Sealer {
    current: Ring,
    older: Vec<Ring>,
}

impl Sealer {
    /// A sealer with one master key.
    #[must_use]
    pub fn new(current: &MasterKey) -> Self {
        Self { current: Ring::new(current), older: Vec::new() }
    }

    /// Adds a master key that was current before: it opens, and never seals.
    #[must_use]
    pub fn with_older(mut self, key: &MasterKey) -> Self {
        self.older.push(Ring::new(key));
        self
    }

    /// The id of the current master key: 16 hexadecimal digits that say nothing about the key.
    #[must_use]
    pub fn key_id(&self) -> String {
        self.current.id.iter().map(|octet| format!("{octet:02x}")).collect()
    }

    /// Whether `sealed` names another master key than the current one, and so wants to be sealed anew.
    #[must_use]
    pub fn is_outdated(&self, sealed: &[u8]) -> bool {
        Sealed::parse(sealed).is_ok_and(|sealed| sealed.id != self.current.id)
    }

    /// Seals `plaintext` for `purpose`, bound to `context` (the row it will lie in).
    ///
    /// # Errors
    /// [`CryptoError::Backend`].
    pub fn seal(
        &self,
        purpose: &'static str,
        context: &[u8],
        plaintext: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        let keys = self.current.purpose(purpose)?;
        self.current.seal(&keys.seal, purpose, context, plaintext)
    }

    /// Opens what [`seal`](Self::seal) sealed for the same purpose and context.
    ///
    /// # Errors
    /// [`CryptoError::MalformedSeal`], [`CryptoError::UnknownMasterKey`], or [`CryptoError::BrokenSeal`] when the
    /// octets, the purpose or the context are not the ones of the sealing.
    pub fn open(
        &self,
        purpose: &'static str,
        context: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let sealed = Sealed::parse(sealed)?;
        let keys = self.ring(sealed.id)?.purpose(purpose)?;
        sealed.open(&keys.seal, purpose, context)
    }

    /// Seals under a key derived from the master key *and* `extra_key_material`, so that neither alone opens it.
    ///
    /// The material must be hard to guess: a presented handle, for instance. Cheap enough for every request.
    ///
    /// # Errors
    /// [`CryptoError::Backend`].
    pub fn seal_under(
        &self,
        purpose: &'static str,
        extra_key_material: &[u8],
        context: &[u8],
        plaintext: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        let key = self.current.purpose(purpose)?.under(extra_key_material)?;
        self.current.seal(&key, purpose, context, plaintext)
    }

    /// Opens what [`seal_under`](Self::seal_under) sealed with the same material, purpose and context.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_under(
        &self,
        purpose: &'static str,
        extra_key_material: &[u8],
        context: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let sealed = Sealed::parse(sealed)?;
        let key = self.ring(sealed.id)?.purpose(purpose)?.under(extra_key_material)?;
        sealed.open(&key, purpose, context)
    }

    /// Derives 32 octets for `purpose` and `context` from the current master key: check values, keys of cookie MACs.
    ///
    /// Independent of every sealing key, also of one with the same purpose.
    #[must_use]
    pub fn derive(&self, purpose: &'static str, context: &[u8]) -> [u8; 32] {
        *self.current.root.expand(&[
            b"valetkey/1/derive",
            &length(purpose.as_bytes()),
            purpose.as_bytes(),
            context,
        ])
    }

    fn ring(&self, id: KeyId) -> Result<&Ring, CryptoError> {
        std::iter::once(&self.current)
            .chain(&self.older)
            .find(|ring| ring.id == id)
            .ok_or(CryptoError::UnknownMasterKey)
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealer").field("key_id", &self.key_id()).field("older", &self.older.len()).finish()
    }
}

type KeyId = [u8; KEY_ID_LEN];

/// What hangs from one master key: its id, and the keys of the purposes that were asked for so far.
struct Ring {
    id: KeyId,
    root: ExpandKey,
    purposes: RwLock<HashMap<&'static str, Arc<PurposeKeys>>>,
}

impl Ring {
    fn new(master: &MasterKey) -> Self {
        let root = ExpandKey::extract(b"valetkey/1/master", master.expose());
        let hash = digest::sha256(&*root.expand(&[b"valetkey/1/key-id"]));
        let mut id = [0; KEY_ID_LEN];
        id.copy_from_slice(&hash[..KEY_ID_LEN]);
        Self { id, root, purposes: RwLock::default() }
    }

    fn purpose(&self, purpose: &'static str) -> Result<Arc<PurposeKeys>, CryptoError> {
        let known = self.purposes.read().unwrap_or_else(PoisonError::into_inner).get(purpose).cloned();
        if let Some(keys) = known {
            return Ok(keys);
        }
        let keys = Arc::new(PurposeKeys {
            seal: AeadKey::new(&self.root.expand(&[b"valetkey/1/seal", purpose.as_bytes()]))?,
            under: self.root.descend(&[b"valetkey/1/under", purpose.as_bytes()]),
        });
        self.purposes.write().unwrap_or_else(PoisonError::into_inner).insert(purpose, Arc::clone(&keys));
        Ok(keys)
    }

    fn seal(
        &self,
        key: &AeadKey,
        purpose: &'static str,
        context: &[u8],
        plaintext: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        let mut body = Vec::with_capacity(plaintext.len() + TAG_LEN);
        body.extend_from_slice(plaintext);
        let nonce = key.seal(&associated(self.id, purpose, context), &mut body)?;
        Ok([&[VERSION], &self.id[..], &nonce, &body].concat())
    }
}

struct PurposeKeys {
    seal: AeadKey,
    under: ExpandKey,
}

impl PurposeKeys {
    fn under(&self, material: &[u8]) -> Result<AeadKey, CryptoError> {
        AeadKey::new(&self.under.expand(&[material]))
    }
}

/// A sealed value, taken apart.
struct Sealed<'a> {
    id: KeyId,
    nonce: [u8; NONCE_LEN],
    body: &'a [u8],
}

impl<'a> Sealed<'a> {
    fn parse(sealed: &'a [u8]) -> Result<Self, CryptoError> {
        let rest = sealed.strip_prefix(&[VERSION]).ok_or(CryptoError::MalformedSeal)?;
        let (id, rest) = rest.split_first_chunk::<KEY_ID_LEN>().ok_or(CryptoError::MalformedSeal)?;
        let (nonce, body) = rest.split_first_chunk::<NONCE_LEN>().ok_or(CryptoError::MalformedSeal)?;
        if body.len() < TAG_LEN {
            return Err(CryptoError::MalformedSeal);
        }
        Ok(Self { id: *id, nonce: *nonce, body })
    }

    fn open(&self, key: &AeadKey, purpose: &str, context: &[u8]) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let mut plaintext = Zeroizing::new(self.body.to_vec());
        let length = key.open(self.nonce, &associated(self.id, purpose, context), &mut plaintext)?;
        plaintext.truncate(length);
        Ok(plaintext)
    }
}

/// What is authenticated beside the ciphertext; the purpose carries its length, so that nothing can slide over.
fn associated(id: KeyId, purpose: &str, context: &[u8]) -> Vec<u8> {
    [&[VERSION], &id[..], &length(purpose.as_bytes()), purpose.as_bytes(), context].concat()
}

fn length(octets: &[u8]) -> [u8; 8] {
    (octets.len() as u64).to_be_bytes()
}

const VERSION: u8 = 1;
const KEY_ID_LEN: usize = 8;
