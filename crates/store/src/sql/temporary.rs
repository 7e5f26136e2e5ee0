//! OAuth 1 temporary credentials.

use async_trait::async_trait;
use valetkey_oauth2::{ClientId, HandleHash, RedirectUri, Timestamp};
use valetkey_ports::{
    Allowance, Callback, NewGrant, Once, Replay, Sealed, Stage, StoreError, Temporary, TemporaryCredentials,
    Trade, Traded,
};

use super::{Sql, grants, replay::SEE};
use crate::tx::{Answer, Database, Row, Shape, Tx, Value, bind, corrupt};

const ASKED: &str = "asked";
const ALLOWED: &str = "allowed";
const DENIED: &str = "denied";
const EXCHANGED: &str = "exchanged";

const PUT: &str = "INSERT INTO temporary_credentials (hash, client, secret, callback, scope, expires_at, stage) \
                   VALUES (?, ?, ?, ?, ?, ?, ?)";

#[async_trait]
impl<D: Database> Temporary for Sql<D> {
    async fn put(&self, credentials: &TemporaryCredentials) -> Result<(), StoreError> {
        is_new(credentials)?;
        self.0.write_one(PUT, values(credentials)).await.map(drop)
    }

    async fn put_once(
        &self,
        credentials: &TemporaryCredentials,
        request: &Once,
        _: &dyn Replay,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        is_new(credentials)?;
        let see = bind![request.space, &request.key, request.until, now];
        let put = values(credentials);
        // Without a savepoint: where only the second fails, the request is used up, which is what was promised of two moves.
        let kept = self.0.write(Shape::OneWrite, move |tx| {
            Box::pin(async move {
                if tx.execute(SEE, &see).await? == 0 {
                    return Ok(false);
                }
                tx.execute(PUT, &put).await.map(|_| true)
            })
        });
        kept.await
    }

    async fn find(&self, hash: &HandleHash) -> Result<Option<TemporaryCredentials>, StoreError> {
        let sql = "SELECT client, secret, callback, scope, expires_at, stage, verifier, account, session, \
                   allowed_scope, grant_id, authorized_at FROM temporary_credentials WHERE hash = ?";
        let Some(mut row) = self.0.find_one(sql, &bind![hash]).await? else { return Ok(None) };
        Ok(Some(TemporaryCredentials {
            hash: *hash,
            client: row.take()?,
            secret: Sealed::from_bytes(row.take()?),
            callback: callback(&row.take::<String>()?)?,
            scope: row.take()?,
            expires_at: row.take()?,
            stage: stage(&mut row)?,
        }))
    }

    async fn allow(
        &self,
        hash: &HandleHash,
        allowance: &Allowance,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE temporary_credentials SET stage = ?, verifier = ?, account = ?, session = ?, \
                   allowed_scope = ?, grant_id = ?, authorized_at = ? \
                   WHERE hash = ? AND stage = ? AND expires_at > ?";
        let values = bind![
            ALLOWED,
            &allowance.verifier,
            &allowance.account,
            allowance.session.as_ref(),
            &allowance.scope,
            &allowance.grant,
            allowance.authorized_at,
            hash,
            ASKED,
            now,
        ];
        Ok(self.0.write_one(sql, values).await? == 1)
    }

    async fn deny(&self, hash: &HandleHash, now: Timestamp) -> Result<bool, StoreError> {
        let sql =
            "UPDATE temporary_credentials SET stage = ? WHERE hash = ? AND stage = ? AND expires_at > ?";
        Ok(self.0.write_one(sql, bind![DENIED, hash, ASKED, now]).await? == 1)
    }

    async fn trade(
        &self,
        hash: &HandleHash,
        by: &ClientId,
        verifier: &HandleHash,
        tries: u32,
        new: &NewGrant,
        now: Timestamp,
    ) -> Result<Traded, StoreError> {
        let trade = Trade { hash, by, verifier, tries, new };
        self.0.write(Shape::Several, trading(&trade, now)).await
    }

