//! setup.cfg and setup.py: metadata of older projects. In setup.py, only literal values are read.

/// The metadata.
#[derive(Debug, Default)]
pub(super) struct Setup {
    pub(super) name: Option<String>,
    pub(super) version: Option<String>,
    pub(super) description: Option<String>,
    pub(super) license: Option<String>,
    pub(super) python: Option<String>,
    pub(super) scripts: Vec<String>,
    pub(super) requires: Vec<String>,
    pub(super) extras: Vec<String>,
}

impl Setup {
    /// Reads both files; setup.cfg takes precedence.
    pub(super) fn read(cfg: Option<&str>, script: Option<&str>) -> Self {
        let cfg = cfg.map(of_cfg).unwrap_or_default();
        let script = script.map(of_script).unwrap_or_default();
        let list = |one: Vec<String>, other| if one.is_empty() { other } else { one };
        Self {
            name: cfg.name.or(script.name),
            version: cfg.version.or(script.version),
            description: cfg.description.or(script.description),
            license: cfg.license.or(script.license),
            python: cfg.python.or(script.python),
            scripts: list(cfg.scripts, script.scripts),
            requires: list(cfg.requires, script.requires),
            extras: list(cfg.extras, script.extras),
        }
    }
}

/// Parses setup.cfg: sections with keys, whose values may continue on indented lines.
fn of_cfg(text: &str) -> Setup {
    let mut setup = Setup::default();
    let (mut section, mut key) = (String::new(), String::new());
    for line in text.lines() {
        let is_more = line.starts_with([' ', '\t']);
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').filter(|_| !is_more) {
            name.trim_end_matches(']').clone_into(&mut section);
            continue;
        }
        let value = if is_more {
            line
        } else {
            let (name, value) = line.split_once(['=', ':']).unwrap_or((line, ""));
            key = name.trim().replace('-', "_").to_lowercase();
            if section == "options.extras_require" {
                setup.extras.push(name.trim().to_owned());
            }
            value.trim()
        };
        if value.is_empty() {
            continue;
        }
        // `attr: package.version` is computed.
        let plain = || Some(value.to_owned()).filter(|_| !value.contains(": "));
        match (section.as_str(), key.as_str()) {
            ("metadata", "name") => setup.name = plain(),
            ("metadata", "version") => setup.version = plain(),
            ("metadata", "description" | "summary") => setup.description = plain(),
            ("metadata", "license") => setup.license = plain(),
            ("options", "python_requires") => setup.python = plain(),
            ("options", "install_requires") => setup.requires.push(value.to_owned()),
            ("options.entry_points", "console_scripts") => setup.scripts.extend(entry(value)),
            _ => {}
        }
    }
    setup
}

/// Parses setup.py: arguments of `setup` that are strings or lists of strings.
fn of_script(text: &str) -> Setup {
    let argument = |name: &str| after(text, name).and_then(|value| strings(value, 1).pop());
    let list = |name: &str| {
        let value = after(text, name).filter(|value| value.starts_with(['[', '(']));
        value.map(|value| strings(value, usize::MAX))
    };
    let scripts = text
        .split_once("console_scripts")
        .map(|(_, rest)| entries(rest))
        .unwrap_or_default();
    let extras = after(text, "extras_require").map(keys).unwrap_or_default();
    Setup {
        name: argument("name"),
        version: argument("version"),
        description: argument("description"),
        license: argument("license"),
        python: argument("python_requires"),
        scripts,
        requires: list("install_requires").unwrap_or_default(),
        extras,
    }
}

/// Returns the text after `name=`, at a word with that name.
fn after<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    text.match_indices(name).find_map(|(at, _)| {
        let is_word = !text[..at].ends_with(|before: char| {
            before.is_alphanumeric() || matches!(before, '_' | '.' | '"' | '\'')
        });
        let rest = text[at + name.len()..].trim_start().strip_prefix('=')?;
        (is_word && !rest.starts_with('=')).then(|| rest.trim_start())
    })
}

