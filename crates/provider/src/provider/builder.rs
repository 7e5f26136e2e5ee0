//! How a provider is built.

use std::{collections::HashMap, sync::Arc};

use valetkey_crypto::{MasterKey, Sealer};
use valetkey_ports::Ports;

use super::Provider;
use crate::{
    Engine, Policy,
    config::{InvalidPolicy, Warning},
    endpoints,
    face::{Face, PlainFace},
    failure::Failure,
    grant::Grant,
    grants,
};

/// Builds a [`Provider`]: policy, ports and a master key are needed, the rest has defaults.
#[derive(Default)]
pub struct Builder {
    policy: Option<Policy>,
    ports: Option<Ports>,
    sealer: Option<Sealer>,
    face: Option<Arc<dyn Face>>,
    grants: Vec<Arc<dyn Grant>>,
}

/// Why a provider cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Something that is needed was not given.
    #[error("a provider needs {0}")]
    Missing(&'static str),
    /// The policy cannot hold.
    #[error(transparent)]
    Policy(#[from] InvalidPolicy),
    /// The store holds signing keys or facts that were sealed under another master key.
    #[error("the master key is not the one that this store was sealed with")]
    WrongMasterKey,
    /// The store or the keys failed.
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl Builder {
    /// What holds on this server.
    #[must_use]
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = Some(policy);
        self
    }

    /// The outside.
    #[must_use]
    pub fn ports(mut self, ports: Ports) -> Self {
        self.ports = Some(ports);
        self
    }

    /// The key under which everything reversible is sealed.
    #[must_use]
    pub fn master_key(mut self, key: &MasterKey) -> Self {
        self.sealer = Some(Sealer::new(key));
        self
    }

    /// Who renders the engine's own pages.
    #[must_use]
    pub fn face(mut self, face: Arc<dyn Face>) -> Self {
        self.face = Some(face);
        self
    }

    /// Adds a grant type of your own; it takes the place of a built-in one of the same name.
    #[must_use]
    pub fn grant(mut self, grant: Arc<dyn Grant>) -> Self {
        self.grants.push(grant);
        self
    }

    /// Checks the policy and the master key, sees to the signing keys, and answers with the provider and what should
    /// be said about the policy's weak points.
    ///
    /// # Errors
    /// [`BuildError`] says what is missing or does not fit.
    pub async fn build(self) -> Result<(Provider, Vec<Warning>), BuildError> {
        let policy = self.policy.ok_or(BuildError::Missing("a policy"))?;
        let warnings = policy.check()?;
        let ports = self.ports.ok_or(BuildError::Missing("ports"))?;
        let sealer = self.sealer.ok_or(BuildError::Missing("a master key"))?;
        let mut grants = grants::all();
        for own in self.grants {
            grants.retain(|built_in| built_in.name() != own.name());
            grants.push(own);
        }
        let check = sealer.derive("master key check", b"");
        let check: String = check.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let kept = ports.meta.set_if_absent("master-key-check", &check).await.map_err(Failure::from)?;
        if kept != check {
            return Err(BuildError::WrongMasterKey);
        }
        let face = self.face.unwrap_or_else(|| Arc::new(PlainFace));
        let engine = Arc::new(Engine::new(policy, ports, sealer, face, grants));
        engine.maintain_keys().await?;
        engine.refresh().await?;
        let mut routes = HashMap::new();
        for endpoint in endpoints::ALL {
            for path in endpoint.paths(&engine) {
                routes.insert(path, *endpoint);
            }
        }
        Ok((Provider { engine, routes: Arc::new(routes) }, warnings))
    }
}
