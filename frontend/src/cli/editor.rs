//! The language server's part that works like `check`.

use std::path::{Path, PathBuf};

use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::driver::{Checked, check_asking};
use stagefile_language::plan::Request;
use stagefile_language::source::{Source, Sources};

use super::File;
use super::dockerfile::DockerfileCommand;
use crate::context::Examination;
use crate::error::AnyError;
use crate::tools::check;
use crate::tools::folder::examine_first;
use crate::tools::llb::Offline;

/// Checks the text of a file. Imports are read from its directory, or from that of its workspace, and from nowhere else; a
/// file that only exists in the editor has no directory, and can't import anything. For a Dockerfile of another frontend,
/// nothing is reported.
pub(crate) fn check_text(
    path: &Path,
    roots: &[PathBuf],
    source: &Source,
) -> Result<Checked, AnyError> {
    let Some(beside) = path.parent().filter(|_| path.is_absolute()) else {
        return check_alone(path, source);
    };
    let inside = roots
        .iter()
        .filter(|root| path.starts_with(root) && *root != beside);
    let directories: Vec<&Path> = std::iter::once(beside)
        .chain(inside.map(PathBuf::as_path))
        .collect();
    let mut best: Option<Checked> = None;
    for directory in &directories {
        let mut file = File::of_path(path.to_owned());
        file.setting.context = Some((*directory).to_owned());
        let offline = file.offline()?;
        match DockerfileCommand::find(&file, source, &offline) {
            Ok(Some(command)) => {
                let mut checked = command.check(source)?;
                command.examine(&mut checked, |examination, found| {
                    examine_first(directories.iter().copied(), path, examination, found)
                })?;
                return Ok(checked);
            }
            Ok(None) => {}
            Err(_) => return Ok(nothing(source)),
        }
        let mut checked = check::lowered(file.check(source, &offline));
        file.check_dockerfiles(&mut checked, &offline);
        let errors = checked.found.errors();
        let is_readable = errors
            .iter()
            .all(|error| error.code.name != "unreadable-import");
        if best.is_none() || is_readable {
            best = Some(checked);
        }
        if is_readable {
            break;
        }
    }
    let mut checked = best.ok_or("there is no directory")?;
    if let Some(plan) = &mut checked.plan {
        plan.want_all();
        examine_first(
            directories,
            path,
            Examination::new(plan),
            &mut checked.found,
        )?;
    }
    Ok(checked)
}

/// Checks a file without a directory.
fn check_alone(path: &Path, source: &Source) -> Result<Checked, AnyError> {
    let file = File::of_path(path.to_owned());
    let offline = Offline::new(file.platform());
    match DockerfileCommand::find(&file, source, &offline) {
        Ok(Some(command)) => return command.check(source),
        Ok(None) => {}
        Err(_) => return Ok(nothing(source)),
    }
    let checked = check_asking(
        source,
        &Request::new(file.platform()),
        |_| Err("the file that imports it isn't saved yet".into()),
        |base| offline.config_of(base),
    );
    Ok(check::lowered(checked))
}

/// Returns an empty result.
fn nothing(source: &Source) -> Checked {
    Checked {
        sources: Sources::new(source.clone()),
        plan: None,
        wanted: Vec::new(),
        imports: Vec::new(),
        found: Diagnostics::default(),
    }
}
