//! Rust: Cargo.toml, the workspace, and which of its programs is the image's.

use std::collections::BTreeMap;

use toml_edit::{Document, Item};

use crate::data::{item, string, strings, toml};
use crate::image::{Labels, port_line};
use crate::mistake::{Given, Mistake, Stop};
use crate::write::{Arg, Block, Document as Stagefile, WITHOUT_TESTS, stage_name, user};
use crate::{Generated, Project, join, scan};

/// Where programs are in a package.
const PROGRAMS: [&str; 3] = ["src/main.rs", "src/bin/*.rs", "src/bin/*/main.rs"];

/// Crates that are linked to libraries of the system.
const LINKED: [&str; 6] = [
    "openssl-sys",
    "libpq-sys",
    "mysqlclient-sys",
    "libgit2-sys",
    "alsa-sys",
    "dbus",
];

/// What isn't sent where no ignore file says so.
const IGNORED: [&str; 4] = [".git", "**/target", "**/node_modules", "**/.env"];

pub(crate) fn generate(project: &Project<'_>) -> Result<Generated, Stop> {
    let manifest = toml(project)?;
    let members = strings(&manifest, &["workspace", "members"]);
    let mut packages = vec![String::new()];
    packages.extend(
        members
            .iter()
            .map(|member| member.trim_matches('/').to_owned()),
    );
    let mut wanted = project.look_beside(&["rust-toolchain.toml", "rust-toolchain"]);
    for package in &packages {
        wanted.push(project.beside(&join(package, "Cargo.toml")));
        wanted.extend(PROGRAMS.map(|program| project.beside(&join(package, program))));
    }
    for folder in std::iter::once(project.folder()).chain(project.above()) {
        wanted.extend(
            ["Cargo.lock", "rust-toolchain.toml", "rust-toolchain"].map(|file| join(folder, file)),
        );
    }
    wanted.push(".dockerignore".to_owned());
    project.files.need(wanted)?;

    let folders = || std::iter::once(project.folder()).chain(project.above());
    let Some(root) = folders().find(|folder| project.files.has(&join(folder, "Cargo.lock"))) else {
        return Err(Mistake::undecided(project, "there is no Cargo.lock")
            .help("`cargo generate-lockfile` writes it; of programs it belongs to the sources")
            .help("if the folder is part of a workspace, build with the workspace's folder as the context")
            .into());
    };
    let lock = project
        .files
        .text(&join(root, "Cargo.lock"))
        .unwrap_or_default();
    let below = project
        .folder()
        .strip_prefix(root)
        .unwrap_or_default()
        .trim_start_matches('/');
    let programs = programs(project, &packages);
    let names: Vec<&str> = programs.keys().map(String::as_str).collect();
    let name = choose(project, &manifest, &programs)?;
    let program = &programs[&name];

    let linked = LINKED
        .into_iter()
        .find(|name| lock.contains(&format!("name = \"{name}\"")));
    let linked =
        linked.filter(|name| *name != "openssl-sys" || !lock.contains("name = \"openssl-src\""));
    let (image, why) = image(project, root, linked);
    let version = string(&manifest, &["package", "version"]).map_or("dev", |(version, _)| version);
    let mut document = Stagefile::default();
    document
        .head
        .push(format!("A program in Rust, as {} says.", project.path));
    document.args = vec![
        Arg::new("BASE", image, "The image that compiles.").because(why),
        Arg::new(
            "RUNTIME",
            "gcr.io/distroless/cc-debian12:nonroot",
            "The image that the program runs in.",
        )
        .because("with the C library, to which the program is linked"),
        Arg::new("VERSION", version, "The version on the image's label."),
        Arg::test(),
    ];
    if names.len() > 1 {
        document.args.push(
            Arg::new("CMD", &name, "The program that is the image's.").of(names.iter().copied()),
        );
    }
    // What a package takes from beside it has to be there, too.
    let (source, directory) = if root.is_empty() || !takes_from_above(&manifest) {
        (root, "")
    } else {
        ("", root)
    };
    let mut with = vec![
        (
            "name",
            if names.len() > 1 {
                "${{ args.CMD }}".to_owned()
            } else {
                user(&name)
            },
        ),
        ("image", "${{ args.BASE }}".to_owned()),
    ];
    if !source.is_empty() {
        with.push(("source", user(source)));
    }
    if !directory.is_empty() {
        with.push(("directory", user(directory)));
    }
    let package = join(below, &program.package);
    if !package.is_empty() {
        with.push(("packages", format!("[{}]", user(&package))));
    }
    let needs_name = names.len() > 1
        && programs
            .values()
            .filter(|other| other.package == program.package)
            .count()
            > 1;
    if needs_name {
        with.push(("options", "[\"--bin=${{ args.CMD }}\"]".to_owned()));
    }
    with.push(("test", "${{ args.TEST == \"on\" }}".to_owned()));
    with.push(("base", "${{ args.RUNTIME }}".to_owned()));
    let text = |key: &str| string(&manifest, &["package", key]).map(|(text, _)| text);
    let labels = Labels::new(text("repository").map(str::to_owned))
        .description(text("description"))
        .license(text("license"));
    let mut block = Block::new(stage_name(&name, &["build", "test"])).comment(WITHOUT_TESTS);
    if names.len() > 1 {
        block = block.comment(format!(
            "Of {}, CMD names the one that is the image's.",
            names.join(", ")
        ));
    }
    let block = block
        .line("use: std.rust-image")
        .mapping("with", &with)
        .line("image:")
        .lines(port_line(scan::port(program.source)))
        .lines(labels.lines(&name));
    document.stages.push(block);
    Ok(Generated {
        text: document.text(project.frontend),
        ignored: IGNORED.map(str::to_owned).to_vec(),
        notes: Vec::new(),
    })
}

