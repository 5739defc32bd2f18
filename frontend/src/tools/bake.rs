//! `bake`: a file for `docker buildx bake`, with a target for each stage.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use buildkit_dockerfile::Dockerfile;
use serde_json::{Value, json};
use stagefile_language::plan::Plan;

/// What a bake file says of a file.
#[derive(Debug)]
pub struct Bake {
    /// What is built.
    file: String,
    /// The build context.
    context: String,
    /// What is built when nothing is named.
    defaults: Vec<String>,
    targets: Vec<Target>,
    /// Build arguments, which become variables: of these, bake takes the values from the environment.
    args: BTreeMap<String, String>,
    platforms: Vec<String>,
}

#[derive(Debug)]
struct Target {
    /// What bake calls it.
    name: String,
    /// What the file calls it; nothing for the last stage of a Dockerfile if that has no name.
    stage: Option<String>,
    description: Option<String>,
}

/// Makes the file for a plan, whose own stages are its targets.
pub fn of_plan(plan: &Plan, file: &str) -> Bake {
    let targets = plan.stages[..plan.own].iter().map(|stage| Target {
        name: identifier(&stage.name),
        stage: Some(stage.name.clone()),
        description: stage.description.clone(),
    });
    let defaults = plan.defaults().into_iter();
    let args = plan.args.iter();
    Bake {
        file: file.to_owned(),
        context: ".".to_owned(),
        defaults: defaults.map(|stage| identifier(&stage.name)).collect(),
        targets: targets.collect(),
        args: args
            .map(|arg| (arg.name.clone(), arg.value.clone()))
            .collect(),
        platforms: Vec::new(),
    }
}

/// Makes the file for a Dockerfile. A stage without a name is a target only if it is the last one.
pub fn of_dockerfile(dockerfile: &Dockerfile, file: &str) -> Bake {
    let stages = dockerfile.stages();
    let last = stages.len().saturating_sub(1);
    let targets = stages.iter().enumerate().filter_map(|(number, stage)| {
        let is_named = !stage.name.is_empty();
        (is_named || number == last).then(|| Target {
            name: identifier(if is_named { &stage.name } else { "image" }),
            stage: is_named.then(|| stage.name.clone()),
            description: Some(stage.description.clone()).filter(|text| !text.is_empty()),
        })
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

    /// Writes the file as bake's own language.
    pub fn hcl(&self) -> String {
        let mut text = String::new();
        for (name, value) in &self.args {
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
            for name in self.args.keys() {
                _ = writeln!(text, "    {name} = {name}");
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

    /// Writes the same as JSON, which bake reads too.
    pub fn json(&self) -> Value {
        let mut common =
            json!({ "context": plain(&self.context), "dockerfile": plain(&self.file) });
        if !self.platforms.is_empty() {
            common["platforms"] = json!(self.platforms);
        }
        let mut answer = json!({ "group": { "default": { "targets": self.defaults } } });
        for (name, value) in &self.args {
            answer["variable"][name] = json!({ "default": plain(value) });
            common["args"][name] = json!(format!("${{{name}}}"));
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

/// What all targets start from. No stage has the name: those of a file begin with no underscore.
const COMMON: &str = "_common";

/// Makes a name that bake takes.
fn identifier(name: &str) -> String {
    let letters = name.chars().map(|letter| match letter {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '-' => letter,
        _ => '_',
    });
    letters.collect()
}

/// Has bake take a string as it is, without looking for expressions in it.
fn plain(text: &str) -> String {
    text.replace("${", "$${").replace("%{", "%%{")
}

/// Writes a string in bake's language: as JSON does, where that has no escapes of its own.
fn string(text: &str) -> String {
    json!(plain(text)).to_string()
}

fn strings(all: &[String]) -> String {
    let all: Vec<String> = all.iter().map(|one| string(one)).collect();
    format!("[{}]", all.join(", "))
}
