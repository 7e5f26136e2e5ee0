//! What a move and a read cost: sixteen callers at once, each commit synchronized.
//!
//! `cargo bench -p valetkey-store` prints rows a second. Beside it stands the processor time of one row, of all threads
//! (`/proc/self/stat`, where there is one): the figure that a noisy machine changes least.

#![expect(clippy::unwrap_used, reason = "a benchmark")]

use std::{
    future::Future,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tokio::{runtime::Runtime, task::JoinSet};
use valetkey_ports::{AccessRecord, Grant, Ports, SystemRandom, contract::samples, testing::ManualClock};

const CALLERS: u64 = 16;

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10).measurement_time(Duration::from_secs(4));
    targets = rows
}
criterion_main!(benches);

fn rows(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bench");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let url = format!("sqlite://{}", folder.join("valetkey.db").display());
    let clock = Arc::new(ManualClock::default());
    let store = runtime.block_on(valetkey_store::open(&url, clock, Arc::new(SystemRandom))).unwrap();
    let ports = &store.ports;
    let now = ports.clock.now();
    let grant = samples::standing_grant(&samples::client_id(), now);
    runtime.block_on(ports.grants.stand(&grant)).unwrap();

    measure(criterion, &runtime, "put_access", |count| put(ports.clone(), grant.clone(), count));
    let known: Arc<Vec<AccessRecord>> = Arc::new((0..10_000).map(|_| samples::access(&grant, now)).collect());
    runtime.block_on(async {
        for some in known.chunks(200) {
            let mut tasks = JoinSet::new();
            for record in some {
                let (ports, record) = (ports.clone(), record.clone());
                tasks.spawn(async move { ports.tokens.put_access(&record).await.unwrap() });
            }
            tasks.join_all().await;
        }
    });
    measure(criterion, &runtime, "find_access", |count| {
        let (ports, known) = (ports.clone(), known.clone());
        async move {
            for number in 0..count as usize {
                let hash = known[number * 7919 % known.len()].hash;
                assert!(ports.tokens.find_access(&hash).await.unwrap().is_some());
            }
        }
    });
    measure(criterion, &runtime, "rotate", |count| rotate(ports.clone(), count, false));
    measure(criterion, &runtime, "find_refresh and rotate", |count| rotate(ports.clone(), count, true));
    measure(criterion, &runtime, "code put and consume", |count| codes(ports.clone(), count));
    runtime.block_on(store.close());
    let _ = std::fs::remove_dir_all(&folder);
}

async fn put(ports: Ports, grant: Grant, count: u64) {
    let now = ports.clock.now();
    for _ in 0..count {
        ports.tokens.put_access(&samples::access(&grant, now)).await.unwrap();
    }
}

async fn rotate(ports: Ports, count: u64, is_found_first: bool) {
    let now = ports.clock.now();
    let (grant, refresh, _) = samples::opened(&ports, now).await;
    let mut current = refresh.current;
    for _ in 0..count {
        if is_found_first {
            assert!(ports.tokens.find_refresh(&refresh.family).await.unwrap().is_some());
        }
        let mut rotation = samples::rotation(&grant, refresh.family, current, now);
        rotation.access = None;
        assert!(ports.tokens.rotate(&rotation).await.unwrap());
        current = rotation.to;
    }
}

async fn codes(ports: Ports, count: u64) {
    let now = ports.clock.now();
    let client = samples::client_id();
    for _ in 0..count {
        let hash = samples::hash();
        let code = samples::code(&client, now);
        ports.codes.put(&hash, &code).await.unwrap();
        ports.codes.redeem(&hash, &client, &samples::grant_of(&code, now), now).await.unwrap();
    }
}

/// Spreads the rows over the callers, and prints what one costs.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
fn measure<F>(criterion: &mut Criterion, runtime: &Runtime, name: &str, work: impl Fn(u64) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let mut cost = (Duration::ZERO, 0);
    let mut group = criterion.benchmark_group("sqlite");
    group.throughput(Throughput::Elements(1));
    group.bench_function(name, |bencher| {
        bencher.iter_custom(|rows| {
            let before = processor_time();
            let start = Instant::now();
            runtime.block_on(async {
                let mut tasks = JoinSet::new();
                for caller in 0..CALLERS {
                    tasks.spawn(work(rows / CALLERS + u64::from(caller < rows % CALLERS)));
                }
                tasks.join_all().await;
            });
            let elapsed = start.elapsed();
            if let (Some(before), Some(after)) = (before, processor_time()) {
                cost.0 += after.saturating_sub(before);
                cost.1 += rows;
            }
            elapsed
        });
    });
    group.finish();
    if cost.1 > 0 {
        let micros = cost.0.as_secs_f64() * 1e6 / cost.1 as f64;
        println!("sqlite/{name}: {micros:.1} us of processor time each ({} rows)", cost.1);
    }
}

/// User and system time of this process, from the clock ticks (10 ms) of `/proc`.
fn processor_time() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at)?.parse::<u64>().ok();
    Some(Duration::from_millis((ticks(11)? + ticks(12)?) * 10))
}
