//! A grant type of your own: one type, handed to the builder. This one gives a kiosk that shows its serial number a token for
//! the account it stands for. Run it: `cargo run -p valetkey-provider --example custom_grant`.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, Request, header::CONTENT_TYPE};
use valetkey_crypto::MasterKey;
use valetkey_oauth2::{ErrorCode, GrantType, Issuer};
use valetkey_ports::{SystemClock, SystemRandom, memory, username_key};
use valetkey_provider::{
    Engine, Failure, Peer, Policy, Provider, RequestId,
    grant::{Asked, Authorization, Grant},
    people::{Actor, NewAccount},
    registry::ClientDraft,
};

const NAME: &str = "urn:example:grant-type:kiosk";

struct Kiosk;

#[async_trait]
impl Grant for Kiosk {
    fn name(&self) -> GrantType {
        GrantType::new(NAME)
    }

    // The client has shown who it is, and may use this grant type; minting and the answer are not ours either.
    async fn authorize(&self, engine: &Engine, asked: &Asked<'_>) -> Result<Authorization, Failure> {
        let refuse = |description| Failure::refused(ErrorCode::InvalidGrant, description);
        let serial = asked.form.get("serial").ok_or_else(|| refuse("Send the serial."))?;
        if serial != "K-1234" {
            return Err(refuse("Send the serial of a kiosk that is known here."));
        }
        let accounts = &engine.ports().accounts;
        let account = accounts.find_by_username(&username_key("lobby")).await?;
        let account = account.ok_or_else(|| refuse("The kiosk's account is gone."))?;
        let scope = engine.allowed_scope(asked.client, None)?;
        let mut authorization = Authorization::new(engine, Some(account.id), scope, asked.now);
        authorization.authorized_at = engine.authorized_at(&account, asked.client, None, asked.now);
        Ok(authorization)
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (provider, _) = Provider::builder()
        .policy(Policy::new(Issuer::parse("https://id.example")?))
        .ports(memory::open(Arc::new(SystemClock), Arc::new(SystemRandom)))
        .master_key(&MasterKey::new([7; 32]))
        .grant(Arc::new(Kiosk))
        .build()
        .await?;
    let engine = provider.engine();
    let lobby = NewAccount { username: "lobby".into(), ..NewAccount::default() };
    engine.create_account(&lobby, &Actor::COMMAND_LINE).await??;
    let draft =
        ClientDraft { name: "Kiosks".into(), grant_types: vec![NAME.into()], ..ClientDraft::default() };
    let app =
        engine.register(&draft, &Actor::COMMAND_LINE).await?.map_err(|problems| format!("{problems:?}"))?;

    let secret = app.secret.ok_or("a web app has a secret")?;
    let (id, secret) = (app.client.id.as_str(), secret.expose());
    for serial in ["K-1234", "K-9999"] {
        let body = format!("grant_type={NAME}&serial={serial}&client_id={id}&client_secret={secret}");
        let request = Request::builder()
            .method(Method::POST)
            .uri("/oauth2/token")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Bytes::from(body))?;
        let answer = provider.handle(&request, &Peer::local(RequestId::default())).await;
        println!("{serial}: {} {}", answer.status(), String::from_utf8_lossy(answer.body()));
    }
    Ok(())
}
