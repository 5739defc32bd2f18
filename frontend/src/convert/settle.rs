//! Distribution of settings between stages and steps: a Dockerfile changes directory, user, variables and shell along the way, a
//! Stagefile sets them for a stage, and for steps that differ.

use std::collections::BTreeSet;

use stagefile_text::shell;

use super::model::{Action, At, Command, From, Run, Stage, Step};
use super::programs::{ignores_directory, ignores_variable, makes, mentions};
use super::reader::SHELL;
use super::script::Script;
use super::template::Template;
use super::words::Variables;

/// Variables that every process has.
const ALWAYS_SET: [&str; 8] = [
    "PATH", "HOME", "PWD", "HOSTNAME", "IFS", "PPID", "OPTIND", "OLDPWD",
];

/// The settings of a stage.
#[derive(Debug, Default)]
pub(super) struct Settled {
    pub workdir: Option<Template>,
    pub user: Option<Template>,
    pub env: Variables,
    pub shell: Option<Vec<String>>,
    pub image_workdir: Option<Template>,
    pub image_user: Option<Template>,
    pub image_env: Variables,
    /// The settings of each step.
    pub steps: Vec<Own>,
    /// The initial settings of stages based on this one.
    pub left: Left,
}

/// The settings of a step.
#[derive(Debug, Default)]
pub(super) struct Own {
    pub env: Variables,
    pub workdir: Option<Template>,
    pub user: Option<Template>,
    pub shell: Option<Vec<String>>,
}

/// What a stage passes on to stages based on it.
#[derive(Clone, Debug, Default)]
pub(super) struct Left {
    /// The settings for scripts, by this stage or one before it.
    workdir: Option<Template>,
    user: Option<Template>,
    shell: Option<Vec<String>>,
    env: Variables,
    /// The settings in the config; `None` for those of the first base image.
    image_workdir: Option<Template>,
    image_user: Option<Template>,
    image_env: Variables,
}

impl Left {
    /// Returns the initial settings of a stage from scratch.
    pub(super) fn at_root() -> Self {
        Self {
            workdir: Some(Template::text("/")),
            ..Self::default()
        }
    }
}

/// What others need of a stage's config.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    /// Whether the config is that of an image, or of a base of one.
    pub config: bool,
    /// Variables that a stage based on this one needs.
    pub variables: BTreeSet<String>,
    /// Whether another stage is based on this one.
    pub is_base: bool,
}

/// Settles a stage, given its initial settings. Adds steps that create directories.
pub(super) fn settle(stage: &mut Stage, begun: &Left, wanted: &Wanted) -> Settled {
    let mut settled = Settled::default();
    workdir(stage, begun, &mut settled);
    user(stage, begun, &mut settled);
    variables(stage, begun, wanted, &mut settled);
    shells(stage, begun, wanted, &mut settled);
    config(stage, begun, &mut settled);
    settled
}

/// Chooses the stage's working directory: the first one entered, if everything before it could also be done in it.
fn workdir(stage: &mut Stage, begun: &Left, settled: &mut Settled) {
    let first = stage.workdirs.first();
    let chosen = first.filter(|entered| {
        let before = &stage.steps[..stage.steps_before(entered)];
        let path = entered.path.constant();
        before.iter().all(|step| {
            ignores_directory(step) && path.is_none_or(|path| path == "/" || !mentions(step, path))
        })
    });
    let is_known = |path: &Template| begun.workdir.as_ref() == Some(path);
    settled.workdir = chosen
        .map(|entered| entered.path.clone())
        .filter(|path| !is_known(path));
    let own = settled.workdir.clone().or_else(|| begun.workdir.clone());
    // Directories that are entered later are created at that point.
    let mut made: BTreeSet<String> = own
        .iter()
        .filter_map(|path| path.constant().map(str::to_owned))
        .collect();
    made.insert("/".to_owned());
    let mut missing = Vec::new();
    for entered in &stage.workdirs {
        let steps = stage.steps_before(entered);
        let Some(path) = entered.path.constant() else {
            if Some(&entered.path) != own.as_ref() {
                missing.push((steps, entered.path.clone(), entered.user.clone()));
            }
            continue;
        };
        let is_made = stage.steps[..steps].iter().any(|step| makes(step, path));
        if made.insert(path.to_owned()) && !is_made {
            missing.push((steps, entered.path.clone(), entered.user.clone()));
        }
    }
    for (steps, path, user) in missing.into_iter().rev() {
        let (order, at) = stage
            .steps
            .get(steps)
            .map_or((usize::MAX, stage.end.clone()), |step| {
                (step.order, step.at.clone())
            });
        let owner = user.filter(|user| !matches!(user.constant(), Some("" | "root" | "0")));
        let step = Step {
            comments: Vec::new(),
            order,
            at,
            action: Action::Mkdir(path, owner),
        };
        stage.steps.insert(steps, step);
    }
    settled.steps = stage
        .steps
        .iter()
        .map(|step| own_workdir(step, own.as_ref()))
        .collect();
}

