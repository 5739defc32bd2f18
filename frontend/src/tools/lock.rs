//! `lock`: what a lock says beside what its names stand for now.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use stagefile_language::lock::{Kind, Lock, Name};

use super::table::table;

/// How many digits of a digest people are shown.
const DIGITS: usize = 12;

/// A name of a file or of its lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The name.
    pub name: Name,
    /// What the lock says.
    pub locked: Option<String>,
    /// What it is now, where that was asked.
    pub now: Option<String>,
    /// What there is to say of it.
    pub state: State,
}

/// What there is to say of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is in the lock.
    Locked,
    /// The lock has another pin than it would get now.
    Moved,
    /// The lock doesn't have it.
    Missing,
    /// The lock has it, and the file doesn't name it.
    Unused,
}

impl State {
    /// Returns the word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Locked => "locked",
            Self::Moved => "moved",
            Self::Missing => "missing",
            Self::Unused => "unused",
        }
    }
}

/// Compares the names of a file with its lock: each with what it is now, where that is known.
pub fn compare(names: &BTreeMap<Name, Option<String>>, lock: &Lock) -> Vec<Row> {
    let named = names.iter().map(|(name, now)| {
        let locked = lock.get(name).map(|pin| pin.value.clone());
        let state = match (&locked, now) {
            (None, _) => State::Missing,
            (Some(locked), Some(now)) if locked != now => State::Moved,
            (Some(_), _) => State::Locked,
        };
        Row {
            name: name.clone(),
            locked,
            now: now.clone(),
            state,
        }
    });
    let unused = lock.iter().filter(|(name, _)| !names.contains_key(name));
    let unused = unused.map(|(name, pin)| Row {
        name: name.clone(),
        locked: Some(pin.value.clone()),
        now: None,
        state: State::Unused,
    });
    let mut rows: Vec<Row> = named.chain(unused).collect();
    rows.sort_by(|one, other| one.name.cmp(&other.name));
    rows
}

/// Tells whether a lock has to be written anew.
pub fn is_stale(rows: &[Row]) -> bool {
    rows.iter().any(|row| row.state != State::Locked)
}

/// Says for people what is to be said of a lock.
pub fn text(rows: &[Row], lock: &str) -> String {
    if !is_stale(rows) {
        let count = match rows.len() {
            1 => "1 name".to_owned(),
            count => format!("{count} names"),
        };
        return format!("{lock} is up to date: {count}\n");
    }
    let stale = rows.iter().filter(|row| row.state != State::Locked);
    let cells = stale.map(|row| {
        let pin = |pin: Option<&str>| pin.map_or_else(String::new, short);
        vec![
            row.state.word().to_owned(),
            row.name.text.clone(),
            pin(row.locked.as_deref()),
            pin(row.now.as_deref()),
        ]
    });
    let help = format!("\n`docker buildx build --call lock . > {lock}` writes it anew\n");
    table(&["STATE", "NAME", "LOCKED", "NOW"], cells) + &help
}

/// Says the same for programs.
pub fn json(rows: &[Row], lock: &str) -> Value {
    let names = rows.iter().map(|row| {
        json!({
            "kind": kind(row.name.kind),
            "name": row.name.text,
            "locked": row.locked,
            "now": row.now,
            "state": row.state.word(),
        })
    });
    json!({
        "filename": lock,
        "upToDate": !is_stale(rows),
        "names": names.collect::<Vec<_>>(),
    })
}

/// Returns the word for a kind.
pub fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Frontend => "frontend",
        Kind::Image => "image",
        Kind::Git => "git",
        Kind::Http => "http",
    }
}

/// Shortens a digest or a commit for people.
fn short(pin: &str) -> String {
    let (algorithm, digits) = pin.split_once(':').unwrap_or(("", pin));
    let digits: String = digits.chars().take(DIGITS).collect();
    match algorithm {
        "" => digits,
        algorithm => format!("{algorithm}:{digits}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        Name {
            kind: Kind::Http,
            text: text.to_owned(),
        }
    }

    #[test]
    fn a_lock_is_compared_name_by_name() {
        let mut lock = Lock::default();
        for (text, pin) in [("same", "a:1"), ("moved", "a:1"), ("unused", "a:1")] {
            lock.insert(name(text), pin.to_owned());
        }
        let now = |pin: &str| Some(pin.to_owned());
        let names = [
            (name("same"), now("a:1")),
            (name("moved"), now("a:2")),
            (name("new"), now("a:3")),
        ];
        let rows = compare(&names.into(), &lock);
        assert_eq!(
            text(&rows, "Stagefile.lock"),
            "STATE     NAME     LOCKED   NOW
moved     moved    a:1      a:2
missing   new               a:3
unused    unused   a:1

`docker buildx build --call lock . > Stagefile.lock` writes it anew
"
        );
        let names = [
            (name("same"), None),
            (name("moved"), None),
            (name("unused"), None),
        ];
        let rows = compare(&names.into(), &lock);
        assert_eq!(text(&rows, "L"), "L is up to date: 3 names\n");
        assert_eq!(json(&rows, "L")["upToDate"], true);
    }
}
