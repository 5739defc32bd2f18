//! Paths of secrets and caches, which have names in this language.

use crate::plan::preset;

/// Returns a name for a path, from its last part: `npmrc` for `/root/.npmrc`.
pub(super) fn name_of(path: &str) -> String {
    let last = path.trim_end_matches('/').rsplit('/').next();
    let last = last.unwrap_or_default().trim_start_matches('.');
    let stem = last.split('.').next().unwrap_or_default();
    let name: String = stem
        .chars()
        .map(|letter| {
            if letter.is_ascii_alphanumeric() {
                letter
            } else {
                '-'
            }
        })
        .collect();
    match name.trim_matches('-') {
        "" => "NAME".to_owned(),
        name => name.to_owned(),
    }
}

pub(super) fn is_path(text: &str) -> bool {
    text.starts_with(['/', '~', '.']) || text.contains('/')
}

pub(super) fn path_of_a_secret(text: &str) -> Option<String> {
    is_path(text).then(|| {
        let name = name_of(text);
        format!(
            "a secret has a name: `secrets: {{ {name}: {{ target: {text} }} }}` at the top level, and `secrets: [{name}]` here"
        )
    })
}

pub(super) fn definition_of_a_secret(text: &str) -> Option<String> {
    let name = name_of(text);
    let body = if is_path(text) {
        format!("{{ target: {text} }}")
    } else {
        "{}".to_owned()
    };
    (!text.is_empty()).then(|| format!("give each a name: `secrets: {{ {name}: {body} }}`"))
}

pub(super) fn body_of_a_secret(text: &str) -> Option<String> {
    is_path(text).then(|| {
        format!("its file in scripts is `{{ target: {text} }}`; the client says where its value comes from")
    })
}

/// Default directories of tools that presets cache.
static DIRECTORIES: [(&str, &str); 20] = [
    (".npm", "npm"),
    (".cache/pip", "pip"),
    (".cache/uv", "uv"),
    (".cache/pypoetry", "poetry"),
    (".cache/go-build", "go"),
    ("go/pkg/mod", "go"),
    ("cargo/registry", "cargo"),
    (".cargo/registry", "cargo"),
    ("cargo/git", "cargo"),
    (".m2", "maven"),
    (".m2/repository", "maven"),
    (".gradle", "gradle"),
    (".gradle/caches", "gradle"),
    (".nuget/packages", "nuget"),
    (".composer/cache", "composer"),
    (".cache/yarn", "yarn"),
    ("pnpm/store", "pnpm"),
    ("var/cache/apt", "apt"),
    ("var/lib/apt", "apt"),
    ("etc/apk/cache", "apk"),
];

/// Returns the preset for a directory that a tool uses for downloads.
pub(super) fn preset_of(path: &str) -> Option<&'static str> {
    let path = path.trim_end_matches('/');
    let ends = |end: &str| {
        path.strip_suffix(end)
            .is_some_and(|rest| rest.ends_with('/'))
    };
    let row = DIRECTORIES.iter().find(|(end, _)| ends(end))?;
    // The preset must still exist.
    preset::ALL
        .iter()
        .map(|preset| preset.name)
        .find(|name| *name == row.1)
}

pub(super) fn path_of_a_cache(text: &str) -> Option<String> {
    is_path(text).then(|| match preset_of(text) {
        Some(preset) => format!(
            "the preset for this directory is `{preset}`: `caches: [{preset}]`; another directory is `{{ target: {text} }}`"
        ),
        None => format!("a directory is written in the long form: `{{ target: {text} }}`"),
    })
}

pub(super) fn body_of_a_cache(text: &str) -> Option<String> {
    is_path(text).then(|| match preset_of(text) {
        Some(preset) => format!(
            "write `{{ target: {text} }}`; the preset for this directory, `{preset}`, needs no definition: `caches: [{preset}]` at the step"
        ),
        None => format!("write `{{ target: {text} }}`"),
    })
}

pub(super) fn definition_of_a_cache(text: &str) -> Option<String> {
    let name = name_of(text);
    let path = if is_path(text) { text } else { "/DIRECTORY" };
    (!text.is_empty())
        .then(|| format!("give each a name: `caches: {{ {name}: {{ target: {path} }} }}`"))
}

#[cfg(test)]
mod tests {
    use super::{DIRECTORIES, preset_of};

    #[test]
    fn every_directory_has_a_preset() {
        for (directory, preset) in DIRECTORIES {
            assert_eq!(preset_of(&format!("/root/{directory}/")), Some(preset));
        }
    }
}
