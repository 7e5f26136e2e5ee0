//! A closed loop over keep-alive connections: as many requests as the server takes, each answer checked.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};

/// One answer, as far as a measurement looks at it.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    /// A header's value.
    pub(crate) fn header<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.all(name).next()
    }

    /// Every value of a header.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(':'))
            .filter(move |(own, _)| own.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
    }
}

/// One keep-alive connection.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub(crate) fn open(port: u16) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        Ok(Self { stream, buffer: Vec::with_capacity(16 * 1024) })
    }

    /// Sends a request and reads its whole answer.
    pub(crate) fn ask(&mut self, request: &str) -> anyhow::Result<Answer> {
        self.stream.write_all(request.as_bytes())?;
        self.buffer.clear();
        let mut chunk = [0; 16 * 1024];
        loop {
            let count = self.stream.read(&mut chunk)?;
            if count == 0 {
                bail!("the server hung up");
            }
            self.buffer.extend_from_slice(chunk.get(..count).unwrap_or_default());
            if let Some(answer) = self.parse()? {
                return Ok(answer);
            }
        }
    }

    fn parse(&self) -> anyhow::Result<Option<Answer>> {
        let Some(end) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
        let head = String::from_utf8_lossy(self.buffer.get(..end).unwrap_or_default()).into_owned();
        let length: usize = head
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .map_or(Ok(0), |(_, value)| value.trim().parse())?;
        let body = self.buffer.get(end + 4..).unwrap_or_default();
        if body.len() < length {
            return Ok(None);
        }
        let status = head.split(' ').nth(1).context("an odd status line")?.parse()?;
        Ok(Some(Answer { status, head, body: String::from_utf8_lossy(body).into_owned() }))
    }
}

/// A GET, ready to be sent.
pub(crate) fn get(path: &str, cookie: Option<&str>) -> String {
    let cookie = cookie.map(|cookie| format!("cookie: {cookie}\r\n")).unwrap_or_default();
    format!("GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n{cookie}\r\n")
}

/// A form POST, ready to be sent.
pub(crate) fn post(path: &str, form: &str, cookie: Option<&str>) -> String {
    let cookie = cookie.map(|cookie| format!("cookie: {cookie}\r\n")).unwrap_or_default();
    format!(
        "POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n{cookie}content-type: application/x-www-form-urlencoded\r\n\
         content-length: {}\r\n\r\n{form}",
        form.len()
    )
}

pub(crate) fn is_ready(port: u16, path: &str) -> bool {
    Connection::open(port)
        .and_then(|mut connection| connection.ask(&get(path, None)))
        .is_ok_and(|answer| answer.status == 200)
}

/// What one connection repeats: it knows its next request from the last answer.
pub(crate) trait Client: Send {
    /// One whole operation (one request, or a dance of several); answers how many requests it took.
    fn operate(&mut self, connection: &mut Connection) -> anyhow::Result<usize>;
}

/// What a loop measured.
#[derive(Debug, Default)]
pub(crate) struct Measured {
    pub(crate) operations: usize,
    pub(crate) elapsed: Duration,
    /// Microseconds of every operation, sorted.
    pub(crate) latencies: Vec<u32>,
}

impl Measured {
    pub(crate) fn percentile(&self, share: f64) -> u32 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "an index"
        )]
        let at = ((self.latencies.len() as f64) * share) as usize;
        self.latencies.get(at.min(self.latencies.len().saturating_sub(1))).copied().unwrap_or_default()
    }
}

/// Runs every client on a connection and a thread of its own for that long.
#[expect(clippy::disallowed_methods, reason = "a measurement reads the monotonic clock")]
pub(crate) fn run(port: u16, clients: Vec<Box<dyn Client>>, duration: Duration) -> anyhow::Result<Measured> {
    let begun = Instant::now();
    let threads: Vec<_> = clients
        .into_iter()
        .map(|mut client| {
            std::thread::spawn(move || -> anyhow::Result<Vec<u32>> {
                let mut connection = Connection::open(port)?;
                let mut latencies = Vec::with_capacity(64 * 1024);
                while begun.elapsed() < duration {
                    let asked = Instant::now();
                    client.operate(&mut connection)?;
                    latencies.push(u32::try_from(asked.elapsed().as_micros()).unwrap_or(u32::MAX));
                }
                Ok(latencies)
            })
        })
        .collect();
    let mut measured = Measured::default();
    for thread in threads {
        let latencies = thread.join().map_err(|_| anyhow::anyhow!("a client panicked"))??;
        measured.operations += latencies.len();
        measured.latencies.extend(latencies);
    }
    measured.elapsed = begun.elapsed();
    measured.latencies.sort_unstable();
    Ok(measured)
}
