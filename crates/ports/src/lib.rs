//! What the engine asks of the outside: records, one object-safe trait a port, the memory store that keeps every
//! promise of the contract, and (feature `contract`) the suite that every store must pass.
//!
//! The promises: what was acknowledged is durable; what may happen once happens once, whoever races; a crash between
//! two moves leaves less authority, never more; no transaction crosses a port; the purge never blocks a request.

#[cfg(feature = "contract")]
pub mod contract;
pub mod memory;
pub mod ports;
pub mod records;
mod system;
pub mod testing;

pub use ports::*;
pub use records::*;
pub use system::{SystemClock, SystemRandom};
