//! Maven: pom.xml, its parents, and the module that is the program.

use std::collections::BTreeSet;

use roxmltree::{Document, Node};

use super::{MAX_MODULES, Program, Version, choose, too_many_modules, unsupported, wanted, xml};
use crate::image::Labels;
use crate::mistake::{Given, Mistake, Stop};
use crate::{Generated, Project, join};

/// Plugins of modules that are programs.
const FOR_PROGRAMS: [&str; 6] = [
    "spring-boot-maven-plugin",
    "maven-shade-plugin",
    "exec-maven-plugin",
    "jib-maven-plugin",
    "appassembler-maven-plugin",
    "maven-assembly-plugin",
];

/// Settings for the version of Java, in order of precedence.
const VERSIONS: [&str; 5] = [
    "maven.compiler.release",
    "java.version",
    "maven.compiler.target",
    "maven.compiler.source",
    "kotlin.compiler.jvmTarget",
];

/// The maximum nesting depth of modules.
const DEEPEST: usize = 4;

/// The maximum size of the manifests of all modules, in bytes.
const MAX_BYTES: usize = 4 << 20;

/// The maximum nesting depth of properties.
const MAX_NAMES: usize = 8;

pub(crate) fn generate(project: &Project<'_>) -> Result<Generated, Stop> {
    let document = xml::manifest(project)?;
    let pom = document.root_element();
    if pom.tag_name().name() != "project" {
        return Err(Mistake::undecided(project, "the manifest has no `<project>`").into());
    }
    let mut first = wanted(project, "mvnw", &[String::new()]);
    first.extend(
        project
            .above()
            .into_iter()
            .map(|folder| join(folder, "pom.xml")),
    );
    project.files.need(first)?;

    let above: Vec<(&str, Document<'_>)> = project
        .above()
        .into_iter()
        .filter_map(|folder| {
            let text = project.files.text(&join(folder, "pom.xml"))?;
            Some((folder, xml::parse(text).ok()?))
        })
        .collect();
    let mut root = project.folder();
    for (folder, document) in &above {
        let below = root
            .strip_prefix(*folder)
            .unwrap_or(root)
            .trim_start_matches('/');
        if modules(document.root_element()).any(|module| module == below) {
            root = folder;
        }
    }
    let mut poms = vec![pom];
    poms.extend(above.iter().map(|(_, document)| document.root_element()));

    let packaging = xml::at(pom, &["packaging"]);
    match packaging.and_then(xml::text) {
        None | Some("jar") => {
            let below = project
                .folder()
                .strip_prefix(root)
                .unwrap_or_default()
                .trim_start_matches('/');
            let program = Pom { poms: &poms };
            refuse(project, &program)?;
            program
                .program(project, root, below.to_owned(), Vec::new())
                .write(project)
        }
        Some("pom") => several(project, &poms, root),
        Some(kind) => Err(unsupported(
            project,
            &format!("a `{kind}`"),
            packaging.map(|node| node.range()),
            "`std.maven` makes it; a stage of a server's image can copy its `artifacts`",
        )),
    }
}

/// Selects the program of a project with modules.
fn several(project: &Project<'_>, poms: &[Node<'_, '_>], root: &str) -> Result<Generated, Stop> {
    let mut known: Vec<(String, Document<'_>)> = Vec::new();
    // If a module is named twice, the first one counts, at any level.
    let mut seen = BTreeSet::new();
    let mut names: Vec<String> = modules(poms[0])
        .filter(|name| seen.insert((*name).to_owned()))
        .map(str::to_owned)
        .collect();
    let mut bytes = 0;
    for _ in 0..DEEPEST {
        if seen.len() > MAX_MODULES {
            return Err(too_many_modules(project));
        }
        let files = names
            .iter()
            .map(|name| project.beside(&join(name, "pom.xml")));
        let mut all: Vec<String> = files.collect();
        all.extend(wanted(project, "mvnw", &names));
        project.files.need(all)?;
        let mut below = Vec::new();
        for name in &names {
            let text = project.text_beside(&join(name, "pom.xml"));
            bytes += text.map_or(0, str::len);
            if bytes > MAX_BYTES {
                return Err(
                    Mistake::undecided(project, "the modules' manifests are too large")
                        .help_giving(
                            ["name the one of the program: "],
                            [Given::Module("pom.xml".to_owned())],
                        )
                        .into(),
                );
            }
            let Some(document) = text.and_then(|text| xml::parse(text).ok()) else {
                continue;
            };
            let own = modules(document.root_element()).map(|module| join(name, module));
            for module in own {
                // They are only counted before they are requested.
                if seen.len() <= MAX_MODULES && seen.insert(module.clone()) {
                    below.push(module);
                }
            }
            known.push((name.clone(), document));
        }
        names = below;
    }
    let jars: Vec<&(String, Document<'_>)> = known
        .iter()
        .filter(|(_, document)| {
            let packaging = xml::text_at(document.root_element(), &["packaging"]);
            matches!(packaging, None | Some("jar"))
        })
        .collect();
    let is_program = |pom: Node<'_, '_>| {
        plugins(pom).any(|plugin| {
            xml::text_at(plugin, &["artifactId"]).is_some_and(|name| FOR_PROGRAMS.contains(&name))
        }) || main_class(pom).is_some()
    };
    let needed: BTreeSet<&str> = known
        .iter()
        .flat_map(|(_, document)| dependencies(document.root_element()))
        .filter_map(|one| xml::text_at(one, &["artifactId"]))
        .collect();
    let mut candidates: Vec<String> = jars
        .iter()
        .filter(|(_, document)| is_program(document.root_element()))
        .map(|(name, _)| name.clone())
        .collect();
    if candidates.is_empty() {
        // The module that no other one needs is the program.
        candidates = jars
            .iter()
            .filter(|(_, document)| {
                let name = xml::text_at(document.root_element(), &["artifactId"]);
                !name.is_some_and(|name| needed.contains(name))
            })
            .map(|(name, _)| name.clone())
            .collect();
    }
    let module = choose(project, &candidates)?;
    let own = known.iter().find(|(name, _)| *name == module);
    let mut chain: Vec<Node<'_, '_>> = own
        .into_iter()
        .map(|(_, document)| document.root_element())
        .collect();
    chain.extend(poms);
    let program = Pom { poms: &chain };
    refuse(project, &program)?;
    let below = project
        .folder()
        .strip_prefix(root)
        .unwrap_or_default()
        .trim_start_matches('/');
    program
        .program(project, root, join(below, &module), candidates)
        .write(project)
}

/// Refuses programs that aren't started as a jar with libraries.
fn refuse(project: &Project<'_>, program: &Pom<'_, '_, '_>) -> Result<(), Stop> {
    let mut plugins = program.poms.iter().flat_map(|pom| plugins(*pom));
    let quarkus = plugins
        .find(|plugin| xml::text_at(*plugin, &["artifactId"]) == Some("quarkus-maven-plugin"));
    match quarkus {
        Some(_) => Err(unsupported(
            project,
            "an application with Quarkus",
            None,
            "`std.maven` builds it; copy target/quarkus-app of a stage that runs Maven, and start quarkus-run.jar",
        )),
        None => Ok(()),
    }
}

/// A pom.xml with its parents, from which it inherits.
struct Pom<'s, 'a, 'i> {
    poms: &'s [Node<'a, 'i>],
}

impl<'a> Pom<'_, 'a, '_> {
    /// Describes the program.
    fn program<'r>(
        &self,
        project: &Project<'_>,
        root: &'r str,
        module: String,
        modules: Vec<String>,
    ) -> Program<'r> {
        let pom = self.poms[0];
        let text = |path: &[&str]| xml::text_at(pom, path).map(|text| self.resolve(text));
        let name = text(&["artifactId"]).unwrap_or_default();
        let main = match project.arg("CMD") {
            Some(main) => Some(main.to_owned()),
            None => self.main_class(),
        };
        let repositories = self.poms.iter().flat_map(|pom| {
            let repositories = xml::at(*pom, &["repositories"]);
            repositories
                .into_iter()
                .flat_map(|all| xml::children(all, "repository"))
        });
        Program {
            tool: "maven",
            root,
            module,
            name,
            version: text(&["version"]).or_else(|| text(&["parent", "version"])),
            java: self.java(project),
            main: main.filter(|main| !main.contains("${")),
            modules,
            is_web: self.poms.iter().any(|pom| {
                dependencies(*pom).any(|one| {
                    xml::text_at(one, &["artifactId"])
                        .is_some_and(|name| name.starts_with("spring-boot-starter-web"))
                })
            }),
            has_private_repositories: repositories.count() > 0,
            labels: Labels::new(text(&["scm", "url"]).filter(|url| url.starts_with("https://")))
                .description(text(&["description"]).as_deref())
                .license(text(&["licenses", "license", "name"]).as_deref()),
        }
    }

    /// Returns a property.
    fn property(&self, name: &str) -> Option<Node<'a, '_>> {
        self.poms
            .iter()
            .find_map(|pom| xml::at(*pom, &["properties", name]))
    }

    /// Expands `${…}`, as far as it is known.
    fn resolve(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for _ in 0..MAX_NAMES {
            let Some(start) = text.find("${") else { break };
            let Some(length) = text[start..].find('}') else {
                break;
            };
            let name = &text[start + 2..start + length];
            let pom = self.poms[0];
            let value = match name.strip_prefix("project.") {
                Some("version") => xml::text_at(pom, &["version"])
                    .or_else(|| xml::text_at(pom, &["parent", "version"])),
                Some("artifactId") => xml::text_at(pom, &["artifactId"]),
                _ => self.property(name).and_then(xml::text),
            };
            let Some(value) = value else { break };
            text.replace_range(start..=start + length, value);
            if text.len() > 4096 {
                break;
            }
        }
        text
    }

    /// Returns the requested version of Java, and what requests it.
    fn java(&self, project: &Project<'_>) -> Option<Version> {
        let place = |node: Node<'_, '_>| {
            let is_here = node.document().input_text() == project.text;
            is_here.then(|| node.range())
        };
        let configured = |key: &str| {
            self.poms.iter().find_map(|pom| {
                let mut compilers = plugins(*pom).filter(|plugin| {
                    xml::text_at(*plugin, &["artifactId"]) == Some("maven-compiler-plugin")
                });
                compilers.find_map(|plugin| xml::at(plugin, &["configuration", key]))
            })
        };
        let properties = VERSIONS.iter().map(|name| (*name, self.property(name)));
        let elements = ["release", "target", "source"].map(|key| (key, configured(key)));
        let found = properties
            .chain(elements)
            .find_map(|(why, node)| Some((why, node?, xml::text(node?)?)));
        if let Some((why, node, text)) = found {
            return Some(Version {
                written: self.resolve(text),
                why: why.to_owned(),
                place: place(node),
            });
        }
        let parent = self.poms.iter().find_map(|pom| {
            let parent = xml::at(*pom, &["parent"])?;
            let is_boot =
                xml::text_at(parent, &["artifactId"]) == Some("spring-boot-starter-parent");
            is_boot.then(|| xml::text_at(parent, &["version"]))?
        })?;
        let major = parent.split('.').next()?.parse::<u32>().ok()?;
        Some(Version {
            written: if major < 3 { "8" } else { "17" }.to_owned(),
            why: format!("what Spring Boot {parent} asks for"),
            place: None,
        })
    }

    /// Returns the main class that a plugin or property sets.
    fn main_class(&self) -> Option<String> {
        let named = self.poms.iter().find_map(|pom| main_class(*pom));
        named.map(|main| self.resolve(main))
    }
}

