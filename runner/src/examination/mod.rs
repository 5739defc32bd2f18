//! Checks the files of an image, and reports which assertions fail.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::io::{self, Read, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use stagefile_text::visible;

use super::facts::{Fact, Facts, Kind, MESSAGE, Wanted, kind_of};
use super::pattern::Pattern;
use super::root::{Entry, Root};
use super::{say, shown};

/// The maximum number of files matching a pattern that are named in a failure.
const MAX_NAMED: usize = 3;
/// The maximum length of the closing list; clients show the last ten lines of a failed step.
const MAX_LISTED: usize = 8;
/// The number of bytes of a file that are read at a time.
const PIECE: usize = 64 << 10;
/// The permission bits in a file's mode.
const PERMISSIONS: u32 = 0o7777;

/// Checks the assertions in a file against the files below a directory. Returns the exit code.
pub(super) fn run(directory: &Path, facts: &Path) -> u8 {
    let facts = match std::fs::read(facts) {
        Ok(json) => Facts::parse(&json),
        Err(error) => {
            say(&format!("can't read what is to be checked: {error}"));
            return 2;
        }
    };
    let Some(facts) = facts else {
        say("can't understand what is to be checked");
        return 2;
    };
    let report = report(&Root::new(directory), &facts);
    // If this fails, nobody can be told; the exit code still reports the failure.
    _ = std::io::stderr().write_all(visible::lines(&report).as_bytes());
    u8::from(!report.is_empty())
}

/// Describes the assertions that fail; empty if none do.
fn report(root: &Root, facts: &Facts) -> String {
    let mut wrong: Vec<(&Fact, String)> = Vec::new();
    let mut examined = Examined::default();
    for fact in &facts.facts {
        if let Some(message) = examined.mismatch(root, fact) {
            wrong.push((fact, message));
        }
    }
    let mut report = String::new();
    for (fact, message) in &wrong {
        let excerpt = fact.excerpt.replacen(MESSAGE, message, 1);
        _ = writeln!(report, "{}\n", excerpt.trim_end());
    }
    if wrong.len() > 1 {
        let (count, all, about) = (wrong.len(), facts.facts.len(), &facts.about);
        _ = writeln!(report, "{count} of {all} facts about {about} don't hold:");
        for (fact, message) in wrong.iter().take(MAX_LISTED) {
            _ = writeln!(report, "  {}: {message}", fact.place);
        }
        if count > MAX_LISTED {
            _ = writeln!(report, "  … and {} more", count - MAX_LISTED);
        }
    }
    report
}

/// The matches of the last pattern, so that several assertions about it need only one walk.
#[derive(Default)]
struct Examined {
    pattern: String,
    paths: Vec<PathBuf>,
}

impl Examined {
    /// Returns what is wrong if an assertion fails.
    fn mismatch(&mut self, root: &Root, fact: &Fact) -> Option<String> {
        let pattern = Pattern::parse(&fact.path);
        if !pattern.has_wildcards() {
            return mismatch(root, &pattern.top, &fact.wanted);
        }
        let name = shown(fact.path.as_bytes());
        if self.pattern != fact.path {
            self.paths = match matching(root, &pattern) {
                Ok(paths) => paths,
                Err(error) => return Some(format!("`{name}` can't be looked for: {error}")),
            };
            self.pattern.clone_from(&fact.path);
        }
        if self.paths.is_empty() && fact.wanted != Wanted::Absent {
            return Some(format!("nothing matches `{name}`"));
        }
        let paths = self.paths.iter();
        let all: Vec<String> = paths
            .filter_map(|path| mismatch(root, path, &fact.wanted))
            .collect();
        let mut named = all.get(..MAX_NAMED.min(all.len()))?.join("; ");
        if all.len() > MAX_NAMED {
            _ = write!(named, "; and {} more of `{name}`", all.len() - MAX_NAMED);
        }
        Some(named).filter(|named| !named.is_empty())
    }
}

/// Returns the matches of a pattern.
fn matching(root: &Root, pattern: &Pattern) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    let Some(top) = root.follow(&pattern.top)? else {
        return Ok(paths);
    };
    root.walk(&top, |entry| {
        let below = entry.path.strip_prefix(&top.path);
        if below.is_ok_and(|below| pattern.matches(below)) {
            paths.push(entry.path.clone());
        }
    })?;
    Ok(paths)
}

/// Returns what is wrong with a path if it isn't as expected.
fn mismatch(root: &Root, path: &Path, wanted: &Wanted) -> Option<String> {
    match mismatch_or_unreadable(root, path, wanted) {
        Ok(wrong) => wrong,
        Err(error) => Some(format!("{} can't be checked: {error}", name(path))),
    }
}

