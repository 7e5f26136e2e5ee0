//! The marks above a token: grant, consent, account, joined to whatever hangs from the grant.

use valetkey_ports::{AccountMark, Standing, StoreError};

use crate::tx::Row;

/// The columns of a [`Standing`], of a grant `g` and what [`marks!`] joined to it.
macro_rules! columns {
    () => {
        "g.client, g.account, g.authorized_at, g.revoked_at, c.not_before, a.is_active, a.not_before"
    };
}

/// Joins consent and account to a grant `g`.
macro_rules! marks {
    () => {
        " LEFT JOIN consents c ON c.account = g.account AND c.client = g.client \
         LEFT JOIN accounts a ON a.id = g.account "
    };
}

pub(super) use {columns, marks};

pub(super) fn standing(row: &mut Row) -> Result<Standing, StoreError> {
    Ok(Standing {
        client: row.take()?,
        account: row.take()?,
        authorized_at: row.take()?,
        revoked_at: row.take()?,
        consent_not_before: row.take()?,
        account_mark: match (row.take()?, row.take()?) {
            (Some(is_active), Some(not_before)) => Some(AccountMark { is_active, not_before }),
            _ => None,
        },
    })
}
