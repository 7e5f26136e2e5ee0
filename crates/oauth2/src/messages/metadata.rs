//! Authorization server metadata (RFC 8414 §2, RFC 9207 §3): what a client can find out by itself. It is built of the configured
//! facts, never of a request, and written once.

use serde::Serialize;

use crate::{AuthMethod, GrantType, Issuer, ResponseMode, ResponseType};

/// The facts. An empty list or an absent address stays out of the document.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the members are named and explained in RFC 8414 §2")]
pub struct Metadata {
    pub issuer: Issuer,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_endpoint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_endpoint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registration_endpoint: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scopes_supported: Vec<String>,
    /// Required, even if empty.
    pub response_types_supported: Vec<ResponseType>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub response_modes_supported: Vec<ResponseMode>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub grant_types_supported: Vec<GrantType>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub token_endpoint_auth_methods_supported: Vec<AuthMethod>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revocation_endpoint: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub revocation_endpoint_auth_methods_supported: Vec<AuthMethod>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub introspection_endpoint: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub introspection_endpoint_auth_methods_supported: Vec<AuthMethod>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub code_challenge_methods_supported: Vec<String>,
    /// RFC 9207 §3: whether every authorization response names the issuer.
    pub authorization_response_iss_parameter_supported: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_documentation: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ui_locales_supported: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub op_policy_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub op_tos_uri: Option<String>,
}

impl Metadata {
    /// A document that names its issuer and claims nothing else.
    #[must_use]
    pub fn new(issuer: Issuer) -> Self {
        Self {
            issuer,
            authorization_endpoint: None,
            token_endpoint: None,
            jwks_uri: None,
            registration_endpoint: None,
            scopes_supported: Vec::new(),
            response_types_supported: Vec::new(),
            response_modes_supported: Vec::new(),
            grant_types_supported: Vec::new(),
            token_endpoint_auth_methods_supported: Vec::new(),
            revocation_endpoint: None,
            revocation_endpoint_auth_methods_supported: Vec::new(),
            introspection_endpoint: None,
            introspection_endpoint_auth_methods_supported: Vec::new(),
            code_challenge_methods_supported: Vec::new(),
            authorization_response_iss_parameter_supported: false,
            service_documentation: None,
            ui_locales_supported: Vec::new(),
            op_policy_uri: None,
            op_tos_uri: None,
        }
    }

    /// Writes the document.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        // Text, lists of text and one boolean: there is nothing in it that JSON could not hold.
        serde_json::to_vec(self).unwrap_or_default()
    }
}