/// Returns the strings at the beginning of a value, up to the closing bracket or to anything that isn't a string.
fn strings(mut rest: &str, most: usize) -> Vec<String> {
    let mut found = Vec::new();
    rest = rest.trim_start_matches(['[', '(']);
    while found.len() < most {
        rest = rest.trim_start_matches(|letter: char| letter.is_whitespace() || letter == ',');
        if rest.starts_with('#') {
            rest = rest.split_once('\n').map_or("", |(_, rest)| rest);
            continue;
        }
        let Some(quote) = rest.chars().next().filter(|quote| "\"'".contains(*quote)) else {
            break;
        };
        let Some((string, after)) = rest[1..].split_once(quote) else {
            break;
        };
        found.push(string.to_owned());
        rest = after;
    }
    found
}

/// Returns the keys of a dictionary whose values are lists of strings.
fn keys(value: &str) -> Vec<String> {
    let inner = value.split_once('{').map_or("", |(_, inner)| inner);
    let inner = inner.split_once('}').map_or("", |(inner, _)| inner);
    let before_colons = inner.split(':').map(str::trim_end);
    let quoted = before_colons.filter_map(|text| {
        let quote = text.chars().last().filter(|quote| "\"'".contains(*quote))?;
        let text = &text[..text.len() - 1];
        text.rsplit_once(quote).map(|(_, key)| key.to_owned())
    });
    quoted
        .filter(|key| !key.is_empty() && !key.contains(char::is_whitespace))
        .collect()
}

/// Returns the programs in `console_scripts`: in a list, or in a string with lines.
fn entries(rest: &str) -> Vec<String> {
    let mut found = Vec::new();
    for part in rest.split(['"', '\'', ',', '\n']) {
        match entry(part) {
            Some(name) => found.push(name),
            None if found.is_empty() => {}
            None if part.trim().is_empty() => {}
            None => break,
        }
    }
    found
}

/// Returns the name of the program: `name = package.module:function`.
fn entry(text: &str) -> Option<String> {
    let (name, function) = text.split_once('=')?;
    let (name, function) = (name.trim(), function.trim());
    let function = function.split([' ', '[']).next().unwrap_or_default();
    let is_of = |text: &str, others: &str| {
        let mut letters = text.chars();
        !text.is_empty()
            && letters.all(|letter| letter.is_ascii_alphanumeric() || others.contains(letter))
    };
    (is_of(name, "_-.") && function.contains(':') && is_of(function, "_.:"))
        .then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn setup_cfg() {
        let text = "[metadata]\nname = web\nversion = attr: web.__version__\n[options]\npython_requires = >=3.9\ninstall_requires =\n    flask\n    # none\n    gunicorn>=20\n[options.entry_points]\nconsole_scripts =\n    web = web.cli:main\n    web-admin=web.cli:admin [extra]\n[options.extras_require]\ntest = pytest\n";
        let setup = Setup::read(Some(text), Some("setup(name='other')"));
        assert_eq!(setup.name.as_deref(), Some("web"));
        assert_eq!(setup.version, None);
        assert_eq!(setup.python.as_deref(), Some(">=3.9"));
        assert_eq!(setup.requires, ["flask", "gunicorn>=20"]);
        assert_eq!(setup.scripts, ["web", "web-admin"]);
        assert_eq!(setup.extras, ["test"]);
    }

    #[test]
    fn setup_py() {
        let listed = "setup(\n  name=\"web\", version=get_version(),\n  install_requires=[\n    'flask',  # a comment\n    \"x\"],\n  python_requires='>=3.8',\n  extras_require={\"docs\": [\"sphinx\"], 'test': ['pytest']},\n  entry_points={'console_scripts': ['web = web.cli:main', 'w=web:w'], 'other': ['a = b:c']})";
        let setup = Setup::read(None, Some(listed));
        assert_eq!(setup.name.as_deref(), Some("web"));
        assert_eq!(setup.version, None);
        assert_eq!(setup.python.as_deref(), Some(">=3.8"));
        assert_eq!(setup.requires, ["flask", "x"]);
        assert_eq!(setup.scripts, ["web", "w"]);
        assert_eq!(setup.extras, ["docs", "test"]);
        let text = "setup(entry_points=\"\"\"\n  [console_scripts]\n  web=web.cli:main\n  \"\"\", file_name=1)";
        let setup = Setup::read(None, Some(text));
        assert_eq!((setup.scripts, setup.name), (vec!["web".to_owned()], None));
        for odd in [
            "",
            "name=",
            "name='",
            "console_scripts",
            "extras_require={",
            "install_requires=[\"",
        ] {
            let setup = Setup::read(Some(odd), Some(odd));
            assert!(setup.scripts.is_empty(), "{odd}");
        }
    }
}
