//! The user of an image: whether it exists under this name is only known from the image's files.
//!
//! The files are inspected after the image is built, and only if nothing else explains the name and the frontend waits for the
//! build anyway, so that other builds aren't delayed. They aren't inspected with an external cache: the daemon would have to
//! fetch layers that such a build doesn't need.

use buildkit_gateway::{ImageConfig, Ref};
use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::diagnostics;
use stagefile_language::plan::{Command, Plan};
use stagefile_language::source::{Sources, Spanned};
use stagefile_lower::Built;
use stagefile_text::suggestion::closest;

use super::{Build, mistakes};

/// The list of users.
const LIST: &str = "/etc/passwd";
/// The maximum size that is read. A larger file is ignored.
const MAX_FILE_SIZE: u64 = 1 << 20;

impl Build<'_> {
    /// Warns if the image's user doesn't exist.
    pub(super) async fn check_user(
        &self,
        plan: &Plan,
        built: &Built,
        files: Option<&Ref>,
        sources: &Sources,
    ) {
        let (Some((name, user)), Some(files)) = (unexplained(plan, built), files) else {
            return;
        };
        if !self.options.cache_imports.is_empty() {
            return;
        }
        let mut found = Diagnostics::under(plan.rules.clone());
        match files.read_file_range(LIST, 0, MAX_FILE_SIZE).await {
            Ok(list) if (list.len() as u64) < MAX_FILE_SIZE => {
                let list = String::from_utf8_lossy(&list);
                let names: Vec<&str> = list.lines().filter_map(first_field).collect();
                if !names.contains(&name) {
                    let candidate = closest(name, names);
                    found.push(diagnostics::no_such_user(name, candidate, user.span));
                }
            }
            Err(error) if error.is_not_found() => {
                found.push(diagnostics::perhaps_unknown_user(name, user.span));
            }
            _ => {}
        }
        mistakes::warn(self, sources, &found).await;
    }
}

fn first_field(line: &str) -> Option<&str> {
    line.split_once(':').map(|(name, _)| name)
}

/// Returns the name of the target image's user, unless there is reason to assume that it exists: the base image has the same
/// user, or a script names it, such as the one that creates it.
fn unexplained<'p>(plan: &'p Plan, built: &Built) -> Option<(&'p str, &'p Spanned<String>)> {
    let user = plan.stage(plan.target).image.user.as_ref()?;
    let name = user.value.split(':').next().unwrap_or_default();
    if matches!(name, "" | "root") || name.parse::<u32>().is_ok() {
        return None;
    }
    let base = built.base_config.as_ref();
    let base = base.and_then(|json| ImageConfig::from_json(json).ok());
    if base.is_some_and(|base| base.config.user.split(':').next() == Some(name)) {
        return None;
    }
    let mut words = plan.runs().flat_map(|run| match &run.command {
        Command::Script(script) => std::slice::from_ref(script),
        Command::Arguments(words) => words,
    });
    (!words.any(|words| words.contains(name))).then_some((name, user))
}

#[cfg(test)]
mod tests {
    use crate::session::tests::harness::{ask, daemon, warnings};

    const COPIED: &str = "[app 1/2] copy src → .";

    /// Returns what is reported about the user of an image with this list of users.
    async fn said(user: &str, script: &str, list: Option<&str>) -> Vec<String> {
        let file = format!(
            "stages:\n  app:\n    from: busybox:1.35\n    steps:\n      - copy: src\n      - run: {script}\n    image: {{ user: {user} }}\n"
        );
        let files = list.map(|list| ("etc/passwd", list.to_owned()));
        let step = format!("[app 2/2] run {script}");
        let daemon = daemon(&file)
            .local("context", [("src/a", "")])
            .result_of(COPIED, [("src/a", "")])
            .result_of(&step, files.into_iter().chain([("x", String::new())]));
        ask(&daemon, &[]).await.unwrap();
        let mut warnings = warnings(&daemon);
        warnings.retain(|one| one.contains("user"));
        warnings
    }

    #[tokio::test]
    async fn a_user_that_nothing_explains_is_looked_for() {
        let list = "root:x:0:0::/:/bin/sh\nnode:x:1000:1000::/:/bin/sh\n";
        let found = said("nodee", "make", Some(list)).await;
        assert!(found.len() == 1 && found[0].contains("`node`"), "{found:?}");
        assert_eq!(said("node", "make", Some(list)).await, [""; 0]);
        // A script that names it may have created it somewhere other than in the list.
        assert_eq!(said("nodee", "adduser nodee", Some(list)).await, [""; 0]);
        assert_eq!(said("'1000'", "make", Some(list)).await, [""; 0]);
        // Without a list there are no names, and a list that is too long is ignored.
        assert_eq!(said("node", "make", None).await.len(), 1);
        let long = format!("{list}{}", "#".repeat(2 << 20));
        assert_eq!(said("nodee", "make", Some(&long)).await, [""; 0]);
    }
}
