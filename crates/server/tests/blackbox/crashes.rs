//! Power cuts in mid-load, twenty of them: what was answered is there, what happens once does not happen again.
//!
//! Tasks redeem, refresh, take tokens and ask about them until the server is gone. It goes at the n-th redemption that
//! is answered: every cut finds promises that must be kept, and requests on their way.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use serde_json::Value;

use crate::harness::{Account, Browser, Client, ClientOptions, Code, Server, text};

const CUTS: usize = 20;
/// How many redemptions are answered before a cut, in turn.
const CUT_AT: [usize; 5] = [1, 2, 3, 5, 8];
/// Codes beyond those, for the requests that the cut finds on their way.
const SPARE: usize = 12;
const REDEEMERS: usize = 4;
const FAMILIES: usize = 2;
const WORKERS: usize = 2;
/// How soon it answers again, taking all starts together.
const START: Duration = Duration::from_secs(2);

const CLIENT_CREDENTIALS: [(&str, &str); 1] = [("grant_type", "client_credentials")];

/// The codes of a cut, and what became of them.
#[derive(Default)]
struct Codes {
    waiting: Vec<Code>,
    answered: Vec<(Code, Value)>,
    unanswered: Vec<Code>,
}

/// What outlives a cut: a code that was redeemed before it, and the refresh token that came of it.
struct Promise {
    code: Code,
    handle: String,
}

/// A family of refresh tokens: each was answered with the next.
struct Family(Vec<String>);

impl Family {
    fn last(&self) -> &str {
        self.0.last().expect("it began with one")
    }
}

/// Who calls a server that may be gone.
#[derive(Clone)]
struct Caller {
    server: Arc<Server>,
    client: Client,
}

impl Caller {
    /// The JSON of a 200; nothing if there was no answer. There is no other answer.
    async fn ask(&self, path: &str, form: &[(&str, &str)]) -> Option<Value> {
        Some(self.server.try_post_as(&self.client, path, form).await.ok()?.ok())
    }

    /// Redeems what waits, and cuts the power when so many are answered.
    async fn redeem_until_gone(self, codes: Arc<Mutex<Codes>>, cut_at: usize) {
        let locked = || codes.lock().expect("nobody has failed");
        loop {
            let Some(code) = locked().waiting.pop() else { return };
            let Some(tokens) = self.ask("/oauth2/token", &code.form()).await else {
                return locked().unanswered.push(code);
            };
            let mut codes = locked();
            codes.answered.push((code, tokens));
            if codes.answered.len() == cut_at {
                self.server.cut();
            }
        }
    }

    /// Rotates a family; the access tokens that came of it.
    async fn refresh_until_gone(self, mut family: Family) -> (Family, Vec<String>) {
        let mut taken = Vec::new();
        loop {
            let form = [("grant_type", "refresh_token"), ("refresh_token", family.last())];
            let Some(tokens) = self.ask("/oauth2/token", &form).await else { return (family, taken) };
            taken.push(text(&tokens, "access_token").to_owned());
            family.0.push(text(&tokens, "refresh_token").to_owned());
        }
    }

    async fn take_until_gone(self) -> Vec<String> {
        let mut taken = Vec::new();
        while let Some(token) = self.ask("/oauth2/token", &CLIENT_CREDENTIALS).await {
            taken.push(text(&token, "access_token").to_owned());
        }
        taken
    }

    /// Asks about a good token; how often that was answered.
    async fn introspect_until_gone(self, token: String) -> usize {
        let mut heard = 0;
        while let Some(told) = self.ask("/oauth2/introspect", &[("token", &token)]).await {
            assert_eq!(told["active"], true, "{told}");
            heard += 1;
        }
        heard
    }
}

/// What was answered before a cut.
struct Answered {
    codes: Codes,
    families: Vec<(Family, Vec<String>)>,
    taken: Vec<String>,
    heard: usize,
}

