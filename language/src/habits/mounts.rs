//! `type=cache,target=…`: mounts in the format of `RUN` options in Dockerfiles and of clients.

use super::paths::preset_of;

/// The parts of a mount.
struct Parts<'a> {
    parts: Vec<(&'a str, &'a str)>,
}

impl<'a> Parts<'a> {
    /// Parses `a=b,c=d`.
    fn read(text: &'a str) -> Option<Self> {
        let text = text.strip_prefix("--mount=").unwrap_or(text);
        let parts = text
            .split(',')
            .map(|part| part.split_once('=').unwrap_or((part, "")));
        let parts: Vec<_> = parts.collect();
        let is_known = |(name, _): &(&str, &str)| ["type", "id", "target"].contains(name);
        (text.contains('=') && is_known(&parts[0])).then_some(Self { parts })
    }

    fn get(&self, names: &[&str]) -> Option<&'a str> {
        let part = self.parts.iter().find(|(name, _)| names.contains(name));
        part.map(|(_, value)| *value)
            .filter(|value| !value.is_empty())
    }

    fn target(&self) -> Option<&'a str> {
        self.get(&["target", "dst", "destination"])
    }

    fn source(&self) -> Option<&'a str> {
        self.get(&["source", "src"])
    }
}

/// Returns the replacement for a mount of any type.
pub(super) fn mount(text: &str) -> Option<String> {
    let parts = Parts::read(text)?;
    match parts.get(&["type"]).unwrap_or("bind") {
        "cache" => as_cache(&parts),
        "secret" => as_secret(&parts),
        "tmpfs" => Some(format!(
            "a tmpfs has a key of its own: `tmpfs: {}`",
            parts.target()?
        )),
        "ssh" => Some("an SSH agent has a key of its own: `ssh: default`".to_owned()),
        "bind" => as_bind(&parts),
        _ => None,
    }
}

/// Returns the replacement for a cache mount.
pub(super) fn cache(text: &str) -> Option<String> {
    as_cache(&Parts::read(text)?)
}

/// Returns the replacement for a secret mount.
pub(super) fn secret(text: &str) -> Option<String> {
    as_secret(&Parts::read(text)?)
}

fn as_cache(parts: &Parts<'_>) -> Option<String> {
    let target = parts.target()?;
    Some(match preset_of(target) {
        Some(preset) => format!(
            "a cache has a key of its own: `caches: [{preset}]` for what this directory holds, or `caches: {{ target: {target} }}`"
        ),
        None => format!("a cache has a key of its own: `caches: {{ target: {target} }}`"),
    })
}

fn as_secret(parts: &Parts<'_>) -> Option<String> {
    let id = parts.get(&["id"]).or(parts.source())?;
    let body = match (parts.get(&["env"]), parts.target()) {
        (Some(variable), _) => format!("{{ env: {variable} }}"),
        (None, Some(target)) => format!("{{ target: {target} }}"),
        (None, None) => "{}".to_owned(),
    };
    Some(format!(
        "a secret is defined at the top level, `secrets: {{ {id}: {body} }}`, and named at the step, `secrets: [{id}]`"
    ))
}

fn as_bind(parts: &Parts<'_>) -> Option<String> {
    let target = parts.target()?;
    let source = parts.source().unwrap_or(".");
    Some(match parts.get(&["from"]) {
        Some(from) => {
            format!("a mount is a mapping: `{{ from: {from}, path: {source}, to: {target} }}`")
        }
        None => format!(
            "files of the build context have a key of their own: `bind: {{ paths: {source}, to: DIRECTORY }}`; or `mounts: {{ path: {source}, to: {target} }}`"
        ),
    })
}
