//! Where the master key comes from (decision 13): a file, the environment, or a command's output.

use std::{
    fs,
    io::{ErrorKind, Write as _},
    path::Path,
    process::Command,
};

use anyhow::{Context as _, anyhow, bail};
use base64::{Engine as _, engine::general_purpose};
use valetkey_crypto::{MasterKey, Zeroizing};

use crate::config::Settings;

/// The key that the settings name.
pub(crate) fn find(settings: &Settings) -> anyhow::Result<MasterKey> {
    match (&settings.master_key, &settings.master_key_file, &settings.master_key_command) {
        (Some(text), None, None) => parse(text.expose().as_bytes()).context("master_key"),
        (None, Some(path), None) => read(path),
        (None, None, Some(command)) => ask(command),
        (None, None, None) => bail!(
            "there is no master key: name a file with 32 random bytes as master_key_file (make one with `head -c 32 \
             /dev/urandom > master.key && chmod 600 master.key`), set VALETKEY_MASTER_KEY, or name a \
             master_key_command that prints it"
        ),
        _ => bail!(
            "the master key comes from one place: keep one of master_key, master_key_file and master_key_command"
        ),
    }
}

/// The key in that file; where there is none, a new one is put there, readable by its owner alone.
pub(crate) fn find_or_make(path: &Path) -> anyhow::Result<MasterKey> {
    let mut octets = Zeroizing::new([0; MasterKey::LEN]);
    valetkey_crypto::random_bytes(octets.as_mut_slice());
    match create(path, octets.as_slice()) {
        Ok(()) => Ok(MasterKey::new(*octets)),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => read(path),
        Err(error) => Err(error).with_context(|| format!("{} cannot be written", path.display())),
    }
}

/// Writes a new file that its owner alone may read.
pub(crate) fn create(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

fn read(path: &Path) -> anyhow::Result<MasterKey> {
    let octets = Zeroizing::new(fs::read(path).with_context(|| {
        format!("the master key cannot be read from {}: is that the right file?", path.display())
    })?);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(path)?.permissions().mode();
        if mode & 0o077 != 0 {
            tracing::warn!("{0} may be read by others: `chmod 600 {0}`", path.display());
        }
    }
    parse(&octets).with_context(|| format!("{}", path.display()))
}

fn ask(command: &str) -> anyhow::Result<MasterKey> {
    let output =
        Command::new("sh").arg("-c").arg(command).output().context("master_key_command cannot be run")?;
    if !output.status.success() {
        bail!("master_key_command ended with {}: run it by hand to see why", output.status);
    }
    parse(&Zeroizing::new(output.stdout)).context("the output of master_key_command")
}

/// 32 octets as they are, in hexadecimal or in base64.
fn parse(text: &[u8]) -> anyhow::Result<MasterKey> {
    let wrong = || anyhow!("a master key is 32 random bytes: as they are, in hexadecimal, or in base64");
    if text.len() == MasterKey::LEN {
        return MasterKey::parse(text).map_err(|_| wrong());
    }
    let text = std::str::from_utf8(text).map_err(|_| wrong())?.trim();
    let octets = if text.len() == 2 * MasterKey::LEN { from_hex(text) } else { None };
    let octets = octets
        .or_else(|| general_purpose::STANDARD.decode(text).ok())
        .or_else(|| general_purpose::URL_SAFE_NO_PAD.decode(text).ok());
    MasterKey::parse(&Zeroizing::new(octets.ok_or_else(wrong)?)).map_err(|_| wrong())
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_taken_as_octets_hexadecimal_or_base64() {
        let octets: Vec<u8> = (0..32).collect();
        let hex: String = octets.iter().map(|byte| format!("{byte:02x}")).collect();
        for text in [octets.clone(), hex.into_bytes(), general_purpose::STANDARD.encode(&octets).into_bytes()]
        {
            assert_eq!(parse(&text).unwrap().expose().as_slice(), octets);
        }
        for wrong in [&b"short"[..], &[0; 32], &[b'g'; 64]] {
            assert!(parse(wrong).is_err());
        }
    }
}
