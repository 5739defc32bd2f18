//! Explanations of a Dockerfile's instructions and their flags.

use buildkit_dockerfile::{Dockerfile, Instruction, InstructionKind, LintConfig};

use super::dockerfile::words;
use super::text::Text;

/// The instructions, with their syntax and what they do.
const INSTRUCTIONS: [(&str, &str, &str); 18] = [
    (
        "ADD",
        "ADD [--FLAG…] SOURCE… DESTINATION",
        "Copies files as `COPY` does, and also downloads URLs, clones git repositories and unpacks local tar archives.",
    ),
    (
        "ARG",
        "ARG NAME[=DEFAULT]…",
        "Declares what `--build-arg` sets. Before the first `FROM` it holds for the `FROM` lines; a stage that uses it declares it again.",
    ),
    (
        "CMD",
        "CMD [\"PROGRAM\", \"ARGUMENT\"…]",
        "What the container runs, or what `ENTRYPOINT` gets as arguments, unless `docker run` names something else. The last one counts.",
    ),
    (
        "COPY",
        "COPY [--FLAG…] SOURCE… DESTINATION",
        "Copies files from the build context, or with `--from` from a stage or an image. It runs again when their content changes.",
    ),
    (
        "ENTRYPOINT",
        "ENTRYPOINT [\"PROGRAM\", \"ARGUMENT\"…]",
        "The program that the container always runs. As a list it gets signals itself; as a string a shell stands before it.",
    ),
    (
        "ENV",
        "ENV NAME=VALUE…",
        "Sets variables for the instructions that follow and for the container. Never a secret: the image shows them to everybody.",
    ),
    (
        "EXPOSE",
        "EXPOSE PORT[/PROTOCOL]…",
        "Says which ports the program listens on. It opens none; `docker run --publish` does.",
    ),
    (
        "FROM",
        "FROM [--platform=PLATFORM] BASE [AS NAME]",
        "Begins a stage, from an image, from an earlier stage, or from nothing (`scratch`). The last stage is the image unless `--target` names another.",
    ),
    (
        "HEALTHCHECK",
        "HEALTHCHECK [--FLAG…] CMD COMMAND",
        "A command by which Docker finds out whether the container works: 0 is healthy, 1 is not. `HEALTHCHECK NONE` takes away that of the base.",
    ),
    ("LABEL", "LABEL NAME=VALUE…", "Adds metadata to the image."),
    (
        "MAINTAINER",
        "MAINTAINER NAME",
        "The image's author. Deprecated; write `LABEL org.opencontainers.image.authors=NAME`.",
    ),
    (
        "ONBUILD",
        "ONBUILD INSTRUCTION",
        "Keeps an instruction for builds that start `FROM` this image; it runs there, right after their `FROM`.",
    ),
    (
        "RUN",
        "RUN [--FLAG…] COMMAND",
        "Runs a command and keeps what it changes as a layer. It runs again when the command or anything before it changes.",
    ),
    (
        "SHELL",
        "SHELL [\"PROGRAM\", \"ARGUMENT\"…]",
        "The shell for commands that are strings, from here on; `/bin/sh -c` otherwise.",
    ),
    (
        "STOPSIGNAL",
        "STOPSIGNAL SIGNAL",
        "The signal that ends the container, such as `SIGINT`; `SIGTERM` otherwise.",
    ),
    (
        "USER",
        "USER NAME[:GROUP]",
        "Who runs the commands that follow, and the container.",
    ),
    (
        "VOLUME",
        "VOLUME PATH…",
        "Directories that a container keeps outside of its layers. What later instructions write there may be lost.",
    ),
    (
        "WORKDIR",
        "WORKDIR PATH",
        "The directory of the instructions that follow, and of the container. It is made if it isn't there; a relative path starts at the one before.",
    ),
];

