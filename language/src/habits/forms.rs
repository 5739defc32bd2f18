//! Forms of values that other tools use.

use super::mounts;
use super::paths::{
    body_of_a_cache, body_of_a_secret, definition_of_a_cache, definition_of_a_secret, is_path,
    path_of_a_cache, path_of_a_secret,
};
use crate::syntax::keys::ACTIONS;

/// The position of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ValuePosition {
    /// The source of a stage, a copy or a mount.
    From,
    /// A platform.
    Platform,
    /// The use of a cache.
    Cache,
    /// An item of the cache definitions.
    Caches,
    /// The definition of a cache.
    CacheBody,
    /// The definition of a secret.
    SecretBody,
    /// The use of a secret.
    Secret,
    /// An item of the secret definitions.
    Secrets,
    /// A mount.
    Mount,
    /// The config of an image.
    Image,
    /// A path to copy.
    Copy,
    /// The program of a list.
    Program,
    /// The source of `add`.
    Add,
    /// A step that is a string.
    Step,
}

/// Returns what to write instead of a value, if it has the form of another tool.
type Recognise = fn(&str) -> Option<String>;

/// Forms: the position, and a function that returns what to write instead.
static FORMS: &[(ValuePosition, Recognise)] = &[
    (ValuePosition::From, option_in_from),
    (ValuePosition::From, alias_in_from),
    (ValuePosition::From, variable_in_from),
    (ValuePosition::From, address_in_from),
    (ValuePosition::Platform, platform_of_a_dockerfile),
    (ValuePosition::Cache, mounts::cache),
    (ValuePosition::Cache, path_of_a_cache),
    (ValuePosition::Caches, definition_of_a_cache),
    (ValuePosition::CacheBody, body_of_a_cache),
    (ValuePosition::SecretBody, body_of_a_secret),
    (ValuePosition::Secret, mounts::secret),
    (ValuePosition::Secret, path_of_a_secret),
    (ValuePosition::Secrets, definition_of_a_secret),
    (ValuePosition::Mount, mounts::mount),
    (ValuePosition::Mount, volume),
    (ValuePosition::Image, image_as_base),
    (ValuePosition::Copy, options_of_a_copy),
    (ValuePosition::Copy, paths_in_one),
    (ValuePosition::Program, command_as_program),
    (ValuePosition::Add, added),
    (ValuePosition::Step, instruction),
];

/// Returns what to write instead of a value in another tool's form; `None` if no form is
/// recognized.
pub(crate) fn form(position: ValuePosition, text: &str) -> Option<String> {
    let text = text.trim();
    let mut forms = FORMS.iter().filter(|(other, _)| *other == position);
    forms.find_map(|(_, words)| words(text))
}

/// `--platform=X IMAGE` of a Dockerfile's `FROM`.
fn option_in_from(text: &str) -> Option<String> {
    let (platform, image) = text.strip_prefix("--platform=")?.split_once(' ')?;
    let platform = named_platform(platform).unwrap_or(platform);
    let image = image.trim();
    let image = alias(image).map_or(image, |(image, _)| image);
    Some(format!(
        "the platform is a key of its own: `from: {image}` and `platform: {platform}`"
    ))
}

/// Splits `IMAGE AS NAME`.
fn alias(text: &str) -> Option<(&str, &str)> {
    let words: Vec<&str> = text.split_whitespace().collect();
    match words[..] {
        [image, word, name] if word.eq_ignore_ascii_case("as") => Some((image, name)),
        _ => None,
    }
}

fn alias_in_from(text: &str) -> Option<String> {
    let (image, name) = alias(text)?;
    Some(format!(
        "a stage is named by its key under `stages`: `{name}: {{ from: \"{image}\" }}`"
    ))
}

/// `node:$VERSION`, with the variable of a Dockerfile.
fn variable_in_from(text: &str) -> Option<String> {
    let replaced = with_expressions(text)?;
    Some(format!(
        "a build argument that `args` declares is written `{replaced}`"
    ))
}