    async fn trade_once(
        &self,
        trade: &Trade<'_>,
        request: &Once,
        _: &dyn Replay,
        now: Timestamp,
    ) -> Result<Option<Traded>, StoreError> {
        let see = bind![request.space, &request.key, request.until, now];
        let trading = trading(trade, now);
        let traded = self.0.write(Shape::Several, move |tx| {
            Box::pin(async move {
                if tx.execute(SEE, &see).await? == 0 {
                    return Ok(None);
                }
                trading(tx).await.map(Some)
            })
        });
        traded.await
    }

    /// Looks at the oldest. Where they live longer than what came later, that waits for them and no longer.
    async fn purge(&self, now: Timestamp, batch: u32) -> Result<u64, StoreError> {
        let sql = "DELETE FROM temporary_credentials WHERE id IN (SELECT t.id FROM (SELECT id, expires_at \
                   FROM temporary_credentials ORDER BY id LIMIT ?) t WHERE t.expires_at <= ?)";
        self.0.write_one(sql, bind![batch, now]).await
    }
}

fn is_new(credentials: &TemporaryCredentials) -> Result<(), StoreError> {
    if credentials.stage == Stage::Asked {
        return Ok(());
    }
    Err(StoreError::Refused("new temporary credentials are undecided".to_owned()))
}

fn values(credentials: &TemporaryCredentials) -> [Value; 7] {
    bind![
        &credentials.hash,
        &credentials.client,
        credentials.secret.as_bytes().to_vec(),
        credentials.callback.uri().map_or("", RedirectUri::as_str),
        &credentials.scope,
        credentials.expires_at,
        ASKED,
    ]
}

/// A trade, as a move.
fn trading(
    trade: &Trade<'_>,
    now: Timestamp,
) -> impl for<'t> FnOnce(&'t mut dyn Tx) -> Answer<'t, Traded> + Send + 'static {
    let Trade { hash, by, verifier, tries, new } = *trade;
    let take = bind![EXCHANGED, hash, by, ALLOWED, verifier, now];
    let miss = bind![tries, DENIED, hash, by, ALLOWED, now];
    let look = bind![hash, by, EXCHANGED];
    let begin = grants::Beginning::of(new);
    move |tx| {
        Box::pin(async move {
            let sql = "UPDATE temporary_credentials SET stage = ? \
                       WHERE hash = ? AND client = ? AND stage = ? AND verifier = ? AND expires_at > ?";
            if tx.execute(sql, &take).await? == 1 {
                return Ok(match begin.unless_ended(tx).await? {
                    true => Traded::Fresh,
                    false => Traded::Ended,
                });
            }
            // What is still allowed here has another verifier.
            let sql = "UPDATE temporary_credentials SET tries = tries + 1, \
                       stage = CASE WHEN tries + 1 >= ? THEN ? ELSE stage END \
                       WHERE hash = ? AND client = ? AND stage = ? AND expires_at > ?";
            if tx.execute(sql, &miss).await? == 1 {
                return Ok(Traded::WrongVerifier);
            }
            let sql = "SELECT 1 FROM temporary_credentials WHERE hash = ? AND client = ? AND stage = ?";
            Ok(match tx.find_one(sql, &look).await? {
                Some(_) => Traded::Replayed,
                None => Traded::Unknown,
            })
        })
    }
}

fn callback(text: &str) -> Result<Callback, StoreError> {
    match text {
        "" => Ok(Callback::OutOfBand),
        uri => RedirectUri::parse(uri).map(Callback::Uri).map_err(corrupt),
    }
}

fn stage(row: &mut Row) -> Result<Stage, StoreError> {
    let name: String = row.take()?;
    match name.as_str() {
        ASKED => Ok(Stage::Asked),
        DENIED => Ok(Stage::Denied),
        EXCHANGED => Ok(Stage::Exchanged),
        ALLOWED => Ok(Stage::Allowed(Allowance {
            verifier: row.take()?,
            account: row.take()?,
            session: row.take()?,
            scope: row.take()?,
            grant: row.take()?,
            authorized_at: row.take()?,
        })),
        _ => Err(corrupt("temporary credentials of an unknown stage")),
    }
}