/// The flags, with the instructions that take them and what they do.
const FLAGS: [(&str, &[&str], &str); 19] = [
    (
        "platform",
        &["FROM"],
        "The platform of the image. `$BUILDPLATFORM` is the machine's own, so compilers run without emulation.",
    ),
    (
        "mount",
        &["RUN"],
        "Something that is there while the command runs and not in the image: `type=bind`, `cache`, `secret`, `ssh` or `tmpfs`.",
    ),
    (
        "network",
        &["RUN"],
        "`none`, `default`, or `host`, which the client has to allow with `--allow network.host`.",
    ),
    (
        "security",
        &["RUN"],
        "`insecure` runs with all privileges; the client has to allow it with `--allow security.insecure`.",
    ),
    (
        "device",
        &["RUN"],
        "A device by its name in CDI; `,required` fails the build without it.",
    ),
    (
        "from",
        &["COPY"],
        "The stage, image or named context to copy from, in place of the build context.",
    ),
    (
        "chown",
        &["ADD", "COPY"],
        "Owner and group of the copies, as names of the image or numbers; root's otherwise.",
    ),
    (
        "chmod",
        &["ADD", "COPY"],
        "Permissions of the copies, such as `0755` or `u=rwX,go=rX`.",
    ),
    (
        "link",
        &["ADD", "COPY"],
        "Makes the layer on its own, so that a changed base doesn't copy again. Links in the destination's path aren't followed.",
    ),
    (
        "exclude",
        &["ADD", "COPY"],
        "Files that are not copied, as patterns.",
    ),
    (
        "parents",
        &["COPY"],
        "Keeps the directories of a source's path; `/./` in it says from where on.",
    ),
    (
        "checksum",
        &["ADD"],
        "What the download must be: `sha256:…`; for git a commit.",
    ),
    ("keep-git-dir", &["ADD"], "Keeps `.git` of a repository."),
    (
        "unpack",
        &["ADD"],
        "Whether archives are unpacked: those of URLs aren't unless it is `true`, local ones are unless it is `false`.",
    ),
    (
        "interval",
        &["HEALTHCHECK"],
        "The time between two checks; 30 s.",
    ),
    (
        "timeout",
        &["HEALTHCHECK"],
        "How long a check may take; 30 s.",
    ),
    (
        "start-period",
        &["HEALTHCHECK"],
        "How long the program may take to start, while failures don't count; 0 s.",
    ),
    (
        "start-interval",
        &["HEALTHCHECK"],
        "The time between two checks while it starts; 5 s.",
    ),
    (
        "retries",
        &["HEALTHCHECK"],
        "How many failures one after the other make the container unhealthy; 3.",
    ),
];

/// Explains the keyword of an instruction, one of its flags, or a variable.
pub(super) fn hover(text: &Text, offset: usize) -> Option<String> {
    let file = Dockerfile::parse(text.as_str(), &LintConfig::default());
    let line = u32::try_from(text.line_of(offset)).ok()? + 1;
    if let Some(name) = variable(text.as_str(), offset) {
        return definition(&file, name, line);
    }
    let global = file.global_args().iter();
    let global = global.map(|instruction| instruction.lines);
    let stages = file.stages().iter().flat_map(|stage| {
        let own = stage.instructions.iter();
        std::iter::once(stage.lines).chain(own.map(|instruction| instruction.lines))
    });
    let mut all = global.chain(stages);
    let lines = all.find(|lines| (lines.first..=lines.last).contains(&line))?;
    let words = words(text, file.escape(), lines);
    let mut keyword = words.first()?.1;
    let mut flags = words.get(1..)?;
    let is_at = |(at, word): &(usize, &str)| (*at..=at + word.len()).contains(&offset);
    if is_at(&words[0]) {
        return instruction(keyword);
    }
    if keyword.eq_ignore_ascii_case("onbuild") {
        keyword = flags.first()?.1;
        if is_at(&flags[0]) {
            return instruction(keyword);
        }
        flags = &flags[1..];
    }
    let mut flags = flags.iter().take_while(|(_, word)| word.starts_with("--"));
    let (at, word) = flags.find(|word| is_at(word))?;
    let name = word.trim_start_matches("--").split('=').next()?;
    // The flag's value isn't explained.
    if offset > at + "--".len() + name.len() {
        return None;
    }
    let is_meant = |(known, of, _): &&(&str, &[&str], &str)| {
        *known == name && of.iter().any(|one| one.eq_ignore_ascii_case(keyword))
    };
    let (_, _, meaning) = FLAGS.iter().find(is_meant)?;
    Some(format!(
        "`--{name}` of `{}`: {meaning}",
        keyword.to_uppercase()
    ))
}

