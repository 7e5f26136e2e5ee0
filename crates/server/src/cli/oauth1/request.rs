//! A request as somebody received it: from flags, or raw as it went over the wire.

use anyhow::{Context as _, bail};
use valetkey_oauth1::Received;

use super::sign::FORM;

/// A request, with what of it matters here.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Request {
    pub(super) method: String,
    /// An absolute URL, or path and query.
    pub(super) target: String,
    host: Option<String>,
    authorization: Vec<String>,
    content_type: Option<String>,
    body: Vec<u8>,
}

impl Request {
    /// From flags. A body without a type is a form, as with curl.
    pub(super) fn new(
        method: &str,
        url: &str,
        headers: &[String],
        body: Option<&str>,
    ) -> anyhow::Result<Self> {
        let mut request = Self {
            method: method.to_ascii_uppercase(),
            target: url.to_owned(),
            host: authority(url).map(str::to_owned),
            body: body.unwrap_or_default().as_bytes().to_vec(),
            ..Self::default()
        };
        for header in headers {
            request.header(header).with_context(|| format!("--header: {header:?} is no `Name: value`"))?;
        }
        if body.is_some() && request.content_type.is_none() {
            request.content_type = Some(FORM.to_owned());
        }
        Ok(request)
    }

    /// From the text of HTTP/1.1 (RFC 9112 §2), with any line ends, or as `curl -v` shows it.
    pub(super) fn raw(text: &[u8]) -> anyhow::Result<Self> {
        let mut request = Self::default();
        let mut rest = text;
        let mut length = None;
        let mut is_first = true;
        while let Some(end) = rest.iter().position(|octet| *octet == b'\n').or(Some(rest.len())) {
            let line = String::from_utf8_lossy(rest.get(..end).unwrap_or_default()).into_owned();
            let is_last = end >= rest.len();
            rest = rest.get(end + 1..).unwrap_or_default();
            let line = line.trim_end_matches('\r');
            let line = line.strip_prefix("> ").unwrap_or(if line == ">" { "" } else { line });
            match (is_first, line) {
                (true, "") => {}
                (true, line) => {
                    let mut words = line.split(' ');
                    let (Some(method), Some(target)) = (words.next(), words.next()) else {
                        bail!("a raw request begins with a line like `POST /path HTTP/1.1`, not {line:?}")
                    };
                    (request.method, request.target) = (method.to_owned(), target.to_owned());
                    request.host = authority(target).map(str::to_owned);
                    is_first = false;
                }
                (false, "") => break,
                (false, line) => {
                    request.header(line).with_context(|| format!("{line:?} is no header line"))?;
                    length = length.or(content_length(line));
                }
            }
            if is_last {
                break;
            }
        }
        if is_first {
            bail!("there is no request to explain: name a refused one by its id, or give --url or --raw");
        }
        // An editor ends the file with a line end that was not sent.
        request.body = match length {
            Some(length) => rest.get(..length).unwrap_or(rest).to_vec(),
            None => rest
                .strip_suffix(b"\n")
                .map_or(rest, |body| body.strip_suffix(b"\r").unwrap_or(body))
                .to_vec(),
        };
        Ok(request)
    }

    /// With that media type, whatever the headers said.
    pub(super) fn content_type(self, content_type: Option<&str>) -> Self {
        Self { content_type: content_type.map(str::to_owned).or(self.content_type), ..self }
    }

    /// Every `Authorization` header.
    pub(super) fn authorization(&self) -> Vec<&[u8]> {
        self.authorization.iter().map(String::as_bytes).collect()
    }

    /// The request as the protocol sees it.
    pub(super) fn received<'r>(&'r self, authorization: &'r [&'r [u8]]) -> Received<'r> {
        Received::new(&self.method, &self.target)
            .authorization(authorization)
            .host(self.host.as_deref())
            .body(self.content_type.as_deref().map(str::as_bytes), &self.body)
    }

    /// Path and query, without scheme and authority.
    pub(super) fn path_and_query(&self) -> &str {
        match self.target.split_once("://") {
            Some((_, rest)) => {
                rest.get(rest.find(['/', '?', '#']).unwrap_or(rest.len())..).unwrap_or_default()
            }
            None => &self.target,
        }
    }

    /// The URL, where the request itself tells: a bare path takes its host, and https but on this machine.
    pub(super) fn url(&self) -> anyhow::Result<String> {
        if self.target.contains("://") {
            return Ok(self.target.clone());
        }
        let host = self.host.as_deref();
        let host = host.context("the request has no Host header: say --base https://host of the server")?;
        let is_here = ["localhost", "127.", "[::1]"].iter().any(|here| host.starts_with(here));
        Ok(format!("{}://{host}{}", if is_here { "http" } else { "https" }, self.target))
    }

    fn header(&mut self, line: &str) -> Option<()> {
        let (name, value) = line.split_once(':')?;
        let value = value.trim().to_owned();
        match name.trim().to_ascii_lowercase().as_str() {
            "authorization" => self.authorization.push(value),
            "content-type" => self.content_type = Some(value),
            "host" => self.host = Some(value),
            _ => {}
        }
        Some(())
    }
}

fn authority(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    Some(authority.rsplit_once('@').map_or(authority, |(_, host)| host))
}

fn content_length(line: &str) -> Option<usize> {
    let (name, value) = line.split_once(':')?;
    name.trim().eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_raw_request_is_read_with_any_line_ends() {
        let raw =
            b"POST /x?a=1 HTTP/1.1\r\nHost: a.example\r\ncontent-type: application/x-www-form-urlencoded\r\n\
            Authorization: OAuth b=\"c\"\r\nX-Other: d\r\n\r\ne=f&g=h\n";
        let read = Request::raw(raw).unwrap();
        assert_eq!(
            read,
            Request {
                method: "POST".into(),
                target: "/x?a=1".into(),
                host: Some("a.example".into()),
                authorization: vec!["OAuth b=\"c\"".into()],
                content_type: Some(FORM.into()),
                body: b"e=f&g=h".to_vec(),
            }
        );
        assert_eq!(read.url().unwrap(), "https://a.example/x?a=1");
        let shown: String = String::from_utf8_lossy(raw)
            .replace('\r', "")
            .lines()
            .map(|line| match line {
                "e=f&g=h" => "e=f&g=h".to_owned(),
                line => format!("> {line}\n"),
            })
            .collect();
        assert_eq!(Request::raw(shown.as_bytes()).unwrap(), read);
    }

    #[test]
    fn a_raw_request_may_end_anywhere_and_a_length_is_kept_to() {
        let read = Request::raw(b"GET http://localhost:7000?a=1 HTTP/1.1").unwrap();
        assert_eq!(
            (read.path_and_query(), read.url().unwrap().as_str()),
            ("?a=1", "http://localhost:7000?a=1")
        );
        let read =
            Request::raw(b"POST / HTTP/1.1\nHost: 127.0.0.1:7000\nContent-Length: 3\n\na=b\n\n").unwrap();
        assert_eq!(
            (read.body.as_slice(), read.url().unwrap().as_str()),
            (&b"a=b"[..], "http://127.0.0.1:7000/")
        );
        for broken in [&b""[..], b"\n\n", b"nonsense", b"GET / HTTP/1.1\nno header\n\n"] {
            assert!(Request::raw(broken).is_err(), "{broken:?}");
        }
    }
}