/// Iterates over the modules.
fn modules<'a>(pom: Node<'a, '_>) -> impl Iterator<Item = &'a str> {
    let modules = xml::at(pom, &["modules"]);
    let modules = modules
        .into_iter()
        .flat_map(|modules| xml::children(modules, "module"));
    modules
        .filter_map(xml::text)
        .map(|module| module.trim_start_matches("./").trim_end_matches('/'))
        .filter(|module| {
            !matches!(*module, "" | ".")
                && !module.split('/').any(|name| name == "..")
                && !module.contains(['*', '[', '?', '\\'])
        })
}

/// Iterates over the plugins of the build.
fn plugins<'a, 'i>(pom: Node<'a, 'i>) -> impl Iterator<Item = Node<'a, 'i>> {
    let plugins = xml::at(pom, &["build", "plugins"]);
    plugins
        .into_iter()
        .flat_map(|plugins| xml::children(plugins, "plugin"))
}

/// Iterates over the dependencies.
fn dependencies<'a, 'i>(pom: Node<'a, 'i>) -> impl Iterator<Item = Node<'a, 'i>> {
    let dependencies = xml::at(pom, &["dependencies"]);
    dependencies
        .into_iter()
        .flat_map(|all| xml::children(all, "dependency"))
}

/// Returns the main class that a plugin or a property in a single pom.xml sets.
fn main_class<'a>(pom: Node<'a, '_>) -> Option<&'a str> {
    let properties = ["start-class", "exec.mainClass", "mainClass", "main.class"];
    let property = properties
        .iter()
        .find_map(|name| xml::text_at(pom, &["properties", name]));
    property.or_else(|| {
        let mut named = plugins(pom).flat_map(|plugin| plugin.descendants());
        named.find_map(|node| {
            let is_name = node.tag_name().name().eq_ignore_ascii_case("mainclass");
            if is_name { xml::text(node) } else { None }
        })
    })
}
