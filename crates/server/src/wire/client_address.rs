//! Who is at the other end (security UI-09, OP-06): the connection's address, or, where that is a trusted proxy's, the
//! nearest address in `X-Forwarded-For` that is none.

use std::net::{IpAddr, Ipv6Addr};

use http::HeaderMap;
use ipnet::IpNet;

/// The proxies whose word counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// Reads addresses and networks: `10.0.0.7`, `10.0.0.0/8`, `::1`.
    pub(crate) fn parse(texts: &[String]) -> Result<Self, String> {
        let net = |text: &String| {
            let text = text.trim();
            text.parse::<IpNet>()
                .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
                .map_err(|_| format!("trusted_proxies: {text:?} is neither an address nor a network"))
        };
        Ok(Self(texts.iter().map(net).collect::<Result<_, _>>()?))
    }

    pub(crate) fn contains(&self, address: &IpAddr) -> bool {
        self.0.iter().any(|net| net.contains(address))
    }

    /// The client's address. What a stranger writes into the header is never looked at.
    pub(crate) fn client(&self, connection: IpAddr, headers: &HeaderMap) -> IpAddr {
        let connection = plain(connection);
        if self.0.is_empty() || !self.contains(&connection) {
            return connection;
        }
        let mut nearest = connection;
        let lines = headers.get_all("x-forwarded-for").iter().rev();
        for hop in lines.flat_map(|line| line.to_str().unwrap_or("?").rsplit(',')) {
            // What cannot be read hides what stands behind it.
            let Some(address) = read(hop.trim()) else { return nearest };
            nearest = address;
            if !self.contains(&address) {
                return address;
            }
        }
        nearest
    }
}

impl TrustedProxies {
    /// Whether a trusted proxy says that the client came by TLS.
    pub(crate) fn says_https(&self, connection: IpAddr, headers: &HeaderMap) -> bool {
        if self.0.is_empty() || !self.contains(&plain(connection)) {
            return false;
        }
        let mut schemes = headers.get_all("x-forwarded-proto").iter();
        let scheme = schemes.next().and_then(|scheme| scheme.to_str().ok());
        // Of several proxies the first has met the client.
        let first = scheme.and_then(|scheme| scheme.split(',').next());
        first.is_some_and(|first| first.trim().eq_ignore_ascii_case("https"))
    }
}

/// An address as proxies write it: bare, or with a port.
fn read(hop: &str) -> Option<IpAddr> {
    let bare = hop.parse().or_else(|_| hop.parse::<std::net::SocketAddr>().map(|address| address.ip()));
    bare.or_else(|_| hop.trim_start_matches('[').trim_end_matches(']').parse()).ok().map(plain)
}

/// IPv4 in its own form, also where a socket shows it as IPv6: one client has one address.
fn plain(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(IpAddr::V6(v6), IpAddr::V4),
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// What connections are counted under: an IPv4 address, or the network that one IPv6 customer has.
pub(super) fn source(address: IpAddr) -> IpAddr {
    match plain(address) {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(trusted: &[&str], connection: &str, lines: &[&str]) -> String {
        let trusted =
            TrustedProxies::parse(&trusted.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap();
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        trusted.client(connection.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn sec_ui_09_a_stranger_cannot_choose_its_address() {
        assert_eq!(client(&[], "203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(client(&["10.0.0.0/8"], "203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
    }

    #[test]
    fn a_trusted_proxy_names_the_client() {
        let trusted = &["10.0.0.0/8", "::1"];
        assert_eq!(client(trusted, "10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(client(trusted, "::ffff:10.0.0.1", &["198.51.100.1:4711"]), "198.51.100.1");
        assert_eq!(client(trusted, "::1", &["6.6.6.6, 198.51.100.1, 10.0.0.2"]), "198.51.100.1");
        assert_eq!(client(trusted, "10.0.0.1", &["6.6.6.6", "198.51.100.1"]), "198.51.100.1");
        assert_eq!(client(trusted, "10.0.0.1", &["6.6.6.6, unknown"]), "10.0.0.1");
        assert_eq!(client(trusted, "10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(client(trusted, "10.0.0.1", &["[2001:db8::7]"]), "2001:db8::7");
    }
}
