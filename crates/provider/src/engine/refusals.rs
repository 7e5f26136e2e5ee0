//! Recent refusals: a lossy way to a bounded table, so that a flood of bad requests costs no more than a log line.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, header::AUTHORIZATION};
use tokio::sync::mpsc;
use valetkey_oauth2::Form;
use valetkey_ports::Refusal;

use super::Engine;
use crate::{Failure, Peer};

/// How much of a reason is kept, in characters: it may quote what was sent, and a body is long.
const LONGEST: usize = 512;

impl Engine {
    /// Logs a refusal and hands it to the writer, if that keeps up.
    pub fn note_refusal(&self, endpoint: &str, failure: &Failure, request: &Request<Bytes>, peer: &Peer) {
        let (code, _) = failure.wire();
        let (client, signature) = match failure {
            Failure::Signature(refusal) => (refusal.client.clone(), refusal.explained.as_deref().cloned()),
            _ => (client_of(request), None),
        };
        let reason: String = failure.to_string().chars().take(LONGEST).collect();
        if failure.is_ours() {
            tracing::error!(request_id = %peer.request_id, endpoint, code = code.as_str(), reason);
        } else {
            tracing::info!(request_id = %peer.request_id, endpoint, code = code.as_str(), client, reason);
        }
        self.keep(Refusal { signature, ..self.refusal(endpoint, code.as_str(), &reason, client, peer) });
    }

    /// Hands a refusal to the writer, if that keeps up.
    pub(crate) fn note(&self, endpoint: &str, code: &str, reason: &str, client: Option<String>, peer: &Peer) {
        self.keep(self.refusal(endpoint, code, reason, client, peer));
    }

    fn refusal(
        &self,
        endpoint: &str,
        code: &str,
        reason: &str,
        client: Option<String>,
        peer: &Peer,
    ) -> Refusal {
        Refusal {
            request_id: peer.request_id.to_string(),
            at: self.now(),
            endpoint: endpoint.to_owned(),
            client,
            code: code.to_owned(),
            reason: reason.chars().take(LONGEST).collect(),
            address: Some(peer.address.to_string()),
            signature: None,
        }
    }

    fn keep(&self, refusal: Refusal) {
        // A full queue means a flood: the log has it, the table may miss it.
        let _ = self.refusals.try_send(refusal);
    }

    /// Writes refusals down in batches, for as long as the engine lives. One task runs this.
    pub async fn write_refusals(&self) {
        let Some(mut refused) = self.refused.lock().ok().and_then(|mut slot| slot.take()) else { return };
        loop {
            let batch = next_batch(&mut refused).await;
            if batch.is_empty() {
                return;
            }
            if let Err(fault) = self.ports.refusals.record(&batch).await {
                tracing::warn!(lost = batch.len(), %fault, "refusals could not be written down");
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }
}

/// All that is waiting, at least one; empty when the engine has gone.
async fn next_batch(refused: &mut mpsc::Receiver<Refusal>) -> Vec<Refusal> {
    let mut batch = Vec::new();
    refused.recv_many(&mut batch, 256).await;
    batch
}

/// The client that a request names, for the log: as far as it can be read, and no further than 64 characters.
fn client_of(request: &Request<Bytes>) -> Option<String> {
    let from = |text: &[u8]| {
        Form::parse(text, &["resource", "audience", "scope"])
            .ok()
            .and_then(|form| form.get("client_id").map(|id| id.chars().take(64).collect::<String>()))
    };
    let basic = || {
        let form = Form::parse(b"", &[]).ok()?;
        let header = request.headers().get(AUTHORIZATION)?.as_bytes();
        Some(valetkey_oauth2::credentials::parse(Some(header), &form).ok()?.client_id.to_string())
    };
    from(request.uri().query().unwrap_or_default().as_bytes()).or_else(|| from(request.body())).or_else(basic)
}
