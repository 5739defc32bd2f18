//! `bake`: a file for `docker buildx bake`, with a target for each stage.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use buildkit_dockerfile::Dockerfile;
use serde_json::{Value, json};
use stagefile_language::plan::Plan;
use stagefile_text::visible;

/// The content of a bake file.
#[derive(Debug)]
pub struct Bake {
    /// The Stagefile or Dockerfile.
    file: String,
    /// The build context.
    context: String,
    /// The targets that are built by default.
    defaults: Vec<String>,
    targets: Vec<Target>,
    /// Build arguments, which become bake variables with values from the environment. An argument
    /// whose name isn't a valid variable name keeps its value.
    args: BTreeMap<String, String>,
    platforms: Vec<String>,
}

#[derive(Debug)]
struct Target {
    /// The target's name in bake.
    name: String,
    /// The stage's name in the file; `None` for the last stage of a Dockerfile if it has no name.
    stage: Option<String>,
    description: Option<String>,
}

/// Creates the bake file for a plan, with the user's own stages as its targets.
pub fn of_plan(plan: &Plan, file: &str) -> Bake {
    let stages = &plan.stages[..plan.own];
    let names = names(stages.iter().map(|stage| stage.name.as_str()).collect());
    let stages = stages.iter().zip(names);
    let targets = stages.map(|(stage, name)| Target {
        name,
        stage: Some(stage.name.clone()),
        description: stage.description.clone(),
    });
    let targets: Vec<Target> = targets.collect();
    let defaults = plan.defaults().into_iter().filter_map(|stage| {
        let mut targets = targets.iter();
        let target = targets.find(|target| target.stage.as_ref() == Some(&stage.name));
        Some(target?.name.clone())
    });
    let args = plan.args.iter();
    Bake {
        file: file.to_owned(),
        context: ".".to_owned(),
        defaults: defaults.collect(),
        targets,
        args: args
            .map(|arg| (arg.name.clone(), arg.value.clone()))
            .collect(),
        platforms: Vec::new(),
    }
}

/// Creates the bake file for a Dockerfile. A stage without a name is a target only if it is the
/// last one.
pub fn of_dockerfile(dockerfile: &Dockerfile, file: &str) -> Bake {
    let stages = dockerfile.stages();
    let last = stages.len().saturating_sub(1);
    let stages = stages.iter().enumerate();
    let stages = stages.filter(|(number, stage)| !stage.name.is_empty() || *number == last);
    let stages: Vec<_> = stages.map(|(_, stage)| stage).collect();
    let wanted = stages.iter().map(|stage| match stage.name.as_str() {
        "" => "image",
        name => name,
    });
    let names = names(wanted.collect());
    let targets = stages.into_iter().zip(names).map(|(stage, name)| Target {
        name,
        stage: Some(stage.name.to_string()).filter(|name| !name.is_empty()),
        description: Some(stage.description.clone()).filter(|text| !text.is_empty()),
    });
    let targets: Vec<Target> = targets.collect();
    Bake {
        file: file.to_owned(),
        context: ".".to_owned(),
        defaults: targets
            .last()
            .map(|last| last.name.clone())
            .into_iter()
            .collect(),
        targets,
        args: BTreeMap::new(),
        platforms: Vec::new(),
    }
}

impl Bake {
    /// Sets the build context.
    #[must_use]
    pub fn in_context(mut self, directory: String) -> Self {
        self.context = directory;
        self
    }

    /// Sets the platforms that all targets are built for.
    #[must_use]
    pub fn for_platforms(mut self, platforms: impl IntoIterator<Item = String>) -> Self {
        self.platforms = platforms.into_iter().collect();
        self
    }

