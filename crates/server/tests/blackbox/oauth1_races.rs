//! OAuth 1 with many at once, and with a power cut in mid-load: what happens once happens once, over HTTP.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use futures_util::future::join_all;

use crate::harness::{Account, Answer, Browser, Pair, REDIRECT_URI, Server, Signer, text};

const CALLERS: usize = 100;
const CUTS: usize = 5;
/// Verifiers that wait to be traded at each cut, and who trades them, calls and begins meanwhile.
const TRADES: usize = 12;
const TRADERS: usize = 3;
const CALLS: usize = 4;
const BEGINNERS: usize = 2;

/// Temporary credentials that somebody has allowed.
struct Allowed {
    first: Pair,
    verifier: String,
}

/// A signed request. Sent again it is the same, octet by octet.
#[derive(Clone)]
struct Ask {
    method: reqwest::Method,
    url: String,
    header: String,
}

impl Ask {
    async fn send(&self, server: &Server) -> Answer {
        self.try_send(server).await.expect("an answer")
    }

    /// The same, where the server may be gone.
    async fn try_send(&self, server: &Server) -> Option<Answer> {
        let request = server.http.request(self.method.clone(), &self.url);
        Answer::try_of(request.header("authorization", &self.header)).await.ok()
    }
}

/// A consumer, and what it asks for.
struct Consumer(Signer);

impl Consumer {
    fn new(server: &Server) -> Self {
        let words = ["client", "create", "--name", "Photos", "--oauth1", "--redirect-uri", REDIRECT_URI];
        let made = server.cli(&words, "");
        Self(Signer::new(text(&made, "client_id"), text(&made, "oauth1_secret")))
    }