fn mismatch_or_unreadable(root: &Root, path: &Path, wanted: &Wanted) -> io::Result<Option<String>> {
    let name = name(path);
    // Assertions about links are about the path itself, all others about its target.
    let itself = root.look(path)?;
    let about_itself = matches!(
        wanted,
        Wanted::Absent | Wanted::Symlink(_) | Wanted::Kind(Kind::Symlink)
    );
    let Some(itself) = itself else {
        let absent = *wanted == Wanted::Absent;
        return Ok((!absent).then(|| format!("{name} doesn't exist")));
    };
    let entry = if about_itself || !itself.metadata.is_symlink() {
        itself
    } else if let Some(entry) = root.follow(path)? {
        entry
    } else {
        let target = quoted(root.link(&itself)?.as_os_str());
        return Ok(Some(format!(
            "{name} leads to {target}, which doesn't exist"
        )));
    };
    let file = &entry.metadata;
    let kind = kind_of(file);
    let wrong = match wanted {
        Wanted::Exists => None,
        Wanted::Absent => Some(format!("{name} exists: {kind}")),
        Wanted::Kind(wanted) => {
            (!wanted.is(file)).then(|| format!("{name} is {kind}, not {}", wanted.words()))
        }
        Wanted::Mode(wanted) => {
            let mode = file.permissions().mode() & PERMISSIONS;
            (mode != *wanted).then(|| format!("{name} has the mode {mode:04o}, not {wanted:04o}"))
        }
        Wanted::Owner { user, group } => wrong_owner(root, &entry, &name, user, group.as_deref())?,
        Wanted::Contains(text) => {
            let found = contains(root.open(&entry)?, text.as_bytes())?;
            (!found).then(|| format!("{name} doesn't contain `{}`", shown(text.as_bytes())))
        }
        Wanted::Sha256(wanted) => {
            let digest = sha256(root.open(&entry)?)?;
            (digest != *wanted).then(|| format!("{name} has the sha256 {digest}, not {wanted}"))
        }
        Wanted::Symlink(_) if !file.is_symlink() => {
            Some(format!("{name} is {kind}, not a symbolic link"))
        }
        Wanted::Symlink(wanted) => {
            let target = root.link(&entry)?;
            let (found, expected) = (quoted(target.as_os_str()), quoted(OsStr::new(wanted)));
            // As text, since `a/` and `a` are equal as paths.
            let same = target.as_os_str() == OsStr::new(wanted);
            (!same).then(|| format!("{name} leads to {found}, not to {expected}"))
        }
        Wanted::AtMost(limit) => too_large(root, &entry, &name, *limit)?,
    };
    Ok(wrong)
}

fn wrong_owner(
    root: &Root,
    entry: &Entry,
    name: &str,
    user: &str,
    group: Option<&str>,
) -> io::Result<Option<String>> {
    let file = &entry.metadata;
    let (found, written) = match group {
        Some(group) => (
            format!("{}:{}", file.uid(), file.gid()),
            format!("{user}:{group}"),
        ),
        None => (file.uid().to_string(), user.to_owned()),
    };
    for (names, what, wanted, number) in [
        ("/etc/passwd", "user", Some(user), file.uid()),
        ("/etc/group", "group", group, file.gid()),
    ] {
        let Some(wanted) = wanted else { continue };
        let known = match wanted.parse() {
            Ok(number) => Some(number),
            Err(_) => root.number(names, wanted)?,
        };
        match known {
            None => {
                return Ok(Some(format!(
                    "{name} belongs to {found}, and {names} of the image has no {what} `{wanted}`"
                )));
            }
            Some(wanted) if wanted != number => {
                return Ok(Some(format!("{name} belongs to {found}, not to {written}")));
            }
            Some(_) => {}
        }
    }
    Ok(None)
}

fn too_large(root: &Root, entry: &Entry, name: &str, limit: u64) -> io::Result<Option<String>> {
    let (size, largest) = root.size(entry)?;
    if size <= limit {
        return Ok(None);
    }
    let all = if entry.path == Path::new("/") {
        "the image"
    } else {
        name
    };
    let (found, most) = (format_size(size), format_size(limit));
    let mut message = format!("{all} has {size} bytes ({found}), more than {limit} ({most})");
    for (number, (size, path)) in largest.iter().enumerate() {
        let before = if number == 0 { "; the largest: " } else { ", " };
        _ = write!(
            message,
            "{before}{} ({})",
            self::name(path),
            format_size(*size)
        );
    }
    Ok(Some(message))
}

/// Reports whether a text occurs in what is read, of which only one piece is kept in memory.
fn contains(mut file: impl Read, text: &[u8]) -> io::Result<bool> {
    let (Some(first), kept) = (text.first(), text.len().saturating_sub(1)) else {
        return Ok(true);
    };
    let mut buffer = vec![0; PIECE + kept];
    let mut filled = 0;
    loop {
        let count = match file.read(&mut buffer[filled..]) {
            Ok(0) => return Ok(false),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        filled += count;
        let mut rest = &buffer[..filled];
        while let Some(at) = rest.iter().position(|byte| byte == first) {
            rest = &rest[at..];
            if rest.starts_with(text) {
                return Ok(true);
            }
            rest = &rest[1..];
        }
        // A text may begin at the end of one piece and end in the next.
        let end = filled.saturating_sub(kept);
        buffer.copy_within(end..filled, 0);
        filled -= end;
    }
}

/// Returns the digest of everything that is read, in hexadecimal.
pub(super) fn sha256(mut file: impl Read) -> io::Result<String> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; PIECE];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => hasher.update(&buffer[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let mut digits = String::new();
    for byte in hasher.finalize() {
        _ = write!(digits, "{byte:02x}");
    }
    Ok(digits)
}

fn name(path: &Path) -> String {
    quoted(path.as_os_str())
}

fn quoted(text: &OsStr) -> String {
    format!("`{}`", shown(text.as_bytes()))
}

/// Formats a size in the units of the language.
fn format_size(bytes: u64) -> String {
    let units = [("GiB", 30), ("MiB", 20), ("KiB", 10)];
    let unit = units.iter().find(|(_, shift)| bytes >= 1 << shift);
    let Some((unit, shift)) = unit else {
        return format!("{bytes} B");
    };
    // One decimal, rounded down.
    let tenths = (bytes >> (shift - 10)) * 10 / 1024;
    format!("{}.{} {unit}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests;
