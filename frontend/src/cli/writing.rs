//! `check --fix`: replaces a file with the fixed one.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use stagefile_language::driver::Checked;
use stagefile_language::source::Source;

use super::dockerfile::status;
use super::{print, report, say};
use crate::error::{AnyError, ResultExt as _};
use crate::tools::fix::Fixing;

/// A mark at the beginning of a file that isn't part of its text.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Fixes a file, and reports what was fixed and what remains.
pub(super) fn fix(
    path: &Path,
    source: &Source,
    check: impl Fn(&Source) -> Result<Checked, AnyError>,
) -> Result<ExitCode, AnyError> {
    let is_input = path.as_os_str() == "-";
    let mut fixing = Fixing::new(source);
    let checked = loop {
        let checked = check(fixing.source())?;
        if !fixing.learn(&checked.sources, &checked.found) {
            break checked;
        }
    };
    let made = fixing.made();
    let corrected = made.iter().map(|line| format!("{line}\n"));
    let corrected: String = corrected.collect();
    if is_input {
        // The text is the output; all messages go to standard error.
        io::stdout().write_all(fixing.source().text().as_bytes())?;
        say(&corrected);
        if !checked.report().is_empty() {
            say(&report(&checked));
        }
    } else {
        if !made.is_empty() {
            replace(path, source.text(), fixing.source().text())
                .or_message(|| format!("can't write {}", path.display()))?;
        }
        print(&corrected)?;
        let rest = checked.report();
        if made.is_empty() || !rest.is_empty() {
            print(&report(&checked))?;
        }
    }
    Ok(status(!checked.found.has_errors()))
}

/// Replaces a file atomically: a new file with the same permissions takes its place, so a reader sees either the old or
/// the new one. Links are kept.
pub(super) fn replace(path: &Path, old: &str, new: &str) -> Result<(), AnyError> {
    let path = fs::canonicalize(path)?;
    let bytes = fs::read(&path)?;
    let mark = if bytes.starts_with(BYTE_ORDER_MARK.as_bytes()) {
        BYTE_ORDER_MARK
    } else {
        ""
    };
    if bytes[mark.len()..] != *old.as_bytes() {
        return Err("it was changed meanwhile, or isn't UTF-8".into());
    }
    let permissions = fs::metadata(&path)?.permissions();
    let temporary = temporary(&path);
    let write = || {
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&temporary)?;
        file.write_all(mark.as_bytes())?;
        file.write_all(new.as_bytes())?;
        file.set_permissions(permissions)?;
        file.sync_all()?;
        fs::rename(&temporary, &path)
    };
    let written: io::Result<()> = write();
    if written.is_err() {
        // It is of no use to anybody.
        _ = fs::remove_file(&temporary);
    }
    Ok(written?)
}

/// Returns the name of a new file next to another.
fn temporary(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.fixed", std::process::id()));
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn the_new_file_has_the_mark_and_the_mode_of_the_old_one_and_links_stay() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "\u{feff}old\r\n").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        symlink("file", &link).unwrap();
        replace(&link, "old\r\n", "new\r\n").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "\u{feff}new\r\n");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
        // Concurrent changes by others aren't lost.
        replace(&file, "old\r\n", "newer").unwrap_err();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}