/// Everybody at once, until the server is gone.
async fn load(caller: &Caller, codes: Codes, families: Vec<Family>, cut_at: usize) -> Answered {
    let token = caller.ask("/oauth2/token", &CLIENT_CREDENTIALS).await.expect("not gone yet");
    let token = text(&token, "access_token");
    let codes = Arc::new(Mutex::new(codes));
    let families: Vec<_> =
        families.into_iter().map(|family| tokio::spawn(caller.clone().refresh_until_gone(family))).collect();
    let takers: Vec<_> = (0..WORKERS).map(|_| tokio::spawn(caller.clone().take_until_gone())).collect();
    let readers: Vec<_> =
        (0..WORKERS).map(|_| tokio::spawn(caller.clone().introspect_until_gone(token.to_owned()))).collect();
    let redeemers: Vec<_> = (0..REDEEMERS)
        .map(|_| tokio::spawn(caller.clone().redeem_until_gone(codes.clone(), cut_at)))
        .collect();
    join_all(redeemers).await.into_iter().for_each(|ended| ended.expect("ends"));
    let families = join_all(families).await.into_iter().map(|ended| ended.expect("ends")).collect();
    let taken = join_all(takers).await.into_iter().flat_map(|ended| ended.expect("ends")).collect();
    let heard = join_all(readers).await.into_iter().map(|ended| ended.expect("ends")).sum();
    let codes = std::mem::take(&mut *codes.lock().expect("nobody has failed"));
    Answered { codes, families, taken, heard }
}

/// The database after a cut, seen through the server that opened it.
struct After<'a> {
    server: &'a Server,
    client: &'a Client,
    account: &'a Account,
}

impl After<'_> {
    async fn are_active(&self, tokens: &[String]) {
        let told = join_all(tokens.iter().map(|token| self.server.is_active(self.client, token))).await;
        let lost = told.iter().filter(|is_active| !**is_active).count();
        assert_eq!(lost, 0, "of {} access tokens that were answered", tokens.len());
    }

    async fn rotates(&self, handle: &str) -> (String, String) {
        let tokens = self.server.refresh(self.client, handle).await.ok();
        (text(&tokens, "access_token").to_owned(), text(&tokens, "refresh_token").to_owned())
    }

    /// The last answer holds, and what it was given for is not taken again.
    async fn goes_on(&self, family: &mut Family, has_rotated: bool) {
        let (access, next) = self.rotates(family.last()).await;
        if let Some([spent, _]) = family.0.last_chunk().filter(|_| has_rotated) {
            self.server.refresh(self.client, spent).await.is_refusal(400, "invalid_grant");
        }
        self.are_active(&[access]).await;
        family.0.push(next);
    }

    /// What was answered works.
    async fn keeps(&self, code: Code, tokens: &Value) -> Promise {
        let told = self.server.me(text(tokens, "access_token")).await.ok();
        assert_eq!(told["username"], self.account.username.as_str());
        Promise { code, handle: self.rotates(text(tokens, "refresh_token")).await.1 }
    }

    /// A redeemed code is not redeemed again: it is known for a replay, and ends what came of it (RFC 6749 §4.1.2).
    async fn knows_a_replay(&self, promise: Promise) {
        let (access, next) = self.rotates(&promise.handle).await;
        self.server.redeem(self.client, &promise.code).await.is_refusal(400, "invalid_grant");
        assert!(!self.server.is_active(self.client, &access).await);
        self.server.refresh(self.client, &next).await.is_refusal(400, "invalid_grant");
    }

    /// A code that nobody has sent, or that was sent and not answered: it may have been redeemed without a word, else it is
    /// now, once.
    async fn redeems_at_most_once(&self, code: Code, was_sent: bool) {
        let answer = self.server.redeem(self.client, &code).await;
        if was_sent && answer.status != 200 {
            return answer.is_refusal(400, "invalid_grant");
        }
        let promise = self.keeps(code, &answer.ok()).await;
        self.knows_a_replay(promise).await;
    }

    fn live_grants(&self) -> usize {
        let told =
            self.server.cli(&["grant", "list", "--user", &self.account.username, "--limit", "1000"], "");
        told["grants"].as_array().expect("a list").len()
    }
}

