//! How many token credentials one person's logins leave at one client: they live until they are revoked, and an app that
//! begins anew at each login would pile them up.

use valetkey_oauth2::{AccountId, ClientId, GrantId};
use valetkey_ports::Page;

use super::GRANT_TYPE;
use crate::{Engine, Failure};

/// Every so manyth new grant is the occasion to look, and to end what has come beyond the bound since.
const OCCASIONS: u8 = 64;

impl Engine {
    /// Ends the oldest beyond the policy's bound, on the occasion of a new one. It looks at the person's latest grants only,
    /// as many as can have come since the last occasion.
    pub(crate) async fn bound_tokens(
        &self,
        account: &AccountId,
        client: &ClientId,
        new: &GrantId,
    ) -> Result<(), Failure> {
        let most = self.policy().oauth1.tokens_per_person;
        if most == 0 || new.as_bytes().last().is_some_and(|last| last % OCCASIONS != 0) {
            return Ok(());
        }
        let page = Page::first(most.saturating_add(4 * u32::from(OCCASIONS)));
        let live = self.ports().grants.list_account(account, &page).await?;
        let theirs =
            live.iter().filter(|grant| grant.client == *client && grant.grant_type.as_str() == GRANT_TYPE);
        // The latest come first.
        for grant in theirs.skip(usize::try_from(most).unwrap_or(usize::MAX)) {
            self.ports().grants.revoke(&grant.id, client, self.now()).await?;
            tracing::info!(?account, %client, grant = %grant.id, "the oldest token credentials ended: there were too many");
        }
        Ok(())
    }
}
