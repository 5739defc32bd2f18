//! Names in progress output.

use buildkit_llb::Constrain;
use stagefile_language::plan::{Action, Command, Plan, Run, Source, Stage, Step};
use stagefile_text::visible;

/// The maximum length of a step's name, in characters.
const MAX_LENGTH: usize = 200;

/// Names vertices in progress output. Names contain user input, so all vertices are named here.
pub(crate) trait Called: Constrain {
    /// Names a vertex with a single line.
    fn called(self, name: impl AsRef<str>) -> Self {
        self.named(visible::line(name.as_ref()))
    }
}

impl<T: Constrain> Called for T {}

/// Numbers the vertices of a stage and names them.
pub(super) struct Progress {
    stage: String,
    done: usize,
    all: usize,
    /// The number of digits of the total.
    width: usize,
}

impl Progress {
    /// Begins a stage with this number of vertices.
    pub(super) fn new(stage: &Stage, all: usize, several_platforms: bool) -> Self {
        let stage = if several_platforms {
            format!("{} {}", stage.platform, stage.name)
        } else {
            stage.name.clone()
        };
        Self {
            stage,
            done: 0,
            all,
            width: all.to_string().len(),
        }
    }

    /// Returns the name of a vertex that isn't part of the stage's own chain.
    pub(super) fn beside(&self, what: &str) -> String {
        format!("[{}] {what}", self.stage)
    }

    /// Returns the name of the next vertex.
    pub(super) fn next(&mut self, what: &str) -> String {
        self.done += 1;
        let width = self.width;
        format!("[{} {:>width$}/{}] {what}", self.stage, self.done, self.all)
    }
}

/// Describes a step in one line.
pub(super) fn describe(step: &Step, plan: &Plan) -> String {
    if let Some(name) = &step.name {
        return name.clone();
    }
    match &step.action {
        Action::Run(run) => format!("run {}", shorten(command(&run.command))),
        Action::Copy(copy) => {
            let mut text = "copy".to_owned();
            for path in &copy.paths {
                text.push(' ');
                text.push_str(as_written(&path.value));
            }
            let from = match &copy.source.value {
                // As in Dockerfiles, the build context is the default and isn't mentioned.
                Source::MainContext => None,
                Source::Stage(id) => Some(plan.stage(*id).name.clone()),
                Source::Output(id, output) => Some(format!("{}.{output}", plan.stage(*id).name)),
                Source::External(external) => Some(external.description()),
            };
            if let Some(from) = from {
                text.push_str(" from ");
                text.push_str(&from);
            }
            text.push_str(" → ");
            text.push_str(copy.to.as_deref().unwrap_or("."));
            shorten(text)
        }
        Action::Write(write) => format!("write {}", write.path),
        Action::Mkdir(mkdir) => shorten(format!("mkdir {}", mkdir.paths.join(" "))),
        Action::Remove(remove) => shorten(format!("remove {}", remove.paths.join(" "))),
        Action::Fetch(fetch) => shorten(format!("fetch {}", fetch.source.url)),
        Action::Git(git) => {
            let git = &git.source;
            let reference = git.reference.as_ref().or(git.checksum.as_ref());
            let reference = reference.map_or_else(String::new, |one| format!(" at {one}"));
            shorten(format!("git {}{reference}", git.url))
        }
        Action::Symlink(link) => format!("symlink {} → {}", link.path, link.target),
        Action::Parallel(_) => "parallel".to_owned(),
    }
}

/// Describes a check in a few words.
pub(super) fn check(step: &Step, run: &Run) -> String {
    let name = step.name.clone();
    name.unwrap_or_else(|| shorten(command(&run.command)))
}

/// Describes the command of an assertion in one line.
pub(super) fn asserted(run: &Run) -> String {
    format!("assert {}", shorten(command(&run.command)))
}

/// Formats a path relative to a source's root in the common notation.
pub(super) fn as_written(path: &str) -> &str {
    if path == "/" {
        "."
    } else {
        path.trim_start_matches('/')
    }
}

fn command(command: &Command) -> String {
    match command {
        Command::Script(script) => {
            let mut lines = script
                .lines()
                .map(str::trim)
                .filter(|line| !line.is_empty());
            let first = lines.next().unwrap_or_default();
            let more = if lines.next().is_some() { " …" } else { "" };
            format!("{first}{more}")
        }
        Command::Arguments(arguments) => arguments.join(" "),
    }
}

fn shorten(mut text: String) -> String {
    if text.len() > MAX_LENGTH
        && let Some((at, _)) = text.char_indices().nth(MAX_LENGTH)
    {
        text.truncate(at);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use std::fs;

    #[test]
    fn every_vertex_is_named_through_one_function() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("a file").path();
            let text = fs::read_to_string(&path).unwrap_or_default();
            let own = usize::from(path.ends_with("progress.rs"));
            // The other occurrence in this file is in the next line.
            let named = text.matches(".named(").count() - own;
            assert_eq!(named, own, "{}: write `called`", path.display());
        }
    }
}
