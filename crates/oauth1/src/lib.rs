//! What RFC 5849 says of OAuth 1.0a.
