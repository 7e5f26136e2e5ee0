//! The files that pages link to: one style sheet, the mark, nothing else.
//!
//! They are embedded in the binary. A page links to them under a name that carries a piece of the content's hash
//! (`/assets/valetkey.1f2e3d4c5b6a7988.css`), so a browser may keep them forever and still sees a change at once.

use std::borrow::Cow;
use std::fmt::Write as _;

use rust_embed::RustEmbed;

/// One embedded file, as it goes to the browser.
#[derive(Clone)]
pub struct Asset {
    /// The content.
    pub bytes: Cow<'static, [u8]>,
    /// The value of `Content-Type`.
    pub content_type: &'static str,
    /// A piece of the content's SHA-256 in hexadecimal: the `ETag` (to be quoted) and the mark in the name.
    pub hash: String,
    /// Whether the name asked for carried this very hash, so that the answer may be cached for good.
    pub is_immutable: bool,
}

impl Asset {
    /// Finds a file by its path below `/assets/`, with or without a hash in its name. A stale hash finds the file
    /// of today (a page from before an upgrade still gets its style), but not as immutable.
    pub fn find(path: &str) -> Option<Self> {
        if let Some(asset) = Self::load(path, None) {
            return Some(asset);
        }
        let (stem, extension) = path.rsplit_once('.')?;
        let (name, hash) = stem.rsplit_once('.')?;
        if hash.len() != HASH_CHARACTERS || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        Self::load(&format!("{name}.{extension}"), Some(hash))
    }

    /// The path under which pages link to a file: `/assets/` and the name with its hash.
    pub fn url(name: &str) -> Option<String> {
        let asset = Self::load(name, None)?;
        let (stem, extension) = name.rsplit_once('.')?;
        Some(format!("/assets/{stem}.{}.{extension}", asset.hash))
    }

    fn load(name: &str, asked_hash: Option<&str>) -> Option<Self> {
        let content_type = content_type(name)?;
        let file = Files::get(name)?;
        let mut hash = String::with_capacity(HASH_CHARACTERS);
        for byte in file.metadata.sha256_hash().iter().take(HASH_CHARACTERS / 2) {
            let _ = write!(hash, "{byte:02x}");
        }
        let is_immutable = asked_hash == Some(hash.as_str());
        Some(Self { bytes: file.data, content_type, hash, is_immutable })
    }
}

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Files;

/// Only what is listed here is served.
fn content_type(name: &str) -> Option<&'static str> {
    match name.rsplit_once('.')?.1 {
        "css" => Some("text/css; charset=utf-8"),
        "svg" => Some("image/svg+xml"),
        _ => None,
    }
}

const HASH_CHARACTERS: usize = 16;

#[cfg(test)]
mod tests {
    use super::Asset;

    #[test]
    fn a_linked_url_finds_its_file_and_is_immutable() {
        let url = Asset::url("valetkey.css").unwrap();
        let path = url.strip_prefix("/assets/").unwrap();
        let asset = Asset::find(path).unwrap();
        assert!(asset.is_immutable);
        assert_eq!(asset.content_type, "text/css; charset=utf-8");
        assert!(path.contains(&asset.hash));
    }

    #[test]
    fn a_plain_name_and_a_stale_hash_find_the_file_but_are_not_immutable() {
        assert!(!Asset::find("valetkey.css").unwrap().is_immutable);
        assert!(!Asset::find("valetkey.0123456789abcdef.css").unwrap().is_immutable);
    }

    #[test]
    fn nothing_else_is_found() {
        for path in ["", "..", "../Cargo.toml", "valetkey", "valetkey.js", "valetkey.x.css", "/valetkey.css"]
        {
            assert!(Asset::find(path).is_none(), "{path}");
        }
    }

    #[test]
    fn the_style_sheet_stays_small() {
        assert!(Asset::find("valetkey.css").unwrap().bytes.len() < 24 * 1024);
    }
}