/// A program: the folder of its package, seen from the manifest, and its source.
struct Program<'a> {
    package: String,
    source: Option<&'a str>,
}

/// Lists the programs of the packages.
fn programs<'a>(project: &Project<'a>, packages: &[String]) -> BTreeMap<String, Program<'a>> {
    let mut programs = BTreeMap::new();
    for package in packages {
        let manifests = project
            .files
            .matching(&project.beside(&join(package, "Cargo.toml")));
        for (path, text) in manifests {
            let Ok(manifest) = Document::parse(text) else {
                continue;
            };
            let folder = path
                .strip_suffix("Cargo.toml")
                .unwrap_or_default()
                .trim_end_matches('/');
            let below = folder
                .strip_prefix(project.folder())
                .unwrap_or(folder)
                .trim_start_matches('/');
            let Some((name, _)) = string(&manifest, &["package", "name"]) else {
                continue;
            };
            let mut add = |name: &str, source: Option<&'a str>| {
                programs.entry(name.to_owned()).or_insert_with(|| Program {
                    package: below.to_owned(),
                    source,
                });
            };
            let tables = item(&manifest, &["bin"]).and_then(Item::as_array_of_tables);
            let mut named = Vec::new();
            for table in tables.into_iter().flat_map(toml_edit::ArrayOfTables::iter) {
                let path = table.get("path").and_then(Item::as_str);
                named.extend(path);
                if let Some(name) = table.get("name").and_then(Item::as_str) {
                    add(
                        name,
                        project
                            .files
                            .text(&join(folder, path.unwrap_or("src/main.rs"))),
                    );
                }
            }
            let main = project.files.text(&join(folder, "src/main.rs"));
            if main.is_some() && !named.contains(&"src/main.rs") {
                add(name, main);
            }
            for (path, text) in PROGRAMS[1..]
                .iter()
                .flat_map(|place| project.files.matching(&join(folder, place)))
            {
                let below = path
                    .strip_prefix(folder)
                    .unwrap_or(path)
                    .trim_start_matches('/');
                let stem = path.trim_end_matches("/main.rs").trim_end_matches(".rs");
                if !named.contains(&below) {
                    add(stem.rsplit('/').next().unwrap_or(stem), Some(text));
                }
            }
        }
    }
    programs
}

/// Chooses the program that is the image's.
fn choose(
    project: &Project<'_>,
    manifest: &Document<&str>,
    programs: &BTreeMap<String, Program<'_>>,
) -> Result<String, Stop> {
    let names: Vec<&str> = programs.keys().map(String::as_str).collect();
    let choices = |mistake: Mistake| {
        let names = format!(": {}", names.join(", "));
        mistake.help_giving(
            ["name one with ".to_owned(), names],
            [Given::Arg("CMD", "NAME")],
        )
    };
    if let Some(name) = project.arg("CMD") {
        if programs.contains_key(name) {
            return Ok(name.to_owned());
        }
        let mistake = Mistake::undecided(project, format!("there is no program `{name}`"));
        return Err(choices(mistake).into());
    }
    let preferred = ["default-run", "name"].into_iter().find_map(|key| {
        let (name, _) = string(manifest, &["package", key])?;
        programs.contains_key(name).then_some(name)
    });
    match (preferred, &names[..]) {
        (Some(name), _) => Ok(name.to_owned()),
        (None, [name]) => Ok((*name).to_owned()),
        (None, []) => Err(Mistake::undecided(project, "there is no program: no src/main.rs, src/bin, or `[[bin]]`, nor in a member of the workspace")
            .help("a library is not built; name the Cargo.toml of a program")
            .into()),
        (None, _) => Err(choices(Mistake::undecided(project, "there are several programs")).into()),
    }
}

/// Chooses the image that compiles.
fn image(project: &Project<'_>, root: &str, linked: Option<&str>) -> (String, String) {
    let kind = if linked.is_some() {
        "bookworm"
    } else {
        "slim-bookworm"
    };
    let linked = linked
        .map(|name| format!("with libraries of the system, for {name}; "))
        .unwrap_or_default();
    let channel = ["rust-toolchain.toml", "rust-toolchain"]
        .into_iter()
        .find_map(|file| {
            let text = project
                .text_beside(file)
                .or_else(|| project.files.text(&join(root, file)))?;
            let channel = match Document::parse(text) {
                Ok(document) => string(&document, &["toolchain", "channel"])
                    .map(|(channel, _)| channel.to_owned()),
                Err(_) => text.lines().next().map(|line| line.trim().to_owned()),
            };
            Some((file, channel?))
        });
    match channel {
        Some((file, channel)) if channel.starts_with("nightly") => (
            "rustlang/rust:nightly-bookworm-slim".to_owned(),
            format!("{file}: {channel}"),
        ),
        Some((file, channel))
            if channel
                .split('.')
                .all(|number| number.parse::<u32>().is_ok()) =>
        {
            (
                format!("rust:{channel}-{kind}"),
                format!("{linked}{file}: {channel}"),
            )
        }
        _ => (
            format!("rust:1-{kind}"),
            format!("{linked}the newest, which compiles what older ones do"),
        ),
    }
}

/// Tells whether a package depends on one of a folder beside it.
fn takes_from_above(manifest: &Document<&str>) -> bool {
    let tables = ["dependencies", "build-dependencies", "dev-dependencies"];
    let tables = tables
        .into_iter()
        .filter_map(|table| item(manifest, &[table])?.as_table_like());
    let mut dependencies = tables.flat_map(|table| table.iter().map(|(_, one)| one));
    dependencies.any(|one| {
        one.get("path")
            .and_then(Item::as_str)
            .is_some_and(|path| path.starts_with(".."))
    })
}
