//! `cargo xtask security`: which security requirement is covered by which test.
//!
//! A test covers a requirement when its name carries the id: `sec_co_01_two_redemptions_of_one_code` covers CO-01.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context, Result, bail};
use serde::Serialize;

use crate::project;

/// How to tell it.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// As JSON.
    #[arg(long)]
    json: bool,
    /// Fail when a requirement of the parts that are built has no test.
    #[arg(long)]
    strict: bool,
    /// Only what has no test.
    #[arg(long)]
    missing: bool,
}

/// The parts whose requirements must be covered by now. Others have their names in the list and wait for their turn.
const BUILT: &[&str] = &["core", "oauth1"];

#[derive(Serialize)]
struct Row {
    id: String,
    requirement: String,
    part: String,
    is_due: bool,
    tests: Vec<String>,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let rows = rows()?;
    let unknown = unknown(&rows)?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&rows)?);
    } else {
        print(&rows, args.missing);
    }
    if !unknown.is_empty() {
        bail!("tests name requirements that are not in xtask/security-ids.txt: {}", unknown.join(", "));
    }
    let missing: Vec<&str> =
        rows.iter().filter(|row| row.is_due && row.tests.is_empty()).map(|row| row.id.as_str()).collect();
    if args.strict && !missing.is_empty() {
        bail!(
            "{} requirements of the parts that are built have no test: {}",
            missing.len(),
            missing.join(", ")
        );
    }
    Ok(())
}

fn print(rows: &[Row], only_missing: bool) {
    for row in rows {
        let word = match (row.tests.is_empty(), row.is_due) {
            (false, _) => "covered",
            (true, true) => "MISSING",
            (true, false) => "later",
        };
        if only_missing && word != "MISSING" {
            continue;
        }
        println!("{}  {word:7}  {} [{}]", row.id, row.requirement, row.part);
        for test in &row.tests {
            println!("                {test}");
        }
    }
    let due = rows.iter().filter(|row| row.is_due).count();
    let covered = rows.iter().filter(|row| row.is_due && !row.tests.is_empty()).count();
    println!("\n{} requirements; {due} belong to what is built, {covered} of these are covered", rows.len());
}

/// The list, with the tests of each.
fn rows() -> Result<Vec<Row>> {
    let list = project::root().join("xtask/security-ids.txt");
    let text = fs::read_to_string(&list).context("reading the list of requirements")?;
    let mut tests = tests()?;
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let mut columns = line.split('\t');
            let (Some(id), Some(requirement), Some(part)) = (columns.next(), columns.next(), columns.next())
            else {
                bail!("not `id<TAB>requirement<TAB>part`: {line}");
            };
            Ok(Row {
                id: id.into(),
                requirement: requirement.into(),
                part: part.into(),
                is_due: BUILT.contains(&part),
                tests: tests.remove(id).unwrap_or_default().into_iter().collect(),
            })
        })
        .collect()
}

/// Ids that a test names and the list does not.
fn unknown(rows: &[Row]) -> Result<Vec<String>> {
    let known: BTreeSet<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    Ok(tests()?.into_keys().filter(|id| !known.contains(id.as_str())).collect())
}

/// Every test that names an id, by id.
fn tests() -> Result<BTreeMap<String, BTreeSet<String>>> {
    let mut found = BTreeMap::<String, BTreeSet<String>>::new();
    for folder in ["crates", "tests"] {
        for file in project::files(&project::root().join(folder), &["rs", "py", "mjs"])? {
            let text = fs::read_to_string(&file)?;
            for line in text.lines() {
                for id in ids(line) {
                    let name = test_name(line);
                    found.entry(id).or_default().insert(format!("{}: {name}", project::shown(&file)));
                }
            }
        }
    }
    Ok(found)
}

/// The ids in a line that begins a test: `fn sec_co_01_…`, `def test_sec_co_01_…`, `test('sec_co_01 …`.
fn ids(line: &str) -> Vec<String> {
    let line = line.trim_start();
    let begins = [
        "fn ",
        "async fn ",
        "pub fn ",
        "pub async fn ",
        "pub(crate) async fn ",
        "def test_",
        "test(",
        "await t.test(",
    ];
    if !begins.iter().any(|begin| line.starts_with(begin)) {
        return Vec::new();
    }
    line.match_indices("sec_").filter_map(|(at, _)| id(line.get(at + "sec_".len()..)?)).collect()
}

/// `co_01_two_…` as `CO-01`.
fn id(text: &str) -> Option<String> {
    let mut parts = text.split(|letter: char| !letter.is_ascii_alphanumeric());
    let (group, number) = (parts.next()?, parts.next()?);
    let is_number = number.len() == 2 && number.bytes().all(|byte| byte.is_ascii_digit());
    (group.len() == 2 && is_number).then(|| format!("{}-{number}", group.to_ascii_uppercase()))
}

fn test_name(line: &str) -> &str {
    let at = line.find("sec_").unwrap_or(0);
    let name = line.get(at..).unwrap_or(line);
    name.split(['(', '\'', '"', '`']).next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::ids;

    #[test]
    fn a_test_covers_every_id_that_its_name_carries() {
        assert_eq!(ids("    fn sec_co_01_two_redemptions() {"), ["CO-01"]);
        assert_eq!(ids("async fn sec_co_01_sec_az_02_both() {"), ["CO-01", "AZ-02"]);
        assert_eq!(ids("def test_sec_o1_03_nonce():"), ["O1-03"]);
        assert_eq!(ids("test('sec_ui_01: no frames', async () => {"), ["UI-01"]);
    }

    #[test]
    fn what_is_no_test_covers_nothing() {
        assert!(ids("// see sec_co_01").is_empty());
        assert!(ids("fn second_secret() {").is_empty());
    }
}
