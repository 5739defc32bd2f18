//! Java and other JVM languages: what Maven and Gradle projects share.

pub(crate) mod gradle;
pub(crate) mod maven;
mod script;
mod xml;

use std::ops::Range;

use crate::image::{Labels, port_line};
use crate::mistake::{Given, Mistake, Stop};
use crate::write::{Arg, Block, Document as Stagefile, WITHOUT_TESTS, stage_name, user};
use crate::{Generated, Project, join};

/// Long-term support versions of Java with available images, the oldest first.
const LINES: [u32; 4] = [11, 17, 21, 25];

/// The default version.
const DEFAULT_LINE: u32 = 21;

/// Files that aren't transferred if there is no ignore file.
const IGNORED: [&str; 7] = [
    ".git",
    "**/target",
    "**/build",
    "**/.gradle",
    "**/out",
    "**/node_modules",
    "**/.env",
];

/// The maximum number of modules in a project, at all levels.
const MAX_MODULES: usize = 256;

/// Files with the port of a Spring Boot service.
const PROPERTIES: [&str; 3] = [
    "src/main/resources/application.properties",
    "src/main/resources/application.yml",
    "src/main/resources/application.yaml",
];

/// The version of Java that a manifest requests.
struct Version {
    /// The version as written.
    written: String,
    /// The setting that requests it.
    why: String,
    /// The position, if it is in the manifest.
    place: Option<Range<usize>>,
}

/// A program, independent of the build tool.
struct Program<'a> {
    tool: &'static str,
    /// The directory of the build.
    root: &'a str,
    /// The program's module, relative to that; empty for the root itself.
    module: String,
    name: String,
    version: Option<String>,
    java: Option<Version>,
    main: Option<String>,
    /// The modules from which one was selected.
    modules: Vec<String>,
    is_web: bool,
    has_private_repositories: bool,
    labels: Labels,
}

/// Returns patterns for files besides the tool's own: the wrapper in parent directories, tests and properties in
/// modules.
fn wanted(project: &Project<'_>, wrapper: &str, modules: &[String]) -> Vec<String> {
    let folders = std::iter::once(project.folder()).chain(project.above());
    let mut wanted: Vec<String> = folders.map(|folder| join(folder, wrapper)).collect();
    for module in modules {
        let folder = project.beside(module);
        wanted.push(join(&folder, "src/test"));
        wanted.extend(PROPERTIES.map(|file| join(&folder, file)));
    }
    wanted.push(".dockerignore".to_owned());
    wanted
}