    fn sign(
        &self,
        server: &Server,
        (method, path): (reqwest::Method, &str),
        by: Option<&Pair>,
        more: &[(&'static str, &str)],
    ) -> Ask {
        let url = server.at(path);
        let header = self.0.sign(method.as_str(), &url, by, more);
        Ask { method, url, header }
    }

    /// Asks for temporary credentials (RFC 5849 §2.1).
    fn begin(&self, server: &Server) -> Ask {
        let target = (reqwest::Method::POST, "/oauth1/request_token");
        self.sign(server, target, None, &[("oauth_callback", REDIRECT_URI)])
    }

    /// Trades a verifier for token credentials (RFC 5849 §2.3).
    fn trade(&self, server: &Server, allowed: &Allowed) -> Ask {
        let target = (reqwest::Method::POST, "/oauth1/access_token");
        self.sign(server, target, Some(&allowed.first), &[("oauth_verifier", &allowed.verifier)])
    }

    /// Asks who somebody is.
    fn call(&self, server: &Server, by: &Pair) -> Ask {
        self.sign(server, (reqwest::Method::GET, "/api/me"), Some(by), &[])
    }

    /// The first two legs.
    async fn allowed(&self, server: &Server, browser: &mut Browser<'_>, account: &Account) -> Allowed {
        let first = Pair::temporary(&self.begin(server).send(server).await);
        let page = format!("/oauth1/authorize?oauth_token={}", first.token);
        let back = browser.allow(&page, account).await.redirected();
        Allowed { first, verifier: back["oauth_verifier"].clone() }
    }

    /// How many of its token credentials live, as the operator sees it.
    fn live(&self, server: &Server) -> usize {
        let told = server.cli(&["oauth1", "status"], "");
        let clients = told["clients"].as_array().expect("a list");
        let own =
            clients.iter().find(|client| client["client_id"] == self.0.key.as_str()).expect("it is listed");
        usize::try_from(own["live_tokens"].as_u64().expect("a number")).expect("a small one")
    }
}

/// A refusal as RFC 5849 §3.2 has it, with that word in its challenge.
#[track_caller]
fn is_refused(answer: &Answer, problem: &str) {
    assert_eq!(answer.status, 401, "{answer:?}");
    let challenge = answer.header("www-authenticate");
    let named = format!("oauth_problem=\"{problem}\"");
    assert!(challenge.starts_with("OAuth realm=") && challenge.contains(&named), "{answer:?}");
}

/// Sends all of them over connections that stand already, so that they arrive together. One succeeds; the others are
/// refused with that word.
async fn one_succeeds(server: &Server, asks: &[Ask], problem: &str) -> Answer {
    join_all((0..CALLERS).map(|_| server.get("/readyz"))).await;
    let answers = join_all(asks.iter().map(|ask| ask.send(server))).await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
    assert_eq!((won.len(), lost.len()), (1, asks.len() - 1), "{lost:?}");
    lost.iter().for_each(|answer| is_refused(answer, problem));
    won.into_iter().next().expect("one")
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_o1_03_of_a_hundred_copies_of_a_signed_call_one_is_heard() {
    let server = Server::start().await;
    let (consumer, account) = (Consumer::new(&server), server.account());
    let allowed = consumer.allowed(&server, &mut Browser::new(&server), &account).await;
    let pair = Pair::token(&consumer.trade(&server, &allowed).send(&server).await);
    let ask = consumer.call(&server, &pair);
    let heard = one_succeeds(&server, &vec![ask; CALLERS], "nonce_used").await;
    assert_eq!(heard.ok()["username"], account.username.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_o1_03_of_a_hundred_copies_of_a_request_for_temporary_credentials_one_gets_some() {
    let server = Server::start().await;
    let (consumer, account) = (Consumer::new(&server), server.account());
    let ask = consumer.begin(&server);
    let begun = one_succeeds(&server, &vec![ask; CALLERS], "nonce_used").await;
    let page = format!("/oauth1/authorize?oauth_token={}", Pair::temporary(&begun).token);
    let back = Browser::new(&server).allow(&page, &account).await.redirected();
    assert!(!back["oauth_verifier"].is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_o1_02_of_a_hundred_trades_of_one_verifier_each_signed_anew_one_succeeds() {
    let server = Server::start().await;
    let (consumer, account) = (Consumer::new(&server), server.account());
    let allowed = consumer.allowed(&server, &mut Browser::new(&server), &account).await;
    let asks: Vec<Ask> = (0..CALLERS).map(|_| consumer.trade(&server, &allowed)).collect();
    let pair = Pair::token(&one_succeeds(&server, &asks, "token_used").await);
    // Whoever lost takes nothing from who won.
    consumer.call(&server, &pair).send(&server).await.ok();
    assert_eq!(consumer.live(&server), 1);
}

/// Sends one request after the other until the server is gone; those that were answered.
async fn answered_until_gone(server: Arc<Server>, next: impl Fn(&Server) -> Ask + Send) -> Vec<Ask> {
    let mut answered = Vec::new();
    loop {
        let ask = next(&server);
        let Some(answer) = ask.try_send(&server).await else { return answered };
        assert_eq!(answer.status, 200, "{answer:?}");
        answered.push(ask);
    }
}

/// What became of the trades of a cut.
#[derive(Default)]
struct Trades {
    waiting: Vec<Allowed>,
    answered: Vec<(Allowed, Ask, Pair)>,
    unanswered: Vec<Allowed>,
}

/// Trades what waits, and cuts the power when so many are answered.
async fn trade_until_gone(
    server: Arc<Server>,
    consumer: Arc<Consumer>,
    trades: Arc<Mutex<Trades>>,
    (count, cut_at): (Arc<AtomicUsize>, usize),
) {
    let locked = || trades.lock().expect("nobody has failed");
    loop {
        let Some(allowed) = locked().waiting.pop() else { return };
        let ask = consumer.trade(&server, &allowed);
        let Some(answer) = ask.try_send(&server).await else {
            return locked().unanswered.push(allowed);
        };
        assert_eq!(answer.status, 200, "{answer:?}");
        let pair = Pair::token(&answer);
        locked().answered.push((allowed, ask, pair));
        if count.fetch_add(1, Ordering::SeqCst) + 1 == cut_at {
            server.cut();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sec_o1_02_sec_o1_03_power_cuts_lose_nothing_that_was_answered_and_let_nothing_happen_twice() {
    let mut server = Arc::new(Server::start().await);
    let (consumer, account) = (Arc::new(Consumer::new(&server)), server.account());
    let first = consumer.allowed(&server, &mut Browser::new(&server), &account).await;
    let caller = Arc::new(Pair::token(&consumer.trade(&server, &first).send(&server).await));
    let mut pairs: Vec<Pair> = Vec::new();
    let (mut heard, mut cookies) = (0, BTreeMap::new());
    for cut_at in (1..=CUTS).map(|round| 2 * round) {
        // One browser throughout: its login outlives every cut.
        let mut browser = Browser::new(&server);
        browser.cookies = cookies;
        let mut trades = Trades::default();
        for _ in 0..TRADES {
            trades.waiting.push(consumer.allowed(&server, &mut browser, &account).await);
        }
        cookies = browser.cookies;
        let (trades, count) = (Arc::new(Mutex::new(trades)), Arc::new(AtomicUsize::new(0)));
        let traders = (0..TRADERS).map(|_| {
            let count = (Arc::clone(&count), cut_at);
            tokio::spawn(trade_until_gone(server.clone(), consumer.clone(), trades.clone(), count))
        });
        let callers = (0..CALLS).map(|_| {
            let (consumer, caller) = (Arc::clone(&consumer), Arc::clone(&caller));
            let next = move |server: &Server| consumer.call(server, &caller);
            tokio::spawn(answered_until_gone(server.clone(), next))
        });
        let beginners = (0..BEGINNERS).map(|_| {
            let consumer = Arc::clone(&consumer);
            tokio::spawn(answered_until_gone(server.clone(), move |server: &Server| consumer.begin(server)))
        });
        let (traders, others): (Vec<_>, Vec<_>) = (traders.collect(), callers.chain(beginners).collect());
        for trader in traders {
            trader.await.expect("ends");
        }
        let mut answered = Vec::new();
        for other in others {
            answered.extend(other.await.expect("ends"));
        }
        Arc::get_mut(&mut server).expect("everybody has gone").kill_and_restart().await;

        heard += answered.len();
        for answer in join_all(answered.iter().map(|ask| ask.send(&server))).await {
            is_refused(&answer, "nonce_used");
        }
        let trades = std::mem::take(&mut *trades.lock().expect("nobody has failed"));
        assert!(trades.answered.len() >= cut_at, "the power was cut after them");
        for (allowed, ask, pair) in trades.answered {
            is_refused(&ask.send(&server).await, "token_used");
            is_refused(&consumer.trade(&server, &allowed).send(&server).await, "token_used");
            pairs.push(pair);
        }
        for allowed in trades.unanswered.into_iter().chain(trades.waiting) {
            // It may have been done without a word. Then it is not done again.
            let answer = consumer.trade(&server, &allowed).send(&server).await;
            if answer.status == 200 {
                pairs.push(Pair::token(&answer));
                is_refused(&consumer.trade(&server, &allowed).send(&server).await, "token_used");
            } else {
                is_refused(&answer, "token_used");
            }
        }
    }
    assert!(heard > 0, "calls were answered before the cuts");
    for pair in &pairs {
        let facts = consumer.call(&server, pair).send(&server).await.ok();
        assert_eq!(facts["username"], account.username.as_str());
    }
    assert_eq!(consumer.live(&server), 1 + CUTS * TRADES, "each was traded once, whoever heard of it");
}
