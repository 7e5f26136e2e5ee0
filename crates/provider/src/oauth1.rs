//! OAuth 1.0a in the engine: who signed a request, and what its secrets are.

mod secrets;
