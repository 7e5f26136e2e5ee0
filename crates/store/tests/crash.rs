//! `kill -9` in mid-load, twenty times over one database: what was acknowledged is there, what was used stays used, and
//! the file opens without repair.
//!
//! The child is this test binary itself, told by an environment variable to write until it dies. It tells each
//! acknowledged move through its standard output, after the store has answered.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test's helpers")]

mod scratch;

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead, BufReader, Write},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use valetkey_oauth2::{ClientId, GrantId, HandleHash, Timestamp};
use valetkey_ports::{
    FamilyId, NewGrant, NewRefresh, Opened, Ports, Random, Redeemed, SystemRandom, contract::samples,
    testing::ManualClock,
};

const ROUNDS: usize = 20;
const WRITERS: usize = 16;
const TOLD: &str = "VALETKEY_CRASH_TEST";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_tk_19_sec_co_01_nothing_acknowledged_is_lost_and_nothing_used_comes_back_over_kills() {
    let folder = scratch::Folder::new();
    let mut told = Told::default();
    for round in 0..ROUNDS {
        let enough = 20 + usize::from(u16::from_be_bytes((&SystemRandom as &dyn Random).bytes())) % 400;
        let mut child = child(&folder.url());
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        for (number, line) in lines.enumerate() {
            told.hear(&line.unwrap());
            if number == enough {
                child.kill().unwrap();
            }
        }
        assert!(!child.wait().unwrap().success(), "it was killed");
        let store = open(&folder.url()).await;
        told.check(&store.ports, round).await;
        store.close().await;
    }
    let connection = rusqlite::Connection::open(folder.database()).unwrap();
    let whole: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(whole, "ok");
    assert!(told.used.len() > ROUNDS && told.rotated.len() > ROUNDS, "it was under load: {told:?}");
}

/// Not a test by itself: what the child does.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_child_writes_until_it_is_killed() {
    let Ok(url) = std::env::var(TOLD) else { return };
    let store = open(&url).await;
    let ports = Arc::new(store.ports.clone());
    let writers: Vec<_> = (0..WRITERS).map(|_| tokio::spawn(write(ports.clone()))).collect();
    for writer in writers {
        writer.await.unwrap();
    }
}

async fn write(ports: Arc<Ports>) {
    let now = ports.clock.now();
    let client = ClientId::parse("client").unwrap();
    // An end, so that a child whose parent was killed does not write for ever.
    for _ in 0..100_000 {
        let code = fresh(&ports);
        let mut record = samples::code(&client, now);
        record.grant = GrantId::mint(now, &ports.random.bytes());
        ports.codes.put(&code, &record).await.unwrap();
        tell("put", code.as_bytes(), &[]);
        let new = NewGrant { refresh: None, access: None, ..samples::grant_of(&record, now) };
        assert_eq!(ports.codes.redeem(&code, &client, &new, now).await.unwrap(), Redeemed::Fresh);
        tell("used", code.as_bytes(), &[]);
        let key = ports.random.bytes();
        assert!(ports.replay.insert("seen", &key, now.plus(Duration::from_secs(600)), now).await.unwrap());
        tell("seen", &key, &[]);
        let (grant, family, mut current) = begin(&ports, now).await;
        for _ in 0..3 {
            let mut rotation = samples::rotation(&grant, family, current, now);
            rotation.to = fresh(&ports);
            let access = fresh(&ports);
            rotation.access.as_mut().unwrap().hash = access;
            assert!(ports.tokens.rotate(&rotation).await.unwrap());
            current = rotation.to;
            tell("rotated", family.as_bytes(), current.as_bytes());
            tell("token", access.as_bytes(), &[]);
        }
        if current.as_bytes()[0] & 1 == 0 {
            assert!(ports.grants.revoke(&grant.id, &grant.client, now).await.unwrap());
            tell("revoked", grant.id.as_bytes(), &[]);
        }
    }
}

async fn begin(ports: &Ports, now: Timestamp) -> (valetkey_ports::Grant, FamilyId, HandleHash) {
    let mut grant = samples::new_grant(now).grant;
    grant.id = GrantId::mint(now, &ports.random.bytes());
    let family = FamilyId::from_bytes(ports.random.bytes());
    let current = fresh(ports);
    let refresh = NewRefresh { family, current, ..samples::refresh(now) };
    let new = NewGrant { grant: grant.clone(), refresh: Some(refresh), access: None, credentials: None };
    assert_eq!(ports.grants.open(&new).await.unwrap(), Opened::Fresh);
    tell("rotated", family.as_bytes(), current.as_bytes());
    (grant, family, current)
}

