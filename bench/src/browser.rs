//! As much of a browser as login and consent need: cookies, redirects, hidden fields.

use anyhow::{Context, bail};

use crate::{
    load::{Answer, Connection, get, post},
    subject::CALLBACK,
};

pub(crate) struct Browser {
    connection: Connection,
    cookies: Vec<(String, String)>,
}

impl Browser {
    pub(crate) fn open(port: u16) -> anyhow::Result<Self> {
        Ok(Self { connection: Connection::open(port)?, cookies: Vec::new() })
    }

    pub(crate) fn follow(&mut self, path: &str) -> anyhow::Result<String> {
        let mut next = path.to_owned();
        for _ in 0..8 {
            let request = get(&next, Some(&self.cookie_header()));
            let answer = self.connection.ask(&request)?;
            self.remember(&answer);
            match answer.header("location") {
                Some(away) if away.starts_with(CALLBACK) => return Ok(String::new()),
                Some(location) => next = local(location),
                None if answer.status == 200 => return Ok(answer.body),
                None => bail!("{next} answered {}", answer.status),
            }
        }
        bail!("too many redirects from {path}")
    }

    pub(crate) fn submit(&mut self, path: &str, fields: &str) -> anyhow::Result<String> {
        let request = post(path, fields, Some(&self.cookie_header()));
        let answer = self.connection.ask(&request)?;
        self.remember(&answer);
        match answer.header("location") {
            Some(away) if away.starts_with(CALLBACK) => Ok(String::new()),
            Some(location) => self.follow(&local(location)),
            None => bail!("the form at {path} was answered with {}", answer.status),
        }
    }

    pub(crate) fn cookie_header(&self) -> String {
        self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    fn remember(&mut self, answer: &Answer) {
        for cookie in answer.all("set-cookie") {
            let Some((name, rest)) = cookie.split_once('=') else { continue };
            let value = rest.split(';').next().unwrap_or_default().to_owned();
            self.cookies.retain(|(own, _)| own != name);
            self.cookies.push((name.to_owned(), value));
        }
    }
}

fn local(location: &str) -> String {
    match location.strip_prefix("http://").and_then(|rest| rest.split_once('/')) {
        Some((_, path)) => format!("/{path}"),
        None => location.to_owned(),
    }
}

/// The value of a hidden field.
pub(crate) fn field(page: &str, name: &str) -> anyhow::Result<String> {
    let at = page.find(&format!("name=\"{name}\"")).with_context(|| format!("no field {name}"))?;
    let begin = page.get(..at).and_then(|before| before.rfind('<')).unwrap_or(0);
    let tag = page.get(begin..).and_then(|rest| rest.split('>').next()).unwrap_or_default();
    let value = tag.split_once("value=\"").and_then(|(_, rest)| rest.split('"').next());
    Ok(value.with_context(|| format!("the field {name} has no value"))?.to_owned())
}
