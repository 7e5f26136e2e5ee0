//! How many token credentials one person's logins leave at one client: they live until they are revoked, and an app that
//! begins anew at each login would pile them up.

use valetkey_oauth2::{AccountId, ClientId, GrantId};

use super::GRANT_TYPE;
use crate::{Engine, Failure};

/// Every so manyth new grant is the occasion to look.
const OCCASIONS: u8 = 16;

impl Engine {
    /// Ends the oldest beyond the policy's bound, on the occasion of a new one.
    pub(crate) async fn bound_tokens(
        &self,
        account: &AccountId,
        client: &ClientId,
        new: &GrantId,
    ) -> Result<(), Failure> {
        if new.as_bytes().last().is_some_and(|last| last % OCCASIONS != 0) {
            return Ok(());
        }
        let most = usize::try_from(self.policy().oauth1.tokens_per_person).unwrap_or(usize::MAX);
        let live = self.live_grants(account).await?;
        let theirs =
            live.iter().filter(|grant| grant.client == *client && grant.grant_type.as_str() == GRANT_TYPE);
        // The latest come first.
        for grant in theirs.skip(most) {
            self.ports().grants.revoke(&grant.id, client, self.now()).await?;
            tracing::info!(?account, %client, grant = %grant.id, "the oldest token credentials ended: there were too many");
        }
        Ok(())
    }
}
