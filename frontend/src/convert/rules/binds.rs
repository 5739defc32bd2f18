//! Files that are only copied for a script to read are mounted instead: `bind`.
//!
//! If manifests are copied, packages installed, and then everything copied, the last copy contains the manifests again, so the
//! resulting files are the same. And a stage from which only the output of a compiler is used needs no copy of the sources.

use super::{Takings, observed, touches};
use crate::convert::model::{Action, Bind, Command, Copy, File, Run, Source, Stage, Step};
use crate::convert::paths;
use crate::convert::script::Script;
use crate::convert::template::Template;

pub(super) fn apply(file: &mut File) {
    let observed = observed(file);
    let takings = Takings::new(file);
    for index in 0..file.stages.len() {
        manifests(file, index, &observed, &takings);
    }
    for (index, stage) in file.stages.iter_mut().enumerate() {
        let is_last = takings.children[index].is_empty();
        if !observed[index]
            && is_last
            && let Some(taken) = takings.from(index)
        {
            sources(stage, &taken);
        }
    }
}

/// Binds manifests to the scripts that install packages with them.
fn manifests(file: &mut File, index: usize, observed: &[bool], takings: &Takings) {
    let mut at = 0;
    while at < file.stages[index].steps.len() {
        if let Some(runs) = installed_after(file, index, at, observed, takings) {
            let stage = &mut file.stages[index];
            let step = stage.steps.remove(at);
            let Action::Copy(copy) = step.action else {
                continue;
            };
            bind(&mut stage.steps[at..at + runs], &copy, step.comments, false);
            at += runs;
        } else {
            at += 1;
        }
    }
}

/// Reports whether a step copies manifests that can be bound: returns the number of following scripts that read them.
fn installed_after(
    file: &File,
    index: usize,
    at: usize,
    observed: &[bool],
    takings: &Takings,
) -> Option<usize> {
    let stage = &file.stages[index];
    let step = &stage.steps[at];
    let copy = bindable(step)?;
    let after = &stage.steps[at + 1..];
    let runs = after.iter().take_while(|step| installs(step)).count();
    if runs == 0
        || after[..runs]
            .iter()
            .any(|run| run.at.workdir != step.at.workdir)
    {
        return None;
    }
    if let Some(next) = after.get(runs) {
        return covers(next, step, copy).then_some(runs);
    }
    if observed[index] {
        return None;
    }
    // Everything that follows is done by stages based on this one, each of which copies everything first.
    let children = &takings.children[index];
    if !children.is_empty() {
        let all_cover = children.iter().all(|child| {
            let first = file.stages[*child].steps.first();
            first.is_some_and(|first| covers(first, step, copy))
        });
        let is_taken_from = takings.own[index]
            .as_ref()
            .is_none_or(|own| !own.is_empty());
        return (all_cover && !is_taken_from).then_some(runs);
    }
    let directory = step.at.workdir.as_ref()?.constant()?;
    let taken = takings.from(index)?;
    (!touches(&taken, directory)).then_some(runs)
}

/// Returns a copy of context paths to the scripts' working directory, which can also be done by a bind.
fn bindable(step: &Step) -> Option<&Copy> {
    let Action::Copy(copy) = &step.action else {
        return None;
    };
    let is_plain = copy.from == Source::Context
        && !copy.parents
        && !copy.unpack
        && !copy.follow
        && !copy.optional
        && copy.mode.is_none();
    let paths_are_known = copy.paths.iter().all(|path| path.constant().is_some());
    (is_plain && paths_are_known && goes_here(step, copy)).then_some(copy)
}

/// Reports whether a copy keeps names and goes to the working directory at its position.
fn goes_here(step: &Step, copy: &Copy) -> bool {
    match (&copy.to, &step.at.workdir) {
        (None, None) => true,
        (Some(to), Some(workdir)) => match (to.constant(), workdir.constant()) {
            (Some(to), Some(workdir)) => to == stagefile_text::paths::slashed(workdir),
            _ => false,
        },
        _ => false,
    }
}

/// Reports whether a step copies the files of another one again, to the same destination.
fn covers(step: &Step, earlier: &Step, copied: &Copy) -> bool {
    let Action::Copy(copy) = &step.action else {
        return false;
    };
    let has_all = |path: &Template| {
        let Some(path) = path.constant() else {
            return false;
        };
        let directory = paths::parent(path);
        copy.paths.iter().any(|other| match other.constant() {
            Some(".") => directory.is_empty(),
            Some(other) => {
                other.trim_end_matches('/') == directory
                    && other.ends_with('/')
                    && !path.ends_with('/')
            }
            None => false,
        })
    };
    copy.from == Source::Context
        && copy.exclude.is_empty()
        && copied.exclude.is_empty()
        && copy.owner == copied.owner
        && copy.mode.is_none()
        && !copy.parents
        && !copy.unpack
        && !copy.optional
        && step.at.workdir == earlier.at.workdir
        && goes_here(step, copy)
        && copied.paths.iter().all(has_all)
}

/// Mounts copied files in scripts.
fn bind(steps: &mut [Step], copy: &Copy, comments: Vec<String>, rw: bool) {
    if let Some(first) = steps.first_mut() {
        first.comments.splice(0..0, comments);
    }
    for step in steps {
        let Action::Run(run) = &mut step.action else {
            continue;
        };
        let binds = copy.paths.iter().map(|path| Bind {
            path: path.clone(),
            exclude: copy.exclude.clone(),
            rw,
        });
        let binds: Vec<Bind> = binds.collect();
        run.binds.splice(0..0, binds);
    }
}