fn own_workdir(step: &Step, own: Option<&Template>) -> Own {
    let differs =
        step.run().is_some() && step.at.workdir.as_ref() != own && step.at.workdir.is_some();
    Own {
        workdir: step.at.workdir.clone().filter(|_| differs),
        ..Own::default()
    }
}

/// Chooses the stage's user: the one of all scripts, if the working directory belongs to that user, too.
fn user(stage: &Stage, begun: &Left, settled: &mut Settled) {
    let runs = || stage.steps.iter().filter(|step| step.run().is_some());
    let made = settled
        .workdir
        .as_ref()
        .and_then(|path| stage.workdirs.iter().find(|entered| entered.path == *path));
    let candidate = match (runs().next_back(), made) {
        (Some(run), _) => run.at.user.clone(),
        (None, Some(made)) => made.user.clone(),
        (None, None) => None,
    };
    let fits = candidate.is_some()
        && candidate != begun.user
        && runs().all(|step| step.at.user == candidate)
        && made.is_none_or(|made| made.user == candidate);
    if fits {
        settled.user = candidate;
    }
    let own = settled.user.clone().or_else(|| begun.user.clone());
    for (step, settings) in stage.steps.iter().zip(&mut settled.steps) {
        if step.run().is_some() && step.at.user != own && step.at.user.is_some() {
            settings.user.clone_from(&step.at.user);
        }
    }
}

/// Chooses the stage's variables: those that are the same for all scripts that may depend on them.
fn variables(stage: &Stage, begun: &Left, wanted: &Wanted, settled: &mut Settled) {
    // What scripts start with: the config's variables, overridden by those set for scripts.
    let mut known = begun.image_env.clone();
    for (name, value) in begun.env.iter() {
        known.set(name, value.clone());
    }
    if matches!(stage.from, From::Scratch) {
        known.set("PATH", super::words::of_base("PATH"));
    }
    let runs: Vec<usize> = (0..stage.steps.len())
        .filter(|index| stage.steps[*index].run().is_some())
        .collect();
    let mut names: Vec<&str> = Vec::new();
    let mut seen = BTreeSet::new();
    for index in &runs {
        for (name, _) in stage.steps[*index].at.variables.iter() {
            if seen.insert(name) {
                names.push(name);
            }
        }
    }
    let mut all: Vec<(String, Template)> = Vec::new();
    let mut single: Vec<(usize, String, Template)> = Vec::new();
    for name in names {
        let values = || {
            runs.iter()
                .map(|index| (*index, stage.steps[*index].at.variables.get(name)))
        };
        let caring = || values().filter(|(index, _)| !ignores_variable(&stage.steps[*index], name));
        let Some(last) = caring().filter_map(|(_, value)| value).next_back() else {
            continue;
        };
        if caring().all(|(_, value)| value == Some(last)) {
            if known.get(name) != Some(last) {
                all.push((name.to_owned(), last.clone()));
            }
            continue;
        }
        for (index, value) in caring() {
            if let Some(value) = value
                && known.get(name) != Some(value)
            {
                single.push((index, name.to_owned(), value.clone()));
            }
        }
    }
    for (name, value) in all {
        settled.env.set(&name, value);
    }
    for (index, name, value) in single {
        settled.steps[index].env.set(&name, value);
    }
    for (name, value) in stage.config_env.iter() {
        let is_wanted = wanted.config && !stage.only_for_scripts.contains(name)
            || wanted.variables.contains(name);
        if is_wanted {
            settled.image_env.set(name, value.clone());
        }
    }
}

/// Chooses the shell: that of a Dockerfile stops neither at failures nor at unset variables, so a script for which that matters
/// keeps it.
fn shells(stage: &mut Stage, begun: &Left, wanted: &Wanted, settled: &mut Settled) {
    let mut needed: Vec<Option<(Vec<String>, Option<String>)>> = Vec::new();
    for step in &stage.steps {
        let Action::Run(Run {
            command: Command::Script(script),
            secret_variables,
            ..
        }) = &step.action
        else {
            needed.push(None);
            continue;
        };
        let own = |words: &[&str]| {
            words
                .iter()
                .map(|&word| word.to_owned())
                .collect::<Vec<_>>()
        };
        needed.push(Some(if let Some(shell) = &step.at.shell { (shell.to_vec(), None) } else {
            let text = script.text();
            let unset = if text.starts_with("#!") { None } else { unset(&text, step, secret_variables) };
            match (script.goes_on(), unset) {
                (true, _) => (
                    own(&SHELL),
                    Some("without this `shell` the script ends at the first command that fails, which a Dockerfile's doesn't".to_owned()),
                ),
                (false, Some(name)) => (
                    own(&["/bin/sh", "-e", "-c"]),
                    Some(format!("without this `shell` the script ends at `${name}` if that isn't set")),
                ),
                (false, None) => (Vec::new(), None),
            }
        }));
    }
    let scripts: Vec<&Vec<String>> = needed.iter().flatten().map(|(shell, _)| shell).collect();
    let is_given = needed.iter().flatten().all(|(_, note)| note.is_none());
    let common = scripts
        .first()
        .filter(|first| scripts.iter().all(|shell| shell == *first))
        .map(|shell| (*shell).clone());
    let base = begun.shell.clone().unwrap_or_default();
    let mut stage_shell = base.clone();
    if let Some(common) = common
        && common != base
        && !common.is_empty()
        && (is_given || !wanted.is_base && scripts.len() > 1)
    {
        settled.shell = Some(common.clone());
        stage_shell = common;
    }
    let mut noted = BTreeSet::new();
    for (index, needed) in needed.into_iter().enumerate() {
        let Some((shell, note)) = needed else {
            continue;
        };
        let differs = shell != stage_shell;
        if differs {
            settled.steps[index].shell = Some(if shell.is_empty() {
                ["/bin/sh", "-e", "-u", "-c"]
                    .iter()
                    .map(|&word| word.to_owned())
                    .collect()
            } else {
                shell
            });
        }
        if let Some(note) = note
            && (differs || noted.insert(note.clone()) && settled.shell.is_some())
        {
            stage.steps[index].note(&note);
        }
    }
}

