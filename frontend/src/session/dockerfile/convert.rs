//! `docker buildx build --call convert`: a Dockerfile as a Stagefile.

use std::collections::BTreeMap;

use buildkit_gateway::{BuildResult, Failure, FileKind};
use futures_util::future::join_all;
use serde_json::json;

use super::build::Session;
use super::failure;
use super::problems::with_others;
use crate::convert::{self, Context, Kind, Style};
use crate::tools;

/// The version of the answer's format.
const VERSION: &str = "1.0.0";

/// The subrequests: the conversion, and the one for a file whose image doesn't set variables that only scripts use.
pub(super) const QUESTIONS: [&str; 2] = ["frontend.convert", "frontend.convert-tidy"];

/// Converts the file. The context is used to distinguish directories from files, if the daemon can list it without
/// transferring it.
pub(super) async fn answer(name: &str, session: &Session<'_>) -> Result<BuildResult, Failure> {
    let style = Style {
        tidy: name == QUESTIONS[1],
    };
    let text = String::from_utf8_lossy(session.file.text());
    let listed = listed(session, &convert::directories(&text)).await;
    match tools::convert::checked(&text, style, &listed) {
        Ok(converted) => {
            let json = json!({ "filename": "Stagefile", "data": converted }).to_string();
            Ok(BuildResult::subrequest_answer(json, converted, VERSION))
        }
        Err(mistakes) => {
            let Some(first) = mistakes.first() else {
                return Err(Failure::new("the Dockerfile can't be converted"));
            };
            let (sources, found) = tools::convert::report(&session.source(), &mistakes);
            let problem = failure(session.file, first);
            Err(with_others(problem, &sources, &found))
        }
    }
}

/// The content of directories in the context.
struct Listed(BTreeMap<String, Vec<(String, Kind)>>);

impl Context for Listed {
    fn list(&self, directory: &str) -> Option<Vec<(String, Kind)>> {
        self.0.get(directory).cloned()
    }
}

/// Lists directories, all concurrently. The content of directories that can't be listed is unknown.
async fn listed(session: &Session<'_>, directories: &[String]) -> Listed {
    let Ok(files) = session.contexts.main(session.file).await else {
        return Listed(BTreeMap::new());
    };
    let lists = directories.iter().map(|directory| {
        let files = &files;
        async move {
            let below = |pattern: &str| {
                if directory.is_empty() {
                    pattern.to_owned()
                } else {
                    format!("{directory}/{pattern}")
                }
            };
            let stats = session
                .contexts
                .list(files, &[below("*")], &[below("*/*")])
                .await;
            let stats = stats.ok().flatten()?;
            let entries = stats.into_iter().filter_map(|stat| {
                let name = match directory.as_str() {
                    "" => stat.path.as_str(),
                    directory => stat.path.strip_prefix(directory)?.strip_prefix('/')?,
                };
                let kind = match stat.kind {
                    FileKind::Directory => Kind::Directory,
                    FileKind::Symlink => Kind::Link,
                    _ => Kind::File,
                };
                (!name.is_empty() && !name.contains('/')).then(|| (name.to_owned(), kind))
            });
            Some((directory.clone(), entries.collect()))
        }
    });
    Listed(join_all(lists).await.into_iter().flatten().collect())
}