/// Reports whether a step installs packages and doesn't change the manifests.
fn installs(step: &Step) -> bool {
    let Action::Run(run) = &step.action else {
        return false;
    };
    let Command::Script(Script::Chain(commands)) = &run.command else {
        return false;
    };
    let mut some = false;
    let all = commands.iter().all(|command| {
        let text = without_variables(&command.text);
        let is = |start: &str| {
            text == start
                || text
                    .strip_prefix(start)
                    .is_some_and(|rest| rest.starts_with(' '))
        };
        let has = |option: &str| text.split_whitespace().any(|word| word == option);
        let installs = is("go mod download")
            || is("go mod verify")
            || is("npm ci")
            || is("yarn install") && (has("--frozen-lockfile") || has("--immutable"))
            || is("pnpm install") && has("--frozen-lockfile")
            || is("pnpm fetch")
            || (is("pip install") || is("pip3 install") || text.contains("/bin/pip install "))
                && (has("-r") || has("--requirement"))
            || is("poetry install") && has("--no-root")
            || is("uv sync") && (has("--frozen") || has("--locked")) && has("--no-install-project")
            || is("cargo fetch") && has("--locked")
            || is("bundle install") && has("--deployment");
        some |= installs;
        installs
            || is("npm cache clean")
            || is("yarn cache clean")
            || text.starts_with("rm -rf /")
            || text.starts_with("rm -rf $")
    });
    all && some
}

/// Returns a command without the variables that are set before it.
fn without_variables(text: &str) -> &str {
    let mut rest = text;
    loop {
        let word = rest.split(' ').next().unwrap_or_default();
        let name = word
            .split_once('=')
            .map(|(name, value)| (name, value.contains(['"', '\''])));
        match name {
            Some((name, false))
                if !name.is_empty()
                    && name
                        .chars()
                        .all(|letter| letter.is_ascii_alphanumeric() || letter == '_') =>
            {
                rest = rest[word.len()..].trim_start();
            }
            _ => return rest,
        }
    }
}

/// Binds sources to compilers that write elsewhere, if nothing takes the sources from the stage.
fn sources(stage: &mut Stage, taken: &[String]) {
    let count = stage.steps.len();
    let runs = stage
        .steps
        .iter()
        .rev()
        .take_while(|step| reads_only(step).is_some())
        .count();
    let first_run = count - runs;
    let copies = stage.steps[..first_run]
        .iter()
        .rev()
        .take_while(|step| bindable(step).is_some())
        .count();
    if runs == 0 || copies == 0 {
        return;
    }
    let first = first_run - copies;
    let Some(directory) = stage.steps[first]
        .at
        .workdir
        .as_ref()
        .and_then(Template::constant)
        .map(str::to_owned)
    else {
        return;
    };
    // A root can't be mounted over.
    let fits = directory != "/"
        && !touches(taken, &directory)
        && stage.steps[first..].iter().all(|step| step.at.workdir.as_ref().and_then(Template::constant) == Some(&directory))
        && stage.steps[first_run..].iter().all(|step| writes_elsewhere(step, &directory))
        // Files that belong to root, read by another user.
        && stage.steps[first..first_run].iter().all(|step| !step.run().is_some_and(Run::is_bare));
    if !fits {
        return;
    }
    let copied: Vec<Step> = stage.steps.drain(first..first_run).collect();
    for step in copied.into_iter().rev() {
        let Action::Copy(copy) = step.action else {
            continue;
        };
        let rw = stage.steps[first..]
            .iter()
            .any(|step| reads_only(step) == Some(true));
        bind(&mut stage.steps[first..], &copy, step.comments, rw);
    }
}

/// Reports whether a step is a Go compiler, which doesn't change its sources; and whether it runs tests that may write next to
/// them.
fn reads_only(step: &Step) -> Option<bool> {
    let Action::Run(run) = &step.action else {
        return None;
    };
    let Command::Script(Script::Chain(commands)) = &run.command else {
        return None;
    };
    let mut tests = false;
    for command in commands {
        let text = without_variables(&command.text);
        let is = |start: &str| {
            text == start
                || text
                    .strip_prefix(start)
                    .is_some_and(|rest| rest.starts_with(' '))
        };
        if is("go test") {
            tests = true;
        } else if !(is("go build") || is("go vet")) {
            return None;
        }
    }
    (run.binds.is_empty() && run.mounts.is_empty()).then_some(tests)
}

/// Reports whether the output of a compiler is outside a directory.
fn writes_elsewhere(step: &Step, directory: &str) -> bool {
    let Some(Script::Chain(commands)) = step.run().and_then(Run::script) else {
        return false;
    };
    commands.iter().all(|command| {
        let text = without_variables(&command.text);
        if text.contains("profile") {
            return false;
        }
        if !text.starts_with("go build") {
            return true;
        }
        let words: Vec<&str> = text.split_whitespace().collect();
        let output = words
            .windows(2)
            .find(|pair| pair[0] == "-o")
            .map(|pair| pair[1]);
        output.is_some_and(|output| {
            output.starts_with('/')
                && !stagefile_text::paths::is_below(
                    &stagefile_text::paths::clean(output),
                    directory,
                )
        })
    })
}
