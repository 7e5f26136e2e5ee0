//! The proof that the protocol crates do no IO: what they are built from, and what their sources name.
//!
//! Time and randomness count as IO here: both are given by the caller. Tests may read files and clocks.

use std::fs;
use std::path::Path;

use anyhow::{Result, bail};

use crate::steps::End;
use crate::{project, tools};

/// The protocol crates, by folder.
const CRATES: &[&str] = &["crypto", "jose", "oauth1", "oauth2"];

/// Crates that bring a runtime, sockets, files, databases, HTTP, a clock or randomness.
const BANNED_CRATES: &[&str] = &[
    "actix-rt",
    "actix-web",
    "async-io",
    "async-std",
    "axum",
    "chrono",
    "curl",
    "deadpool",
    "diesel",
    "fastrand",
    "getrandom",
    "h2",
    "hyper",
    "hyper-util",
    "isahc",
    "jiff",
    "lettre",
    "libsqlite3-sys",
    "mio",
    "mysql",
    "mysql_async",
    "native-tls",
    "openssl",
    "polling",
    "postgres",
    "quinn",
    "r2d2",
    "rand",
    "redis",
    "reqwest",
    "rusqlite",
    "rustix",
    "rustls",
    "smol",
    "socket2",
    "sqlx",
    "tempfile",
    "time",
    "tokio",
    "tokio-postgres",
    "tokio-rustls",
    "tower-http",
    "tungstenite",
    "ureq",
];

/// What such a tree is not looked into: `rsa` names the traits and helpers of `rand`, and draws from nothing but the
/// generator that it is handed.
const PRUNED: &str = "rsa";

/// What lies in `std` and touches the world; and types that read a clock.
const BANNED_STD: &[&str] = &["env", "fs", "io::stdin", "io::stdout", "net", "os", "process", "thread"];
const BANNED_WORDS: &[&str] = &[
    "SystemTime",
    "time::Instant",
    "Instant::now",
    "aws_lc_rs::rand::fill",
    "SystemRandom",
    "Uuid::new_v4",
    "Uuid::now_v7",
];

/// Looks at the dependency trees, then at the sources.
pub(super) fn check() -> Result<End> {
    let mut faults = Vec::new();
    for name in CRATES {
        let folder = project::root().join("crates").join(name);
        if folder.is_dir() {
            let seen = in_tree(name, &mut faults)?;
            let files = in_sources(&folder.join("src"), &mut faults)?;
            println!("    valetkey-{name}: {seen} crates in its tree, {files} files read");
        }
    }
    if faults.is_empty() {
        return Ok(End::Held);
    }
    bail!("{}", faults.join("\n    "))
}

fn in_tree(name: &str, faults: &mut Vec<String>) -> Result<usize> {
    let package = format!("valetkey-{name}");
    let mut tree = tree_of(&package, &[])?;
    // Cargo refuses to prune what is not there.
    if tree.lines().any(|line| line.split(' ').next() == Some(PRUNED)) {
        tree = tree_of(&package, &["--prune", PRUNED])?;
    }
    let mut crates: Vec<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    crates.sort_unstable();
    crates.dedup();
    for banned in crates.iter().filter(|found| BANNED_CRATES.contains(found)) {
        faults.push(format!(
            "{package} depends on {banned} (cargo tree --package {package} --invert {banned})"
        ));
    }
    Ok(crates.len())
}

fn tree_of(package: &str, more: &[&str]) -> Result<String> {
    let usual = ["tree", "--locked", "--package", package, "--edges", "normal", "--target", "all"];
    let form = ["--prefix", "none", "--no-dedupe", "--all-features", "--format", "{p}"];
    tools::output(tools::cargo().args(usual).args(form).args(more))
}

fn in_sources(folder: &Path, faults: &mut Vec<String>) -> Result<usize> {
    let files = project::files(folder, &["rs"])?;
    for file in &files {
        if file.ends_with("tests.rs") || file.components().any(|part| part.as_os_str() == "tests") {
            continue;
        }
        let text = fs::read_to_string(file)?;
        // The backend draws its own randomness for signatures and key pairs; what we mint asks a port.
        let is_backend = project::shown(file).contains("crypto/src/aws_lc");
        for word in banned_in(&text) {
            if is_backend && word == "SystemRandom" {
                continue;
            }
            faults.push(format!("{} names {word}", project::shown(file)));
        }
    }
    Ok(files.len())
}

/// The banned names in a source text, without its comments and without the tests at its end.
fn banned_in(text: &str) -> Vec<String> {
    let code: String = text
        .split("#[cfg(test)]\nmod ")
        .next()
        .unwrap_or_default()
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect();
    let code: String = code.split_whitespace().collect::<Vec<_>>().join("");
    let mut found: Vec<String> =
        BANNED_WORDS.iter().filter(|word| code.contains(*word)).map(ToString::to_string).collect();
    for (at, _) in code.match_indices("std::") {
        for path in paths(code.get(at + "std::".len()..).unwrap_or_default()) {
            if let Some(banned) = BANNED_STD.iter().find(|banned| is_below(&path, banned)) {
                found.push(format!("std::{banned}"));
            }
        }
    }
    found
}

/// The paths of a use tree, one level of braces deep: `{fmt,net::TcpStream}` gives `fmt` and `net::TcpStream`.
fn paths(code: &str) -> Vec<String> {
    let is_path = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == ':';
    let head = |part: &str| part.chars().take_while(|letter| is_path(*letter)).collect::<String>();
    let Some(inside) = code.strip_prefix('{') else { return vec![head(code)] };
    let mut depth = 0_u32;
    let mut parts = vec![String::new()];
    for letter in inside.chars() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => parts.push(String::new()),
            _ if depth == 0 => parts.iter_mut().last().into_iter().for_each(|part| part.push(letter)),
            _ => {}
        }
    }
    parts.iter().map(|part| head(part)).collect()
}

fn is_below(path: &str, banned: &str) -> bool {
    path.strip_prefix(banned).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
}

#[cfg(test)]
mod tests {
    use super::banned_in;

    #[test]
    fn a_socket_is_found_however_it_is_imported() {
        assert_eq!(banned_in("use std::net::TcpStream;"), ["std::net"]);
        assert_eq!(banned_in("use std::{\n    fmt,\n    net::{TcpStream, UdpSocket},\n};"), ["std::net"]);
        assert_eq!(banned_in("let now = std::time::SystemTime::now();"), ["SystemTime"]);
    }

    #[test]
    fn comments_tests_and_names_that_only_begin_alike_are_left_alone() {
        assert!(banned_in("// std::net is not for us\nuse std::networks;").is_empty());
        assert!(banned_in("fn a() {}\n#[cfg(test)]\nmod tests { use std::fs; }").is_empty());
    }
}