/// How long it took.
#[expect(clippy::disallowed_methods, reason = "a stopwatch, outside the program")]
async fn restart(server: &mut Server) -> Duration {
    let start = Instant::now();
    server.kill_and_restart().await;
    start.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_power_cuts_lose_nothing_that_was_answered_and_redeem_nothing_twice() {
    let mut server = Arc::new(Server::start().await);
    let account = server.account();
    let opaque = ["--token-format", "opaque"];
    let client = server.client(&ClientOptions { more: &opaque, ..ClientOptions::default() });
    let mut families = Vec::new();
    for _ in 0..FAMILIES {
        let tokens = server.tokens(&client, &account).await;
        families.push(Family(vec![text(&tokens, "refresh_token").to_owned()]));
    }
    let (mut promised, mut unanswered, mut refreshed, mut taken, mut heard) = (0, 0, 0, 0, 0);
    let (mut kept, mut cookies, mut starts) = (Vec::new(), BTreeMap::new(), Duration::ZERO);
    for cut_at in CUT_AT.into_iter().cycle().take(CUTS) {
        // One browser throughout: its login outlives every cut.
        let mut browser = Browser::new(&server);
        browser.cookies = cookies;
        let mut codes = Codes::default();
        for _ in 0..cut_at + SPARE {
            codes.waiting.push(server.code_in(&mut browser, &client, &account, |query| query).await);
        }
        cookies = browser.cookies;
        let caller = Caller { server: server.clone(), client: client.clone() };
        let answered = load(&caller, codes, std::mem::take(&mut families), cut_at).await;
        drop(caller);
        starts += restart(Arc::get_mut(&mut server).expect("everybody has gone")).await;

        // First what must work, then what must not: a replay ends the grant.
        let after = After { server: &server, client: &client, account: &account };
        let Answered { codes, families: rotated, taken: tokens, heard: more } = answered;
        after.are_active(&tokens).await;
        (taken, heard) = (taken + tokens.len(), heard + more);
        for (mut family, tokens) in rotated {
            after.are_active(&tokens).await;
            after.goes_on(&mut family, !tokens.is_empty()).await;
            refreshed += tokens.len();
            families.push(family);
        }
        assert!(codes.answered.len() >= cut_at, "the power was cut after them");
        (promised, unanswered) = (promised + codes.answered.len(), unanswered + codes.unanswered.len());
        // Every other one lives through the cuts to come.
        for (number, (code, tokens)) in codes.answered.into_iter().enumerate() {
            let promise = after.keeps(code, &tokens).await;
            if number % 2 == 0 { kept.push(promise) } else { after.knows_a_replay(promise).await }
        }
        for (codes, was_sent) in [(codes.unanswered, true), (codes.waiting, false)] {
            for code in codes {
                after.redeems_at_most_once(code, was_sent).await;
            }
        }
    }

    let after = After { server: &server, client: &client, account: &account };
    assert_eq!(after.live_grants(), FAMILIES + kept.len(), "one of each code, and none of a replayed one");
    for promise in kept {
        after.knows_a_replay(promise).await;
    }
    for Family(handles) in families {
        let (_, next) = after.rotates(handles.last().expect("some")).await;
        for handle in [&handles[0], &next] {
            server.refresh(&client, handle).await.is_refusal(400, "invalid_grant");
        }
    }
    assert_eq!(after.live_grants(), 0);
    let least: usize = CUT_AT.into_iter().cycle().take(CUTS).sum();
    assert!(promised >= least, "{promised} redemptions were answered before the cuts, not {least}");
    let cut_off = [unanswered, refreshed, taken, heard];
    assert!(cut_off.iter().all(|count| *count > 0), "everything was under way: {cut_off:?}");
    // A database with damage is not opened: that each start looked and went on says that it was sound.
    let checks = server.said().matches("the database was not closed last time: checking it").count();
    assert_eq!(checks, CUTS, "checked at each start");
    let cuts = u32::try_from(CUTS).expect("a small number");
    assert!(starts < START * cuts, "{starts:?} for {CUTS} starts");
}
