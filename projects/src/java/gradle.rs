//! Gradle: its scripts, as far as they can be read without running them, and the project of a build that is the
//! program.

use std::collections::BTreeSet;

use super::script::{names, strings, values, without_comments};
use super::{MAX_MODULES, Program, Version, choose, too_many_modules, unsupported, wanted};
use crate::image::Labels;
use crate::mistake::Stop;
use crate::{Generated, Project, join};

/// The names of settings files.
const SETTINGS: [&str; 2] = ["settings.gradle", "settings.gradle.kts"];

/// The names of build scripts.
const SCRIPTS: [&str; 2] = ["build.gradle", "build.gradle.kts"];

/// Plugins of projects that are programs.
const FOR_PROGRAMS: [&str; 6] = [
    "application",
    "org.springframework.boot",
    "com.google.cloud.tools.jib",
    "com.gradleup.shadow",
    "com.github.johnrengelman.shadow",
    "io.micronaut.application",
];

/// Plugins whose results aren't jars with libraries.
const UNSUPPORTED: [(&str, &str, &str); 4] = [
    (
        "io.quarkus",
        "an application with Quarkus",
        "`std.gradle` builds it; copy build/quarkus-app of a stage that runs Gradle, and start quarkus-run.jar",
    ),
    (
        "com.android.application",
        "an application for Android",
        "Gradle builds it; there is no image of it",
    ),
    (
        "org.graalvm.buildtools.native",
        "a native image",
        "run Gradle's `nativeCompile` in a stage of a GraalVM image, and copy the program",
    ),
    (
        "war",
        "a `war`",
        "`std.gradle` makes it; a stage of a server's image can copy its `artifacts`",
    ),
];

/// Settings for the version of Java, in order of precedence.
const VERSIONS: [&str; 6] = [
    "JavaLanguageVersion.of",
    "jvmToolchain",
    "release",
    "sourceCompatibility",
    "targetCompatibility",
    "jvmTarget",
];

pub(crate) fn generate(project: &Project<'_>) -> Result<Generated, Stop> {
    let mut first = wanted(project, "gradlew", &[String::new()]);
    for folder in std::iter::once(project.folder()).chain(project.above()) {
        first.extend(SETTINGS.map(|file| join(folder, file)));
        first.extend(SCRIPTS.map(|file| join(folder, file)));
    }
    project.files.need(first)?;

    let folders = || std::iter::once(project.folder()).chain(project.above());
    let read = |folder: &str, names: [&str; 2]| {
        let mut names = names.into_iter();
        let text = names.find_map(|name| project.files.text(&join(folder, name)))?;
        Some(without_comments(text))
    };
    let root = folders().find(|folder| read(folder, SETTINGS).is_some());
    let root = root.unwrap_or(project.folder());
    let settings = read(root, SETTINGS).unwrap_or_default();
    let own = without_comments(project.text);
    let below = project
        .folder()
        .strip_prefix(root)
        .unwrap_or_default()
        .trim_start_matches('/');

    let mut seen = BTreeSet::new();
    let included: Vec<String> = strings(&settings, "include")
        .into_iter()
        .map(|name| name.trim_start_matches(':').replace(':', "/"))
        .filter(|name| {
            !name.contains(['*', '[', '?', '\\', '$']) && !name.split('/').any(|part| part == "..")
        })
        .filter(|name| seen.insert(name.clone()))
        .collect();
    let is_whole = below.is_empty() && !included.is_empty() && !is_program(&own);
    if !is_whole {
        let mut scripts = vec![own];
        scripts.extend(read(root, SCRIPTS).filter(|_| !below.is_empty()));
        return program(
            project,
            root,
            below.to_owned(),
            Vec::new(),
            &scripts,
            &settings,
        );
    }
    if included.len() > MAX_MODULES {
        return Err(too_many_modules(project));
    }
    let mut more = wanted(project, "gradlew", &included);
    for name in &included {
        more.extend(SCRIPTS.map(|file| project.beside(&join(name, file))));
    }
    project.files.need(more)?;
    let scripts: Vec<(String, String)> = included
        .iter()
        .filter_map(|name| Some((name.clone(), read(&project.beside(name), SCRIPTS)?)))
        .collect();
    let candidates: Vec<String> = scripts
        .iter()
        .filter(|(_, script)| is_program(script))
        .map(|(name, _)| name.clone())
        .collect();
    if candidates.is_empty() {
        return program(project, root, String::new(), Vec::new(), &[own], &settings);
    }
    let module = choose(project, &candidates)?;
    let script = scripts.into_iter().find(|(name, _)| *name == module);
    let script = script.map(|(_, script)| script).unwrap_or_default();
    program(project, root, module, candidates, &[script, own], &settings)
}

