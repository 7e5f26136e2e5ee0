//! Guards for protected resources: checks OAuth access tokens, as a tower layer and axum extractors.
