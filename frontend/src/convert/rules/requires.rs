//! Stages that run tests and from which nothing is taken become requirements of the image: with a Dockerfile, they are
//! only built if selected.

use crate::convert::model::{Action, Command, File, From, Source, Stage};

/// The beginnings of test commands.
const TESTS: [&str; 28] = [
    "go test",
    "go vet",
    "golangci-lint",
    "npm test",
    "npm t",
    "npm run test",
    "npm run lint",
    "npm run check",
    "yarn test",
    "yarn lint",
    "yarn run test",
    "pnpm test",
    "pnpm run test",
    "bun test",
    "pytest",
    "python -m pytest",
    "python3 -m pytest",
    "python -m unittest",
    "python3 -m unittest",
    "tox",
    "poetry run pytest",
    "cargo test",
    "cargo clippy",
    "mvn test",
    "mvn verify",
    "gradle test",
    "./gradlew test",
    "make test",
];

pub(super) fn apply(file: &mut File) {
    let Some(last) = file.stages.len().checked_sub(1) else {
        return;
    };
    copied_for_nothing(file);
    let mut used = vec![false; file.stages.len()];
    for stage in &file.stages {
        for index in super::sources(stage)
            .into_iter()
            .chain(stage.requires.iter().copied())
        {
            used[index] = true;
        }
    }
    let is_test = |stage: &Stage| {
        stage.image.cmd.is_none() && stage.image.entrypoint.is_none() && runs_tests(stage)
    };
    let tests = file.stages[..last].iter().enumerate();
    let tests = tests
        .filter(|(index, stage)| !used[*index] && is_test(stage))
        .map(|(index, _)| index);
    let tests: Vec<usize> = tests.collect();
    if tests.is_empty() {
        return;
    }
    let names: Vec<&str> = tests
        .iter()
        .map(|index| file.stages[*index].name.as_str())
        .collect();
    let names = names.join("`, `");
    let (verb, name) = (
        if tests.len() == 1 { "runs" } else { "run" },
        file.stages[last].name.clone(),
    );
    let note = format!(
        " convert: `{names}` {verb} in each build of `{name}` now; the Dockerfile left that to whoever named it"
    );
    let image = &mut file.stages[last];
    image.requires.extend(tests);
    image.key_comments.entry("requires").or_default().push(note);
}

/// Removes `COPY --from=test /passed /passed`, which only makes `test` run, unless the image needs the file.
fn copied_for_nothing(file: &mut File) {
    for index in 0..file.stages.len() {
        let mut required = Vec::new();
        let steps = std::mem::take(&mut file.stages[index].steps);
        let mut kept = Vec::with_capacity(steps.len());
        let mut comments = Vec::new();
        for step in steps {
            let to_nowhere = match &step.action {
                Action::Copy(copy) => match copy.from {
                    Source::Stage(other)
                        if copy.to.as_ref().and_then(|to| to.constant()) == Some("/dev/null") =>
                    {
                        Some(other)
                    }
                    _ => None,
                },
                // `RUN --mount=from=test true`
                Action::Run(run) => match (&run.command, run.mounts.as_slice()) {
                    (Command::Script(script), [mount])
                        if matches!(script.text().trim(), "true" | ":") =>
                    {
                        match mount.from {
                            Source::Stage(other) => Some(other),
                            _ => None,
                        }
                    }
                    _ => None,
                },
                _ => None,
            };
            match to_nowhere {
                Some(other) if !matches!(file.stages[index].from, From::Stage(base) if base == other) =>
                {
                    required.push(other);
                    comments.extend(step.comments);
                }
                _ => kept.push(step),
            }
        }
        let stage = &mut file.stages[index];
        stage.steps = kept;
        for other in required {
            if !stage.requires.contains(&other) {
                stage.requires.push(other);
            }
        }
        if !comments.is_empty() {
            stage
                .key_comments
                .entry("requires")
                .or_default()
                .extend(comments);
        }
    }
}

/// Reports whether a stage only runs tests.
fn runs_tests(stage: &Stage) -> bool {
    let scripts = stage.steps.iter().filter_map(|step| step.run());
    scripts.into_iter().any(|run| match &run.command {
        Command::Script(script) => {
            let text = script.text();
            let mut commands = text.split(['\n', ';', '&', '|']).map(str::trim);
            commands.any(|command| {
                TESTS.iter().any(|test| {
                    let words = command.split(' ').skip_while(|word| word.contains('='));
                    let words: Vec<&str> = words.collect();
                    let command = words.join(" ");
                    command == *test
                        || command
                            .strip_prefix(test)
                            .is_some_and(|rest| rest.starts_with([' ', ':']))
                })
            })
        }
        Command::Program(words) => {
            let text = words.join(" ");
            TESTS
                .iter()
                .any(|test| text == *test || text.starts_with(&format!("{test} ")))
        }
    })
}