/// Generates the Stagefile of a program from its scripts, the nearest first.
fn program(
    project: &Project<'_>,
    root: &str,
    module: String,
    modules: Vec<String>,
    scripts: &[String],
    settings: &str,
) -> Result<Generated, Stop> {
    for (plugin, what, help) in UNSUPPORTED {
        if plugins(&scripts[0]).contains(plugin) {
            let place = project.text.find(plugin);
            let place = place.map(|at| at..at + plugin.len());
            return Err(unsupported(project, what, place, help));
        }
    }
    let first = |words: &[&str]| {
        let mut all = scripts
            .iter()
            .flat_map(|script| words.iter().filter_map(|word| names(script, word).next()));
        all.next().map(|(value, _)| value.to_owned())
    };
    let is_name = |name: &String| {
        name.chars()
            .all(|letter| letter.is_alphanumeric() || "._$".contains(letter))
            && name.contains('.')
    };
    let main = match project.arg("CMD") {
        Some(main) => Some(main.to_owned()),
        None => first(&["mainClass", "mainClassName"]).filter(is_name),
    };
    let folder = module.rsplit('/').next().unwrap_or_default();
    let name = match (folder, names(settings, "rootProject.name").next()) {
        ("", Some((name, _))) => name.to_owned(),
        ("", None) => root.rsplit('/').next().unwrap_or_default().to_owned(),
        (folder, _) => folder.to_owned(),
    };
    let is_version = |version: &String| version.starts_with(|first: char| first.is_ascii_digit());
    let version = scripts.iter().find_map(|script| {
        let lines = script.lines().filter(|line| line.starts_with("version"));
        let mut versions = lines.filter_map(|line| names(line, "version").next());
        versions.next().map(|(version, _)| version.to_owned())
    });
    Program {
        tool: "gradle",
        root,
        module,
        name: if name.is_empty() {
            "app".to_owned()
        } else {
            name
        },
        version: version.filter(is_version),
        java: java(project, scripts),
        main,
        modules,
        is_web: scripts
            .iter()
            .any(|script| script.contains("spring-boot-starter-web")),
        has_private_repositories: scripts.iter().any(|script| script.contains("credentials")),
        labels: Labels::new(None).description(first(&["description"]).as_deref()),
    }
    .write(project)
}

/// Returns the requested version of Java.
fn java(project: &Project<'_>, scripts: &[String]) -> Option<Version> {
    let said = VERSIONS.iter().find_map(|word| {
        scripts.iter().find_map(|script| {
            let (value, place) = values(script, word).next()?;
            Some((*word, script, value, place))
        })
    });
    let (word, script, value, place) = said?;
    let value = value
        .trim_start_matches("JavaVersion.")
        .trim_start_matches("JvmTarget.")
        .trim_start_matches("VERSION_")
        .trim_start_matches("JVM_")
        .replace('_', ".");
    // Positions are the same in scripts without comments.
    let is_here = *script == without_comments(project.text);
    Some(Version {
        written: value,
        why: word.to_owned(),
        place: is_here.then_some(place),
    })
}

/// Returns the IDs of a script's plugins, except those that it only declares for its modules with `apply false`.
fn plugins(script: &str) -> BTreeSet<&str> {
    let ids = names(script, "id")
        .filter(|(_, place)| !goes_on_without(&script[place.end..]))
        .map(|(id, _)| id);
    let applied = names(script, "plugin:").map(|(id, _)| id);
    // In Kotlin, Gradle's own plugins are identifiers.
    let words = script
        .lines()
        .map(str::trim)
        .filter(|line| matches!(*line, "application" | "war" | "`application`" | "`war`"));
    ids.chain(applied)
        .chain(words.map(|word| word.trim_matches('`')))
        .collect()
}

/// Reports whether the line after a plugin's ID says that it isn't applied: `apply false`, `apply(false)`.
fn goes_on_without(rest: &str) -> bool {
    let line = rest.split(['\n', ';', '}']).next().unwrap_or_default();
    let mut words = line.split(|letter: char| !letter.is_alphanumeric());
    words.any(|word| word == "apply") && words.find(|word| !word.is_empty()) == Some("false")
}

/// Reports whether a script builds a program.
fn is_program(script: &str) -> bool {
    plugins(script).iter().any(|id| FOR_PROGRAMS.contains(id))
        || values(script, "mainClass").next().is_some()
        || values(script, "mainClassName").next().is_some()
}
