//! Python's compiled files contain the timestamps of their sources: if packages are copied without their timestamps, Python
//! compiles them again at every start of the image.

use crate::convert::model::{Action, Command, File, From, Source, Stage};

/// Parts of commands that install Python packages.
const INSTALLERS: [&str; 10] = [
    "pip install",
    "pip3 install",
    "pip sync",
    "pip-sync",
    "-m pip",
    "uv sync",
    "poetry install",
    "pdm install",
    "pdm sync",
    "pipenv",
];

pub(super) fn apply(file: &mut File) {
    let mut has_packages: Vec<bool> = Vec::new();
    for stage in &file.stages {
        let inherits = matches!(stage.from, From::Stage(base) if has_packages[base]);
        has_packages.push(inherits || installs(stage));
    }
    let steps = file.stages.iter_mut().flat_map(|stage| &mut stage.steps);
    for step in steps {
        if let Action::Copy(copy) = &mut step.action
            && let Source::Stage(index) = copy.from
        {
            copy.keeps_times = has_packages[index];
        }
    }
}

fn installs(stage: &Stage) -> bool {
    let runs = stage.steps.iter().filter_map(|step| step.run());
    let texts = runs.map(|run| match &run.command {
        Command::Script(script) => script.text(),
        Command::Program(words) => words.join(" "),
    });
    texts
        .into_iter()
        .any(|text| INSTALLERS.iter().any(|words| text.contains(words)))
}
