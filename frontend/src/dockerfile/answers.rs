//! Answers to questions about Dockerfiles, as Docker's frontend gives them.

use buildkit_dockerfile::{self as dockerfile, Dockerfile, Lines};
use buildkit_gateway::subrequest::{
    Location, Outline, OutlineArgument, OutlineSecret, Target, Targets,
};

/// Makes the location of lines in the file; without lines, an empty one.
pub fn location(lines: Option<Lines>) -> Location {
    Location::new(lines.into_iter().flat_map(Lines::ranges))
}

/// Converts the outline of a target.
pub fn outline(outline: &dockerfile::Outline, text: &[u8]) -> Outline {
    let args = outline.args.iter().map(|argument| {
        OutlineArgument::new(&argument.name)
            .description(&argument.description)
            .value(&argument.value)
            .at(location(Some(argument.lines)))
    });
    let secret = |secret: &dockerfile::OutlineSecret| OutlineSecret {
        name: secret.name.clone(),
        required: secret.required,
        location: Some(location(Some(secret.lines))),
    };
    Outline {
        name: outline.name.clone(),
        description: outline.description.clone(),
        args: args.collect(),
        secrets: outline.secrets.iter().map(secret).collect(),
        ssh: outline.ssh.iter().map(secret).collect(),
        ..Outline::default()
    }
    .source(text.to_owned())
}

/// Lists the stages of a file.
pub fn targets(file: &Dockerfile, text: &[u8]) -> Targets {
    let stages = file.stages();
    let targets = stages.iter().enumerate().map(|(index, stage)| Target {
        name: stage.name.to_string(),
        default: index + 1 == stages.len(),
        description: stage.description.clone(),
        base: stage.base.to_string(),
        platform: stage.platform.to_string(),
        location: Some(location(Some(stage.lines))),
    });
    let targets = targets.collect();
    Targets {
        targets,
        ..Targets::default()
    }
    .source(text.to_owned())
}