/// Replaces variables of a shell or a Dockerfile by expressions; `None` if there are none.
fn with_expressions(text: &str) -> Option<String> {
    let mut replaced = String::new();
    let mut rest = text;
    let mut any = false;
    while let Some(at) = rest.find('$') {
        replaced.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let braces = rest.starts_with('{');
        let inner = rest.trim_start_matches('{');
        let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        let length = inner.find(|letter| !is_name(letter)).unwrap_or(inner.len());
        let name = &inner[..length];
        if name.is_empty() {
            replaced.push('$');
            continue;
        }
        any = true;
        let (of, member) = match name {
            "TARGETARCH" => ("platform.target", "arch"),
            "TARGETOS" => ("platform.target", "os"),
            "BUILDARCH" => ("platform.build", "arch"),
            "BUILDOS" => ("platform.build", "os"),
            name => ("args", name),
        };
        replaced.extend(["${{ ", of, ".", member, " }}"]);
        rest = &inner[length..];
        if braces {
            // A default, as in `${NAME:-x}`, belongs to the declaration of the argument.
            rest = rest.split_once('}').map_or("", |(_, rest)| rest);
        }
    }
    replaced.push_str(rest);
    any.then_some(replaced)
}

fn address_in_from(text: &str) -> Option<String> {
    if let Some(image) = text.strip_prefix("docker-image://") {
        return Some(format!("an image is written without a scheme: `{image}`"));
    }
    (text.contains("://") || text.starts_with("git@")).then(|| {
        format!(
            "a repository is written `{{ git: '{text}' }}`, a file on a server `{{ http: '{text}' }}`"
        )
    })
}

/// Returns the name of a Dockerfile's platform variable in this language.
fn named_platform(text: &str) -> Option<&'static str> {
    match text.trim_start_matches('$').trim_matches(['{', '}']) {
        "BUILDPLATFORM" => Some("build"),
        "TARGETPLATFORM" => Some("target"),
        _ => None,
    }
}

fn platform_of_a_dockerfile(text: &str) -> Option<String> {
    let platform = named_platform(text)?;
    Some(format!("`{text}` is written `{platform}`"))
}

/// `./src:/app` of Compose.
fn volume(text: &str) -> Option<String> {
    let (from, to) = text
        .split_once(':')
        .filter(|(from, to)| is_path(from) && to.starts_with('/'))?;
    let to = to.split(':').next().unwrap_or_default();
    Some(format!(
        "a mount is a mapping: `{{ path: {from}, to: {to} }}`"
    ))
}

fn image_as_base(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| {
        format!(
            "the image that a stage starts from is `from: {text}`; `image` is the config of the image that it makes"
        )
    })
}

/// `--from=build /a /b` of a Dockerfile's `COPY`.
fn options_of_a_copy(text: &str) -> Option<String> {
    let mut keys = Vec::new();
    let mut paths = Vec::new();
    for word in text.split_whitespace() {
        let Some(option) = word.strip_prefix("--") else {
            paths.push(word);
            continue;
        };
        let (name, value) = option.split_once('=').unwrap_or((option, "true"));
        let key = match name {
            "from" | "exclude" | "parents" => name,
            "chown" => "owner",
            "chmod" => "mode",
            // It has no meaning here.
            "link" => continue,
            _ => return None,
        };
        keys.push(format!("`{key}: {value}`"));
    }
    if keys.is_empty() && !text.contains("--link") {
        return None;
    }
    let mut lines = copied(&paths);
    lines.extend(keys);
    Some(format!(
        "options are keys beside `copy`: {}",
        lines.join(", ")
    ))
}

/// Writes the paths of a Dockerfile's `COPY`, the last of which is the destination.
fn copied(paths: &[&str]) -> Vec<String> {
    match paths {
        [] => Vec::new(),
        [path] => vec![format!("`copy: {path}`")],
        [path, to] => vec![format!("`copy: {path}`"), format!("`to: {to}`")],
        [paths @ .., to] => vec![
            format!("`copy: [{}]`", paths.join(", ")),
            format!("`to: {to}`"),
        ],
    }
}

/// `src/a.txt /x/a.txt`. A space may be part of a name, so what follows it must look like a path.
fn paths_in_one(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let last = words.last().filter(|_| words.len() > 1)?;
    let looks_like_a_path = last.starts_with(['/', '.', '~']) || last.contains('/');
    looks_like_a_path.then(|| {
        format!(
            "each path is an item, and where they go is a key of its own: {}",
            copied(&words).join(", ")
        )
    })
}

/// `npm ci` as the program in a list: a list of commands, as in CI systems.
fn command_as_program(text: &str) -> Option<String> {
    let (program, _) = text.split_once(' ')?;
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || "/._+-".contains(letter);
    let words: Vec<&str> = text.split_whitespace().collect();
    (!program.is_empty() && program.chars().all(is_name)).then(|| {
        format!(
            "each argument is an item of its own: `[{}]`; several commands are a script, a string without brackets",
            words.join(", ")
        )
    })
}