/// Returns a variable that a script reads and that may not be set.
fn unset(text: &str, step: &Step, secrets: &[String]) -> Option<String> {
    let read = shell::Script::read(text);
    let is_set = |name: &str| {
        ALWAYS_SET.contains(&name)
            || read.may_set(name)
            || step.at.variables.get(name).is_some()
            || secrets.iter().any(|secret| secret == name)
    };
    let mut names = read.reads.iter().map(|(name, _)| name.as_str());
    names.find(|name| !is_set(name)).map(str::to_owned)
}

/// Sets the parts of the image's config that don't follow from the stage.
fn config(stage: &Stage, begun: &Left, settled: &mut Settled) {
    let At { workdir, user, .. } = &stage.end;
    let of_stage = settled.workdir.clone().or_else(|| begun.workdir.clone());
    let results = of_stage.clone().or_else(|| begun.image_workdir.clone());
    let begins_at_root = matches!(stage.from, From::Scratch) && stage.workdirs.is_empty();
    if workdir.is_some() && *workdir != results && !begins_at_root {
        settled.image_workdir.clone_from(workdir);
    }
    let user_of_stage = settled.user.clone().or_else(|| begun.user.clone());
    let user_results = user_of_stage.clone().or_else(|| begun.image_user.clone());
    if user.is_some() && *user != user_results {
        settled.image_user.clone_from(user);
    }
    let mut env = begun.env.clone();
    for (name, value) in settled.env.iter() {
        env.set(name, value.clone());
    }
    let mut image_env = begun.image_env.clone();
    for (name, value) in settled.image_env.iter() {
        image_env.set(name, left_value(name, value));
    }
    // For a stage based on this one, what depends on this one's base belongs to this one.
    let mut seen = Variables::default();
    for (name, value) in env.iter() {
        let is_last = stage
            .end
            .variables
            .get(name)
            .is_none_or(|last| last == value);
        let is_config = is_last && stage.config_env.get(name).is_some();
        seen.set(
            name,
            if is_config {
                left_value(name, value)
            } else {
                value.clone()
            },
        );
    }
    settled.left = Left {
        workdir: of_stage,
        user: user_of_stage,
        shell: settled.shell.clone().or_else(|| begun.shell.clone()),
        env: seen,
        image_workdir: settled.image_workdir.clone().or(results),
        image_user: settled.image_user.clone().or(user_results),
        image_env,
    };
}

fn left_value(name: &str, value: &Template) -> Template {
    if value.is_of_base() {
        super::words::of_base(name)
    } else {
        value.clone()
    }
}

impl Settled {
    /// Returns the shell that the stage inherits from its base.
    pub(super) fn left_shell(&self) -> Option<&[String]> {
        self.left.shell.as_deref()
    }

    /// Returns the directory that relative paths of the stage's steps are resolved against, if it is known.
    pub(super) fn directory(&self) -> Option<&str> {
        self.left.workdir.as_ref().and_then(Template::constant)
    }
}

/// Returns the text of a script for its shell: commands of a chain are on separate lines only if the shell stops at failures.
pub(super) fn text_for(script: &Script, shell: Option<&[String]>) -> String {
    let stops = shell.is_none_or(|words| {
        words.iter().any(|word| {
            word.starts_with('-')
                && !word.starts_with("--")
                && word.contains('e')
                && word.len() <= 5
        })
    });
    match script {
        Script::Chain(commands) if !stops && script.text().contains('\n') => {
            let mut text = String::new();
            for (index, command) in commands.iter().enumerate() {
                for comment in &command.comments {
                    text.push('#');
                    text.push_str(comment);
                    text.push('\n');
                }
                text.push_str(&command.text);
                text.push_str(if index + 1 < commands.len() {
                    " &&\n"
                } else {
                    "\n"
                });
            }
            text
        }
        script => script.text(),
    }
}
