//! The Valetkey engine: an OAuth 2 provider over http::Request and http::Response.