fn added(text: &str) -> Option<String> {
    let source = text
        .split_whitespace()
        .find(|word| !word.starts_with("--"))?;
    let path = source.split(['#', '?']).next().unwrap_or_default();
    if source.starts_with("git@")
        || (source.contains("://") && path.split(".git").last() == Some(""))
    {
        return Some(format!("a repository is taken with `git: {source}`"));
    }
    if source.starts_with("https://") || source.starts_with("http://") {
        return Some(format!("a file is downloaded with `fetch: {source}`"));
    }
    let archive = [".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2", ".tar.zst"];
    archive
        .iter()
        .any(|end| path.ends_with(end))
        .then(|| format!("an archive is unpacked with `copy: {source}` and `unpack: true`"))
}

/// `RUN make` as a step.
fn instruction(text: &str) -> Option<String> {
    let (word, rest) = text.split_once(' ')?;
    let action = word.to_lowercase();
    if !word.chars().all(|letter| letter.is_ascii_uppercase()) {
        return None;
    }
    if action == "run" {
        return Some(format!("a step is a mapping: `- run: {rest}`"));
    }
    if action == "copy" {
        let words: Vec<&str> = rest.split_whitespace().collect();
        return options_of_a_copy(rest).or_else(|| {
            Some(format!(
                "a step is a mapping: {}",
                copied(&words).join(", ")
            ))
        });
    }
    let known = ACTIONS.iter().any(|table| table.main() == action);
    known.then(|| format!("a step is a mapping: `- {action}: {rest}`"))
}

#[cfg(test)]
mod tests {
    use super::{ValuePosition, form};

    #[test]
    fn forms_are_recognised_and_others_are_not() {
        for (position, text, expected) in [
            (
                ValuePosition::From,
                "node:22 AS app",
                Some("`app: { from: \"node:22\" }`"),
            ),
            (
                ValuePosition::From,
                "--platform=$BUILDPLATFORM golang:1 AS b",
                Some("`from: golang:1` and `platform: build`"),
            ),
            (
                ValuePosition::From,
                "node:${V:-22}-slim",
                Some("`node:${{ args.V }}-slim`"),
            ),
            (ValuePosition::From, "node:22", None),
            (
                ValuePosition::Platform,
                "${TARGETPLATFORM}",
                Some("`target`"),
            ),
            (ValuePosition::Platform, "linux/arm64", None),
            (
                ValuePosition::Secret,
                "/root/.npmrc",
                Some("`secrets: { npmrc: { target: /root/.npmrc } }`"),
            ),
            (ValuePosition::Secret, "npmrc", None),
            (
                ValuePosition::Secret,
                "id=npmrc,target=/root/.npmrc",
                Some("npmrc: { target: /root/.npmrc }"),
            ),
            (ValuePosition::Cache, "/root/.npm", Some("`caches: [npm]`")),
            (ValuePosition::Cache, "/srv/x", Some("`{ target: /srv/x }`")),
            (
                ValuePosition::Mount,
                "type=cache,target=/root/.cache/pip",
                Some("`caches: [pip]`"),
            ),
            (
                ValuePosition::Mount,
                "type=bind,source=src,target=/src",
                Some("`bind: { paths: src"),
            ),
            (
                ValuePosition::Mount,
                "./src:/app:ro",
                Some("`{ path: ./src, to: /app }`"),
            ),
            (
                ValuePosition::Copy,
                "--from=b /bin/sh /x/",
                Some("`copy: /bin/sh`, `to: /x/`, `from: b`"),
            ),
            (
                ValuePosition::Copy,
                "src/a.txt /x/a.txt",
                Some("`copy: src/a.txt`, `to: /x/a.txt`"),
            ),
            (ValuePosition::Copy, "my documents", None),
            (ValuePosition::Copy, "a", None),
            (ValuePosition::Program, "npm ci", Some("`[npm, ci]`")),
            (ValuePosition::Program, "npm", None),
            (ValuePosition::Add, "https://example.com/x", Some("`fetch:")),
            (ValuePosition::Add, "x.tar.gz", Some("`unpack: true`")),
            (ValuePosition::Add, "x", None),
            (
                ValuePosition::Step,
                "COPY . /app",
                Some("`copy: .`, `to: /app`"),
            ),
            (ValuePosition::Step, "RUN make", Some("`- run: make`")),
            (ValuePosition::Step, "make all", None),
        ] {
            let words = form(position, text);
            let fits = match expected {
                Some(part) => words.as_deref().is_some_and(|words| words.contains(part)),
                None => words.is_none(),
            };
            assert!(fits, "{text}: {words:?}");
        }
    }
}
