//! Why a signature does not fit, in one sentence that says what to fix.
//!
//! Two ways: [`compare`] looks at the client's base string beside ours, and [`guess`] tries the usual mistakes when
//! nothing but the signature is known. Both are for those who may see the request, its owner and the operator: the wire
//! says no more than `signature_invalid`.

mod compare;
mod guess;

pub use compare::{Difference, Part, compare};
pub use guess::{Mistake, guess, guess_among};
