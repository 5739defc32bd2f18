//! `lock`: the entries of a lock file compared with the current content of names.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use stagefile_language::lock::{Kind, Lock, Name};

use super::table::table;

/// The number of digits of a digest that are shown.
const DIGITS: usize = 12;

/// A name in a file or in its lock file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The name.
    pub name: Name,
    /// The pin in the lock file.
    pub locked: Option<String>,
    /// The current pin, if it was requested.
    pub now: Option<String>,
    /// The state of the entry.
    pub state: State,
}

/// The state of a lock file's entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The name is in the lock file.
    Locked,
    /// The pin in the lock file differs from the current one.
    Moved,
    /// The lock file lacks the name.
    Missing,
    /// The name is in the lock file, but not in the file.
    Unused,
}

impl State {
    /// Returns the name of the state.
    pub fn word(self) -> &'static str {
        match self {
            Self::Locked => "locked",
            Self::Moved => "moved",
            Self::Missing => "missing",
            Self::Unused => "unused",
        }
    }
}

/// Compares the names in a file with its lock file, with current pins where known.
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

/// Reports whether a lock file has to be updated.
pub fn is_stale(rows: &[Row]) -> bool {
    rows.iter().any(|row| row.state != State::Locked)
}

/// Describes the entries as text.
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

/// Describes the entries as JSON.
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

/// Returns the name of a kind.
pub fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Frontend => "frontend",
        Kind::Image => "image",
        Kind::Git => "git",
        Kind::Http => "http",
    }
}

/// Shortens a digest or a commit hash.
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