    /// Returns the file in HCL.
    pub fn hcl(&self) -> String {
        let mut text = String::new();
        for (name, value) in self.args.iter().filter(|(name, _)| is_identifier(name)) {
            _ = writeln!(
                text,
                "variable {} {{\n  default = {}\n}}\n",
                string(name),
                string(value)
            );
        }
        let targets = strings(&self.defaults);
        _ = writeln!(text, "group \"default\" {{\n  targets = {targets}\n}}\n");
        _ = writeln!(text, "target {} {{", string(COMMON));
        _ = writeln!(
            text,
            "  context = {}\n  dockerfile = {}",
            string(&self.context),
            string(&self.file)
        );
        if !self.platforms.is_empty() {
            _ = writeln!(text, "  platforms = {}", strings(&self.platforms));
        }
        if !self.args.is_empty() {
            text.push_str("  args = {\n");
            for (name, value) in &self.args {
                _ = if is_identifier(name) {
                    writeln!(text, "    {name} = {name}")
                } else {
                    writeln!(text, "    {} = {}", string(name), string(value))
                };
            }
            text.push_str("  }\n");
        }
        text.push_str("}\n");
        for target in &self.targets {
            let (name, common) = (string(&target.name), string(COMMON));
            _ = writeln!(text, "\ntarget {name} {{\n  inherits = [{common}]");
            if let Some(stage) = &target.stage {
                _ = writeln!(text, "  target = {}", string(stage));
            }
            if let Some(description) = &target.description {
                _ = writeln!(text, "  description = {}", string(description));
            }
            text.push_str("}\n");
        }
        text
    }

    /// Returns the same as JSON, which bake also reads.
    pub fn json(&self) -> Value {
        let mut common =
            json!({ "context": plain(&self.context), "dockerfile": plain(&self.file) });
        if !self.platforms.is_empty() {
            common["platforms"] = json!(self.platforms);
        }
        let mut answer = json!({ "group": { "default": { "targets": self.defaults } } });
        for (name, value) in &self.args {
            if is_identifier(name) {
                answer["variable"][name] = json!({ "default": plain(value) });
                common["args"][name] = json!(format!("${{{name}}}"));
            } else {
                common["args"][plain(name)] = json!(plain(value));
            }
        }
        answer["target"][COMMON] = common;
        for target in &self.targets {
            let mut made = json!({ "inherits": [COMMON] });
            if let Some(stage) = &target.stage {
                made["target"] = json!(plain(stage));
            }
            if let Some(description) = &target.description {
                made["description"] = json!(plain(description));
            }
            answer["target"][&target.name] = made;
        }
        answer
    }
}

/// The target that all others inherit.
const COMMON: &str = "_common";

/// The default group; a target with this name couldn't be selected.
const DEFAULT: &str = "default";

/// Words that can't be variables: keywords of HCL, and block types of bake.
const WORDS: [&str; 13] = [
    "true", "false", "null", "for", "in", "if", "else", "endfor", "endif", "target", "group",
    "function", "variable",
];

/// Reports whether a name can be that of a variable.
fn is_identifier(name: &str) -> bool {
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(is_letter)
        && !WORDS.contains(&name)
}

/// Converts names to distinct names that bake accepts. Valid names are kept.
fn names(wanted: Vec<&str>) -> Vec<String> {
    let stays = |name: &str| identifier(name) == name && ![COMMON, DEFAULT].contains(&name);
    let mut taken: BTreeSet<String> = [COMMON, DEFAULT].map(str::to_owned).into();
    taken.extend(
        wanted
            .iter()
            .copied()
            .filter(|name| stays(name))
            .map(str::to_owned),
    );
    let mut stay = BTreeSet::new();
    let names = wanted.into_iter().map(|name| {
        if stays(name) && stay.insert(name) {
            return name.to_owned();
        }
        let name = identifier(name);
        let numbered = (2_usize..).map(|number| format!("{name}_{number}"));
        let mut possible = std::iter::once(name.clone()).chain(numbered);
        let free = possible.find(|name| !taken.contains(name));
        let free = free.unwrap_or_else(|| name.clone());
        taken.insert(free.clone());
        free
    });
    names.collect()
}

/// Converts a name to one that bake accepts.
fn identifier(name: &str) -> String {
    let letters = name.chars().map(|letter| match letter {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '-' => letter,
        _ => '_',
    });
    letters.collect()
}

