//! `fmt`: formatting of files.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use stagefile_language::layout;
use stagefile_text::visible;

use super::dockerfile::status;
use super::writing::replace;
use super::{File, print, say};
use crate::dockerfile::is_dockerfile;
use crate::error::{AnyError, ResultExt as _};

/// Formats files, or reports which aren't formatted. A file that can't be formatted is reported, and the others
/// are formatted anyway.
pub(super) fn fmt(paths: Vec<PathBuf>, check: bool) -> Result<ExitCode, AnyError> {
    let mut is_good = true;
    for path in paths {
        let file = File::of_path(path).located();
        let source = file.read()?;
        let name = visible::line(source.name()).into_owned();
        let is_input = file.path == Path::new("-");
        if is_dockerfile(source.name(), source.text().as_bytes()) {
            say(&format!(
                "error: {name} is a Dockerfile; `fmt` is for Stagefiles\n"
            ));
            is_good = false;
            continue;
        }
        let Some(formatted) = layout::format(source.text()) else {
            say(&format!(
                "error: {name} is left as it is: it is no YAML, or its layout is a part of what it says; `stagefile check` tells more\n"
            ));
            is_good = false;
            continue;
        };
        let is_changed = formatted != source.text();
        if check {
            is_good &= !is_changed;
            if is_changed {
                print(&format!("{name}\n"))?;
            }
        } else if is_input {
            io::stdout().write_all(formatted.as_bytes())?;
        } else if is_changed {
            replace(&file.path, source.text(), &formatted)
                .or_message(|| format!("can't write {name}"))?;
            print(&format!("{name}\n"))?;
        }
    }
    Ok(status(is_good))
}
