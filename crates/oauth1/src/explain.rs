//! Why a signature does not fit, in one sentence.