impl Program<'_> {
    /// Generates the Stagefile.
    fn write(self, project: &Project<'_>) -> Result<Generated, Stop> {
        let (line, why) = self.line(project)?;
        let is_maven = self.tool == "maven";
        let image = match (is_maven, line) {
            (true, _) => format!("maven:3-eclipse-temurin-{line}"),
            (false, 25..) => format!("gradle:9-jdk{line}"),
            (false, _) => format!("gradle:8-jdk{line}"),
        };
        let mut document = Stagefile::default();
        document.head.push(format!(
            "A program for the JVM, built by {}, as {} says.",
            if is_maven { "Maven" } else { "Gradle" },
            project.path
        ));
        document.args = vec![
            Arg::new("BASE", image, "The image that builds.").because(why),
            Arg::new(
                "RUNTIME",
                format!("eclipse-temurin:{line}-jre"),
                "The image that the program runs in.",
            ),
            Arg::new(
                "VERSION",
                self.version.as_deref().unwrap_or("dev"),
                "The version on the image's label.",
            ),
            Arg::new(
                "CMD",
                self.main.as_deref().unwrap_or_default(),
                "The main class. Empty: that of the jar's manifest, or the only one.",
            ),
        ];
        let folder = join(self.root, &self.module);
        let has_test = project.files.has_directory(&join(&folder, "src/test"));
        if has_test {
            document.args.push(Arg::test());
        }
        if self.modules.len() > 1 {
            document.args.push(
                Arg::new("MODULE", &self.module, "The module of the program.")
                    .one_of(self.modules.iter().cloned()),
            );
        }
        if self.has_private_repositories {
            let (name, target) = if is_maven {
                ("maven-settings", "/root/.m2/settings.xml")
            } else {
                ("gradle-properties", "/root/.gradle/gradle.properties")
            };
            document.secrets.push(format!(
                "{name}: {{ target: {target}, optional: true, description: Who may read repositories that aren't public. }}"
            ));
            document.defaults = Some(format!("{{ secrets: [{name}] }}"));
        }
        let mut with = Vec::new();
        if !is_maven {
            with.push(("tool", self.tool.to_owned()));
        }
        with.push(("image", "${{ args.BASE }}".to_owned()));
        if !self.root.is_empty() {
            with.push(("source", user(self.root)));
        }
        let wrapper = if is_maven { "mvnw" } else { "gradlew" };
        if project.files.has(&join(self.root, wrapper)) {
            // A checkout on Windows has no file modes.
            with.push(("command", format!("sh ./{wrapper}")));
        }
        if self.modules.len() > 1 {
            with.push(("module", "${{ args.MODULE }}".to_owned()));
        } else if !self.module.is_empty() {
            with.push(("module", user(&self.module)));
        }
        with.push(("main", "${{ args.CMD }}".to_owned()));
        if has_test {
            with.push(("test", "${{ args.TEST == \"on\" }}".to_owned()));
        }
        with.push(("base", "${{ args.RUNTIME }}".to_owned()));
        let name = stage_name(&self.name, &["maven", "gradle", "layers"]);
        let block = Block::new(name)
            .comment_if(has_test, WITHOUT_TESTS)
            .line("use: std.java-image")
            .mapping("with", &with)
            .line("image:")
            .lines(port_line(self.port(project, &folder)))
            .lines(self.labels.lines(&self.name));
        document.stages.push(block);
        Ok(Generated {
            text: document.text(project.frontend),
            ignored: IGNORED.map(str::to_owned).to_vec(),
            notes: Vec::new(),
        })
    }

    /// Selects the version of Java.
    fn line(&self, project: &Project<'_>) -> Result<(u32, String), Stop> {
        let Some(version) = &self.java else {
            return Ok((
                DEFAULT_LINE,
                "nothing says which version of Java".to_owned(),
            ));
        };
        let Version {
            written,
            why,
            place,
        } = version;
        let number = written.strip_prefix("1.").unwrap_or(written);
        let number = number.split('.').next().unwrap_or_default().parse::<u32>();
        let newest = LINES[LINES.len() - 1];
        let line = match number {
            Ok(number) => LINES.into_iter().find(|line| *line >= number),
            Err(_) => None,
        };
        if let Some(line) = line {
            let old = number.is_ok_and(|number| number < LINES[0]);
            let older = if old {
                "; the oldest Java that is still maintained builds it, too"
            } else {
                ""
            };
            return Ok((line, format!("{why}: {written}{older}")));
        }
        if project.arg("BASE").is_some() {
            return Ok((newest, "as the client says".to_owned()));
        }
        let message = match number {
            Ok(_) => format!("there is no image of Java {written}"),
            Err(_) => format!("the version of Java is computed: `{written}`"),
        };
        Err(Mistake::undecided(project, message)
            .at(place.clone())
            .help_giving(
                ["name the images: ", ", which builds, and "],
                [Given::Arg("BASE", "IMAGE"), Given::Arg("RUNTIME", "IMAGE")],
            )
            .into())
    }

    /// Returns the port of a Spring Boot service.
    fn port(&self, project: &Project<'_>, folder: &str) -> Option<u16> {
        if !self.is_web {
            return None;
        }
        let mut texts = PROPERTIES
            .iter()
            .filter_map(|file| project.files.text(&join(folder, file)));
        texts.find_map(server_port).or(Some(8080))
    }
}

