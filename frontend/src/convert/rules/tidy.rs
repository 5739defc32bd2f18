//! Removes variables that only scripts use from the image, if requested.

use stagefile_text::shell;

use crate::convert::model::{Command, File, Healthcheck, Program, Stage};

/// Prefixes of variables of build tools.
const OF_BUILDS: [&str; 13] = [
    "PIP_",
    "POETRY_",
    "DEBIAN_FRONTEND",
    "CGO_ENABLED",
    "GOOS",
    "GOARCH",
    "GOFLAGS",
    "GOPROXY",
    "NPM_CONFIG_",
    "npm_config_",
    "CARGO_",
    "UV_",
    "YARN_",
];

pub(super) fn apply(file: &mut File) {
    for stage in &mut file.stages {
        let names: Vec<String> = stage
            .config_env
            .iter()
            .map(|(name, _)| name.to_owned())
            .collect();
        for name in names {
            if is_only_for_scripts(stage, &name) {
                stage.only_for_scripts.insert(name);
            }
        }
    }
}

fn is_only_for_scripts(stage: &Stage, name: &str) -> bool {
    if OF_BUILDS.iter().any(|start| name.starts_with(start)) {
        return !runs_with(stage, name);
    }
    let mut scripts = stage.steps.iter().filter_map(|step| step.run());
    let is_read = scripts.any(|run| match &run.command {
        Command::Script(script) => reads(&script.text(), name),
        Command::Program(_) => false,
    });
    is_read && name.ends_with("_VERSION") && !runs_with(stage, name)
}

/// Reports whether the command of a container mentions a variable.
fn runs_with(stage: &Stage, name: &str) -> bool {
    let image = &stage.image;
    let check = match &image.healthcheck {
        Some(Healthcheck::Check { run, .. }) => Some(run),
        _ => None,
    };
    let programs = [image.entrypoint.as_ref(), image.cmd.as_ref(), check]
        .into_iter()
        .flatten();
    programs.into_iter().any(|program| match program {
        Program::Words(words) => words.iter().any(|word| reads(word, name)),
        Program::Line(line) => reads(line, name),
    })
}

fn reads(script: &str, name: &str) -> bool {
    script.match_indices('$').any(|(at, _)| {
        let rest = &script[at + 1..];
        shell::name_of(rest.strip_prefix('{').unwrap_or(rest)) == name
    })
}
