//! What the OAuth 2 specifications say: values, messages and rules, without IO.
