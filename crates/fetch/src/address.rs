//! Which addresses belong to the public internet, and which never get a visit from [`Guarded`](crate::Guarded).
//!
//! IPv4 is a list of blocks to refuse; IPv6 is refused except for global unicast (`2000::/3`), and there some blocks
//! too. So mapped (`::ffff:0:0/96`), NAT64 (`64:ff9b::/96`, `64:ff9b:1::/48`), loopback, unique local and link-local
//! addresses fall without being named. Drawn from IANA's special-purpose address registries (RFC 6890).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether a guarded fetch may connect to this address.
///
/// ```
/// use valetkey_fetch::address::is_public;
///
/// assert!(is_public("93.184.216.34".parse().unwrap()));
/// assert!(!is_public("169.254.169.254".parse().unwrap())); // a cloud's metadata service
/// assert!(!is_public("::ffff:10.0.0.1".parse().unwrap())); // IPv4 in disguise
/// ```
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => !REFUSED_V4.iter().any(|block| block.holds(v4)),
        IpAddr::V6(v6) => GLOBAL_UNICAST.holds(v6) && !REFUSED_V6.iter().any(|block| block.holds(v6)),
    }
}

/// Whether this is the machine itself, also as an IPv4-mapped IPv6 address.
#[must_use]
pub fn is_loopback(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_loopback(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.to_ipv4_mapped().is_some_and(|v4| v4.is_loopback()),
    }
}

struct V4(Ipv4Addr, u32);

impl V4 {
    const fn new(a: u8, b: u8, c: u8, d: u8, prefix: u32) -> Self {
        Self(Ipv4Addr::new(a, b, c, d), prefix)
    }

    fn holds(&self, address: Ipv4Addr) -> bool {
        (self.0.to_bits() ^ address.to_bits()).leading_zeros() >= self.1
    }
}

struct V6(Ipv6Addr, u32);

impl V6 {
    const fn new(a: u16, b: u16, c: u16, prefix: u32) -> Self {
        Self(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0), prefix)
    }

    fn holds(&self, address: Ipv6Addr) -> bool {
        (self.0.to_bits() ^ address.to_bits()).leading_zeros() >= self.1
    }
}

const REFUSED_V4: &[V4] = &[
    V4::new(0, 0, 0, 0, 8),        // this network
    V4::new(10, 0, 0, 0, 8),       // private
    V4::new(100, 64, 0, 0, 10),    // carrier-grade NAT; also one cloud's metadata service
    V4::new(127, 0, 0, 0, 8),      // loopback
    V4::new(168, 63, 129, 16, 32), // a cloud's host agent, public by number only
    V4::new(169, 254, 0, 0, 16),   // link-local; most clouds' metadata services
    V4::new(172, 16, 0, 0, 12),    // private
    V4::new(192, 0, 0, 0, 24),     // protocol assignments
    V4::new(192, 0, 2, 0, 24),     // documentation
    V4::new(192, 31, 196, 0, 24),  // AS112
    V4::new(192, 52, 193, 0, 24),  // AMT
    V4::new(192, 88, 99, 0, 24),   // 6to4 relays
    V4::new(192, 168, 0, 0, 16),   // private
    V4::new(192, 175, 48, 0, 24),  // AS112
    V4::new(198, 18, 0, 0, 15),    // benchmarks
    V4::new(198, 51, 100, 0, 24),  // documentation
    V4::new(203, 0, 113, 0, 24),   // documentation
    V4::new(224, 0, 0, 0, 4),      // multicast
    V4::new(240, 0, 0, 0, 4),      // reserved, broadcast
];

const GLOBAL_UNICAST: V6 = V6::new(0x2000, 0, 0, 3);

const REFUSED_V6: &[V6] = &[
    V6::new(0x2001, 0, 0, 23),      // protocol assignments: Teredo, benchmarks, ORCHID …
    V6::new(0x2001, 0x0db8, 0, 32), // documentation
    V6::new(0x2002, 0, 0, 16),      // 6to4: an IPv4 address inside
    V6::new(0x2620, 0x004f, 0x8000, 48), // AS112
    V6::new(0x3fff, 0, 0, 20),      // documentation
];

#[cfg(test)]
mod tests {
    use super::*;

    fn public(text: &str) -> bool {
        is_public(text.parse().unwrap())
    }

    #[test]
    fn ordinary_addresses_are_public() {
        for text in
            ["1.1.1.1", "93.184.216.34", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "2a00:1450::1"]
        {
            assert!(public(text), "{text}");
        }
    }

    #[test]
    fn sec_rg_06_special_use_ipv4_addresses_are_refused() {
        let refused = [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "100.100.100.200",
            "127.0.0.1",
            "127.255.255.255",
            "168.63.129.16",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.250",
            "240.0.0.1",
            "255.255.255.255",
        ];
        for text in refused {
            assert!(!public(text), "{text}");
        }
    }

    #[test]
    fn sec_rg_06_special_use_and_translated_ipv6_addresses_are_refused() {
        let refused = [
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::ffff:0:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:2::1",
            "2001:20::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2620:4f:8000::1",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ];
        for text in refused {
            assert!(!public(text), "{text}");
        }
    }

    #[test]
    fn loopback_is_known_in_all_its_forms() {
        for text in ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"] {
            assert!(is_loopback(text.parse().unwrap()), "{text}");
        }
        assert!(!is_loopback("10.0.0.1".parse().unwrap()));
    }
}