/// Returns the port of a service from its properties: `server.port`, or in YAML `port` directly below `server`.
fn server_port(properties: &str) -> Option<u16> {
    let mut is_below = false;
    // The indentation of keys directly below.
    let mut indentation = None;
    properties.lines().find_map(|line| {
        let text = line.trim();
        if text.is_empty() || text.starts_with('#') {
            return None;
        }
        let indented = line.len() - line.trim_start().len();
        let (key, value) = text.split_once(['=', ':'])?;
        let key = key.trim_end();
        let is_port = if indented == 0 {
            is_below = key == "server";
            indentation = None;
            key == "server.port"
        } else {
            is_below && *indentation.get_or_insert(indented) == indented && key == "port"
        };
        // `${PORT:8080}` contains the default value.
        let value = value.split(" #").next().unwrap_or_default();
        let value = value.trim().trim_matches(['"', '\'']).trim_end_matches('}');
        let port = value.rsplit(':').next()?.trim().parse().ok();
        port.filter(|port| is_port && *port > 0)
    })
}

/// Returns the error for a project with more modules than are inspected.
fn too_many_modules(project: &Project<'_>) -> Stop {
    let manifest = project.path.rsplit('/').next().unwrap_or(project.path);
    Mistake::undecided(
        project,
        format!("there are more than {MAX_MODULES} modules"),
    )
    .help_giving(
        ["name the one of the program: "],
        [Given::Module(manifest.to_owned())],
    )
    .into()
}

/// Selects one of several modules.
fn choose(project: &Project<'_>, candidates: &[String]) -> Result<String, Stop> {
    let manifest = project.path.rsplit('/').next().unwrap_or(project.path);
    let choices = |mistake: Mistake| {
        mistake.help_giving(
            [
                "name one with ".to_owned(),
                ", or as ".to_owned(),
                format!(": {}", candidates.join(", ")),
            ],
            [
                Given::Arg("MODULE", "NAME"),
                Given::Module(manifest.to_owned()),
            ],
        )
    };
    if let Some(name) = project.arg("MODULE") {
        let name = name.trim_matches('/');
        if candidates.iter().any(|candidate| candidate == name) {
            return Ok(name.to_owned());
        }
        let mistake = Mistake::undecided(project, format!("there is no program in `{name}`"));
        return Err(choices(mistake).into());
    }
    match candidates {
        [one] => Ok(one.clone()),
        [] => Err(Mistake::undecided(project, "no module is a program").into()),
        _ => Err(choices(Mistake::undecided(project, "several modules are programs")).into()),
    }
}

/// Returns the error for something that needs a hand-written Stagefile.
fn unsupported(project: &Project<'_>, what: &str, place: Option<Range<usize>>, help: &str) -> Stop {
    let message = format!("{what} can't be built without a Stagefile");
    Mistake::new(project, crate::Kind::Unsupported, message)
        .at(place)
        .help(help)
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_that_of_the_server() {
        for (properties, expected) in [
            ("server.port=9090\n", Some(9090)),
            ("server.port = 9090\n", Some(9090)),
            ("server.port: ${PORT:9090}\n", Some(9090)),
            ("server:\n  # ours\n  port: 9090 # here\n", Some(9090)),
            (
                "server:\n    ssl:\n      port: 1\n    port: '9090'\n",
                Some(9090),
            ),
            (
                "spring:\n  redis:\n    port: 6379\nserver:\n  port: 9090\n",
                Some(9090),
            ),
            ("spring:\n  server:\n    port: 6379\n", None),
            ("server:\n  redis:\n    port: 6379\n", None),
            ("port: 6379\nredis.port=6379\n", None),
            ("server.port=0\n", None),
            ("server.port=${PORT}\nserver:\n- a", None),
        ] {
            assert_eq!(server_port(properties), expected, "{properties}");
        }
    }
}