/// Escapes a string so that bake doesn't evaluate expressions in it.
fn plain(text: &str) -> String {
    text.replace("${", "$${").replace("%{", "%%{")
}

/// Returns a string literal in HCL, in which invisible characters are escaped.
fn string(text: &str) -> String {
    let mut made = String::from('"');
    for letter in plain(text).chars() {
        let code = u32::from(letter);
        // Writing to a string can't fail.
        match letter {
            '"' | '\\' => _ = write!(made, "\\{letter}"),
            '\n' => made.push_str("\\n"),
            '\r' => made.push_str("\\r"),
            '\t' => made.push_str("\\t"),
            letter if is_plain(letter) => made.push(letter),
            _ if code > 0xffff => _ = write!(made, "\\U{code:08x}"),
            _ => _ = write!(made, "\\u{code:04x}"),
        }
    }
    made.push('"');
    made
}

fn is_plain(letter: char) -> bool {
    matches!(
        visible::line(letter.encode_utf8(&mut [0; 4])),
        Cow::Borrowed(_)
    )
}

fn strings(all: &[String]) -> String {
    let all: Vec<String> = all.iter().map(|one| string(one)).collect();
    format!("[{}]", all.join(", "))
}

#[cfg(test)]
mod tests {
    use buildkit_dockerfile::LintConfig;

    use super::*;

    #[test]
    fn strings_are_as_bake_reads_them() {
        for (text, expected) in [
            ("a\"b\\c", r#""a\"b\\c""#),
            ("\u{8}\u{c}\u{1b}\n\t\r", r#""\u0008\u000c\u001b\n\t\r""#),
            ("\u{200f}\u{e0041}é", r#""\u200f\U000e0041é""#),
            ("${a} %{b}", r#""$${a} %%{b}""#),
        ] {
            assert_eq!(string(text), expected);
            assert_eq!(visible::lines(expected), expected);
        }
    }

    #[test]
    fn names_of_targets_differ() {
        let made = names(vec![
            "a.b", "a_b", "default", "_common", "image", "a-b", "a.b", "x",
        ]);
        assert_eq!(
            made,
            [
                "a_b_2",
                "a_b",
                "default_2",
                "_common_2",
                "image",
                "a-b",
                "a_b_3",
                "x"
            ]
        );
        assert_eq!(
            names(vec!["a_b_2", "a.b", "a_b"]),
            ["a_b_2", "a_b_3", "a_b"]
        );
        // The last stage has no name, and its default name is taken.
        let text = "FROM scratch AS image\nFROM scratch AS default\nFROM image\n";
        let dockerfile = Dockerfile::parse(text, &LintConfig::default());
        let bake = of_dockerfile(&dockerfile, "Dockerfile");
        assert_eq!(bake.defaults, ["image_2"]);
        let json = bake.json();
        assert_eq!(json["target"]["image"]["target"], "image");
        assert_eq!(json["target"]["default_2"]["target"], "default");
        assert!(json["target"]["image_2"]["target"].is_null());
    }

    #[test]
    fn what_can_not_be_a_variable_keeps_its_value() {
        let args = ["GOOD", "a.b", "true", "é"];
        let bake = Bake {
            file: "f".to_owned(),
            context: ".".to_owned(),
            defaults: Vec::new(),
            targets: Vec::new(),
            args: args.map(|name| (name.to_owned(), "v".to_owned())).into(),
            platforms: Vec::new(),
        };
        let hcl = bake.hcl();
        assert_eq!(hcl.matches("variable ").count(), 1, "{hcl}");
        for line in [
            "    GOOD = GOOD\n",
            "    \"a.b\" = \"v\"\n",
            "    \"true\" = \"v\"\n",
        ] {
            assert!(hcl.contains(line), "{line}{hcl}");
        }
        let json = bake.json();
        assert_eq!(
            json["variable"].as_object().map(serde_json::Map::len),
            Some(1)
        );
        assert_eq!(json["target"][COMMON]["args"]["a.b"], "v");
        assert_eq!(json["target"][COMMON]["args"]["GOOD"], "${GOOD}");
    }
}