fn fresh(ports: &Ports) -> HandleHash {
    HandleHash::from_bytes(ports.random.bytes())
}

/// One write a line, straight to the pipe: no line is told twice or by halves of two.
fn tell(what: &str, key: &[u8], value: &[u8]) {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let line = format!("told {what} {} {}\n", hex(key), hex(value));
    std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
}

/// What the children were acknowledged.
#[derive(Debug, Default)]
struct Told {
    put: BTreeSet<Vec<u8>>,
    used: BTreeSet<Vec<u8>>,
    seen: BTreeSet<Vec<u8>>,
    token: BTreeSet<Vec<u8>>,
    revoked: BTreeSet<Vec<u8>>,
    rotated: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl Told {
    /// Hears a line; what the test harness says for itself, and half a last line, are nothing.
    fn hear(&mut self, line: &str) {
        let words: Vec<&str> = line.split(' ').collect();
        let [before, what, key, value] = words.as_slice() else { return };
        if !before.ends_with("told") {
            return;
        }
        let bytes = |hex: &str| {
            let digits = hex.as_bytes().chunks(2);
            digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
        };
        let key: Vec<u8> = bytes(key);
        match *what {
            "put" => assert!(self.put.insert(key)),
            "used" => assert!(self.used.insert(key), "a code was used twice"),
            "seen" => assert!(self.seen.insert(key)),
            "token" => assert!(self.token.insert(key)),
            "revoked" => assert!(self.revoked.insert(key)),
            "rotated" => drop(self.rotated.insert(key, bytes(value))),
            other => panic!("nothing is called {other}"),
        }
    }

    async fn check(&mut self, ports: &Ports, round: usize) {
        let now = ports.clock.now();
        let client = ClientId::parse("client").unwrap();
        let hash = |bytes: &Vec<u8>| HandleHash::from_bytes(bytes.as_slice().try_into().unwrap());
        for code in &self.put {
            let mut new = NewGrant { refresh: None, access: None, ..samples::new_grant(now) };
            new.grant.id = GrantId::mint(now, &ports.random.bytes());
            match ports.codes.redeem(&hash(code), &client, &new, now).await.unwrap() {
                Redeemed::Replayed => {}
                Redeemed::Fresh => assert!(!self.used.contains(code), "round {round}: used twice"),
                Redeemed::Ended => panic!("round {round}: nobody ended it"),
                Redeemed::Unknown => panic!("round {round}: an acknowledged code is lost"),
            }
        }
        self.used.append(&mut self.put);
        for key in &self.seen {
            let until = now.plus(Duration::from_secs(600));
            let key = key.as_slice().try_into().unwrap();
            assert!(
                !ports.replay.insert("seen", key, until, now).await.unwrap(),
                "round {round}: seen again"
            );
        }
        for token in &self.token {
            let found = ports.tokens.find_access(&hash(token)).await.unwrap();
            assert!(found.is_some(), "round {round}: an acknowledged token is lost");
        }
        for grant in &self.revoked {
            let id = GrantId::from_bytes(grant.as_slice().try_into().unwrap());
            let grant = ports.grants.find(&id).await.unwrap().unwrap();
            assert!(grant.revoked_at.is_some(), "round {round}: a revocation is forgotten");
        }
        for (family, current) in &self.rotated {
            let family = FamilyId::from_bytes(family.as_slice().try_into().unwrap());
            let (found, _) = ports.tokens.find_refresh(&family).await.unwrap().unwrap();
            // One more rotation may have been committed that nobody was told of.
            let known = [Some(found.facts.current), found.facts.previous];
            assert!(known.contains(&Some(hash(current))), "round {round}: a rotation is lost");
        }
        self.seen.clear();
        self.token.clear();
    }
}

fn child(url: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "the_child_writes_until_it_is_killed", "--nocapture"])
        .env(TOLD, url)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

async fn open(url: &str) -> valetkey_store::Store {
    valetkey_store::open(url, Arc::new(ManualClock::default()), Arc::new(SystemRandom)).await.unwrap()
}