fn instruction(keyword: &str) -> Option<String> {
    let mut all = INSTRUCTIONS.iter();
    let (name, form, meaning) = all.find(|(name, ..)| name.eq_ignore_ascii_case(keyword))?;
    Some(format!(
        "{meaning}\n\n```dockerfile\n{form}\n```\n\n[Reference](https://docs.docker.com/reference/dockerfile/#{})",
        name.to_lowercase()
    ))
}

/// Finds the name of a variable that is used here: `$NAME`, or what begins with `${NAME`.
fn variable(text: &str, offset: usize) -> Option<&str> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let before = text.get(..offset)?.trim_end_matches(is_part);
    let rest = &text[before.len()..];
    let name = &rest[..rest.find(|letter| !is_part(letter)).unwrap_or(rest.len())];
    let is_used = before.ends_with('$') || before.ends_with("${");
    (is_used && !name.is_empty()).then_some(name)
}

/// Says which instruction of the same stage last set a variable before a line.
fn definition(file: &Dockerfile, name: &str, line: u32) -> Option<String> {
    let mut stages = file.stages().iter().rev();
    let stage = stages.find(|stage| stage.lines.last < line);
    let own = stage.map_or(&[][..], |stage| &stage.instructions);
    let is_before = |instruction: &&Instruction| instruction.lines.last < line;
    for instruction in own.iter().rev().filter(is_before) {
        let at = instruction.lines.first;
        match &instruction.kind {
            InstructionKind::Env(pairs) => {
                if let Some(pair) = pairs.iter().rev().find(|pair| pair.name == name) {
                    return Some(format!("`{name}` is `{}`: `ENV` of line {at}", pair.value));
                }
            }
            InstructionKind::Arg(arguments) => {
                if let Some(argument) = arguments.iter().rev().find(|one| one.name == name) {
                    return match &argument.value {
                        Some(value) => Some(default(name, value, at)),
                        None => global(file, name).or_else(|| {
                            Some(format!(
                                "`{name}` is what `--build-arg` gives: `ARG` of line {at}"
                            ))
                        }),
                    };
                }
            }
            _ => {}
        }
    }
    // `FROM` only sees the arguments above the first stage, and stages only see them if they declare them.
    let is_from = file
        .stages()
        .iter()
        .any(|stage| (stage.lines.first..=stage.lines.last).contains(&line));
    is_from.then(|| global(file, name)).flatten()
}

fn global(file: &Dockerfile, name: &str) -> Option<String> {
    file.global_args().iter().rev().find_map(|instruction| {
        let InstructionKind::Arg(arguments) = &instruction.kind else {
            return None;
        };
        let argument = arguments.iter().rev().find(|one| one.name == name)?;
        let value = argument.value.as_ref()?;
        Some(default(name, value, instruction.lines.first))
    })
}

fn default(name: &str, value: &str, line: u32) -> String {
    format!("`{name}` is `{value}` unless `--build-arg` gives another: `ARG` of line {line}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_instruction_is_explained() {
        let names = INSTRUCTIONS.map(|(name, form, _)| {
            assert!(form.starts_with(name), "{form}");
            name
        });
        assert_eq!(names, buildkit_dockerfile::KEYWORDS);
    }

    /// The compiler knows each explained flag for the instructions listed with it.
    #[test]
    fn every_flag_is_one_of_its_instructions() {
        for (flag, instructions, _) in FLAGS {
            assert!(!instructions.is_empty(), "{flag}");
            for keyword in instructions {
                let line = match *keyword {
                    "FROM" => format!("FROM --{flag}=x b"),
                    "HEALTHCHECK" => format!("FROM b\nHEALTHCHECK --{flag}=1s CMD true"),
                    keyword => format!("FROM b\n{keyword} --{flag}=x a /b"),
                };
                let file = Dockerfile::parse(&format!("{line}\n"), &LintConfig::default());
                let unknown = file.mistakes().iter().map(ToString::to_string);
                let unknown: Vec<_> = unknown.filter(|one| one.contains("unknown flag")).collect();
                assert!(unknown.is_empty(), "{line}: {unknown:?}");
            }
        }
    }
}
