//! `lock`: comparison of a file with its lock file, as far as possible without a daemon.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use buildkit_gateway::directive;
use buildkit_llb::Reference;
use stagefile_language::diagnostic::{Diagnostics, failure};
use stagefile_language::lock::{Lock, Name, SUFFIX, unpinned};
use stagefile_language::source::{Source, Sources};

use super::command::Form;
use super::dockerfile::{DockerfileCommand, status};
use super::{File, print_answer, say};
use crate::dockerfile::part;
use crate::error::{AnyError, ResultExt as _};
use crate::tools::lock;
use crate::tools::reading::{self, Unreadable};

/// Compares a file with its lock file.
pub(super) fn lock(file: &File, check: bool, format: Form) -> Result<ExitCode, AnyError> {
    let (source, offline) = (file.read()?, file.offline()?);
    let mut names: BTreeMap<Name, Option<String>> = BTreeMap::new();
    if let Some(command) = DockerfileCommand::find(file, &source, &offline)? {
        let Some(found) = command.unpinned(&source)? else {
            return Ok(ExitCode::FAILURE);
        };
        names.extend(found.into_iter().map(|name| (name, None)));
    } else {
        let mut checked = file.check(&source, &offline);
        if let Some(plan) = &mut checked.plan {
            plan.want_all();
        }
        let parts = part::files(&checked);
        let Some(plan) = checked.take_plan() else {
            say(&checked.failure());
            return Ok(ExitCode::FAILURE);
        };
        let imports = checked.imports.iter().map(|(file, span)| (file, *span));
        let uses = unpinned(&plan, &plan.order(), imports);
        names.extend(uses.into_iter().map(|one| (one.what.name(), None)));
        for part in parts {
            if let Some(text) = file.dockerfile(&part.file.path) {
                let found = part.unpinned(&text, &offline.known());
                names.extend(found.into_iter().map(|name| (name, None)));
            }
        }
    }
    let frontend = directive::syntax(source.text().as_bytes());
    let frontend = frontend.and_then(|found| Reference::parse(found.image()).ok());
    let frontend = frontend.filter(|frontend| frontend.digest().is_none());
    names.extend(frontend.map(|frontend| (Name::frontend(&frontend), None)));

    let Some(lock) = read(file)? else {
        return Ok(ExitCode::FAILURE);
    };
    let rows = lock::compare(&names, &lock);
    let name = path(file).display().to_string();
    let answer = (lock::json(&rows, &name), lock::text(&rows, &name));
    print_answer(Some(answer), format)?;
    Ok(status(!check || !lock::is_stale(&rows)))
}

fn path(file: &File) -> PathBuf {
    let mut path = file.path.clone().into_os_string();
    path.push(SUFFIX);
    path.into()
}

/// Reads the lock file of a file; an empty one if there is none. `None` if it has mistakes, which are
/// reported.
fn read(file: &File) -> Result<Option<Lock>, AnyError> {
    let path = path(file);
    let bytes = match reading::read(&path, file.context()) {
        Err(Unreadable::Missing) => return Ok(Some(Lock::default())),
        bytes => bytes.or_message(|| format!("can't read {}", path.display()))?,
    };
    let name = path.display().to_string();
    let text = String::from_utf8(bytes).map_err(|_| format!("{name} is not UTF-8"))?;
    let sources = Sources::new(Source::new(name, text));
    let mut found = Diagnostics::default();
    let lock = Lock::read(sources.main(), &mut found);
    if found.has_errors() {
        say(&failure(&sources, &found));
        return Ok(None);
    }
    Ok(Some(lock))
}
