//! One form of every path (security OP-08): what another server on the way might read otherwise is not found here.

/// Whether a path is in the one form that is routed: no empty or dot segments, no parameters, no separators in disguise.
pub(super) fn is_canonical(path: &str) -> bool {
    if !path.starts_with('/') {
        return false;
    }
    let bytes = path.as_bytes();
    let mut rest = bytes;
    while let Some((byte, after)) = rest.split_first() {
        let is_odd = match byte {
            b'/' => matches!(
                after,
                [b'/', ..] | [b'.'] | [b'.', b'/', ..] | [b'.', b'.'] | [b'.', b'.', b'/', ..]
            ),
            b';' | b'\\' => true,
            b'%' => is_odd_escape(after),
            _ => false,
        };
        if is_odd {
            return false;
        }
        rest = after;
    }
    true
}

/// Escapes of `/`, `\`, `.`, `;`, `%`, of control characters; and what is no escape.
fn is_odd_escape(after: &[u8]) -> bool {
    let [high, low, ..] = after else { return true };
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    match (digit(high), digit(low)) {
        (Some(high), Some(low)) => {
            let byte = high * 16 + low;
            byte < 0x20 || matches!(byte, 0x2f | 0x5c | 0x2e | 0x3b | 0x25 | 0x7f)
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_ours_are_canonical() {
        for path in ["/", "/oauth2/token", "/.well-known/jwks.json", "/apps/caf%C3%A9", "/a/b/", "/a.b"] {
            assert!(is_canonical(path), "{path}");
        }
    }

    #[test]
    fn sec_op_08_what_others_may_read_otherwise_is_not() {
        for path in [
            "",
            "*",
            "a",
            "//a",
            "/a//b",
            "/a;x",
            "/a/./b",
            "/a/../b",
            "/..",
            "/.",
            "/a%2fb",
            "/a%2Fb",
            "/a%5cb",
            "/%2e%2e/a",
            "/a%00",
            "/a%",
            "/a%zz",
            "/a%252f",
            "/a\\b",
            "/a%3bx",
        ] {
            assert!(!is_canonical(path), "{path}");
        }
    }
}
