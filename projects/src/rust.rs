//! Rust: Cargo.toml, the workspace, and which of its programs is the image's.

use std::collections::{BTreeMap, BTreeSet};

use toml_edit::{Document, Item, Table};

use crate::data::{item, keys, string, strings, toml};
use crate::image::{Labels, port_line};
use crate::members::Members;
use crate::mistake::{Given, Mistake, Stop};
use crate::write::{Arg, Block, Document as Stagefile, WITHOUT_TESTS, list, stage_name, user};
use crate::{Generated, Project, join, scan};

/// The paths of programs in a package.
const PROGRAMS: [&str; 3] = ["src/main.rs", "src/bin/*.rs", "src/bin/*/main.rs"];

/// Crates that need system libraries, with the Debian packages needed for compiling and at run time.
const LINKED: [(&str, &[&str], &[&str]); 14] = [
    ("openssl-sys", &["libssl-dev", "pkg-config"], &[]),
    ("openssl-src", &["make", "perl"], &[]),
    ("pq-sys", &["libpq-dev"], &["libpq5"]),
    ("libpq-sys", &["libpq-dev"], &["libpq5"]),
    (
        "mysqlclient-sys",
        &["default-libmysqlclient-dev", "pkg-config"],
        &["libmariadb3"],
    ),
    (
        "alsa-sys",
        &["libasound2-dev", "pkg-config"],
        &["libasound2"],
    ),
    (
        "libdbus-sys",
        &["libdbus-1-dev", "pkg-config"],
        &["libdbus-1-3"],
    ),
    ("tikv-jemalloc-sys", &["make"], &[]),
    ("jemalloc-sys", &["make"], &[]),
    ("link-cplusplus", &["g++"], &[]),
    ("cmake", &["cmake", "g++", "make"], &[]),
    ("librdkafka-sys", &["g++", "make"], &[]),
    ("prost-build", &["protobuf-compiler"], &[]),
    ("bindgen", &["clang", "libclang-dev"], &[]),
];

/// Files that aren't transferred if there is no ignore file.
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
    let members = Members::of_cargo(members, strings(&manifest, &["workspace", "exclude"]));
    let mut wanted = project.look_beside(&["rust-toolchain.toml", "rust-toolchain"]);
    for package in &packages {
        wanted.push(project.beside(&join(package, "Cargo.toml")));
        wanted.extend(PROGRAMS.map(|program| project.beside(&join(package, program))));
    }
    for folder in std::iter::once(project.folder()).chain(project.above()) {
        wanted.extend(
            [
                "Cargo.lock",
                "Cargo.toml",
                "rust-toolchain.toml",
                "rust-toolchain",
            ]
            .map(|file| join(folder, file)),
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
    let programs = programs(project, &packages, &members);
    let names: Vec<&str> = programs.keys().map(String::as_str).collect();
    let name = choose(project, &manifest, &programs)?;
    let program = &programs[&name];

    // Only vendored libraries need their own sources.
    let has = |name: &str| lock.contains(&format!("name = \"{name}\""));
    let linked: Vec<_> = LINKED
        .iter()
        .filter(|(name, _, _)| has(name) && (*name != "openssl-sys" || !has("openssl-src")))
        .collect();
    let build: BTreeSet<&str> = linked
        .iter()
        .flat_map(|(_, build, _)| *build)
        .copied()
        .collect();
    let packages: BTreeSet<&str> = linked
        .iter()
        .flat_map(|(_, _, run)| *run)
        .copied()
        .collect();
    let (image, why) = image(project, root);
    let workspace = project
        .files
        .text(&join(root, "Cargo.toml"))
        .and_then(|text| Document::parse(text).ok());
    // Values that a package lacks may be in its workspace.
    let text = |key: &str| {
        let own = string(&manifest, &["package", key]);
        let shared = || string(workspace.as_ref()?, &["workspace", "package", key]);
        own.or_else(shared).map(|(text, _)| text)
    };
    let version = text("version").unwrap_or("dev");
    let mut document = Stagefile::default();
    document
        .head
        .push(format!("A program in Rust, as {} says.", project.path));
    document.args = vec![
        Arg::new("BASE", image, "The image that compiles.").because(why),
        if packages.is_empty() {
            Arg::new(
                "RUNTIME",
                "gcr.io/distroless/cc-debian12:nonroot",
                "The image that the program runs in.",
            )
            .because("with the C library, to which the program is linked")
        } else {
            Arg::new(
                "RUNTIME",
                "debian:bookworm-slim",
                "The image that the program runs in.",
            )
            .because("with libraries of the system, to which the program is linked")
        },
        Arg::new("VERSION", version, "The version on the image's label."),
        Arg::test(),
    ];
    if !program.features.is_empty() {
        let of = format!(
            "Which of the features {} it has besides the default ones: names, with commas between them.",
            program.features.join(", ")
        );
        document
            .args
            .push(Arg::new("FEATURES", program.required.join(","), of));
    }
    if names.len() > 1 {
        document.args.push(
            Arg::new("CMD", &name, "The program that is the image's.")
                .one_of(names.iter().copied()),
        );
    }
    // Files outside of the package that it uses must be included, too.
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
    if !program.features.is_empty() {
        let features = "'${{ args.FEATURES == \"\" ? [] : args.FEATURES.split(\",\") }}'";
        with.push(("features", features.to_owned()));
    }
    for (input, packages) in [("build", &build), ("libraries", &packages)] {
        if !packages.is_empty() {
            let packages: Vec<_> = packages.iter().collect();
            with.push((input, list(&packages)));
        }
    }
    with.push(("test", "${{ args.TEST == \"on\" }}".to_owned()));
    with.push(("base", "${{ args.RUNTIME }}".to_owned()));
    let labels = Labels::new(text("repository").map(str::to_owned))
        .description(text("description"))
        .license(text("license"));
    let mut block = Block::new(stage_name(&name, &["build", "test"])).comment(WITHOUT_TESTS);
    for (name, build, _) in &linked {
        block = block.comment(format!("{name} may need {}.", build.join(", ")));
    }
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

/// A program: the directory of its package, relative to the manifest, and its source.
struct Program<'a> {
    package: String,
    source: Option<&'a str>,
    /// The package's features, except `default`.
    features: Vec<String>,
    /// The features that the program requires.
    required: Vec<String>,
}

/// Returns the programs of the packages.
fn programs<'a>(
    project: &Project<'a>,
    packages: &[String],
    members: &Members,
) -> BTreeMap<String, Program<'a>> {
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
            if !below.is_empty() && !members.has(below) {
                continue;
            }
            let Some((name, _)) = string(&manifest, &["package", "name"]) else {
                continue;
            };
            let features: Vec<String> = keys(&manifest, &["features"])
                .into_iter()
                .filter(|name| name != "default" && !name.starts_with('_'))
                .collect();
            let mut add = |name: &str, source: Option<&'a str>, required: Vec<String>| {
                programs.entry(name.to_owned()).or_insert_with(|| Program {
                    package: below.to_owned(),
                    source,
                    features: features.clone(),
                    required,
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
                        required(table),
                    );
                }
            }
            let main = project.files.text(&join(folder, "src/main.rs"));
            if main.is_some() && !named.contains(&"src/main.rs") {
                add(name, main, Vec::new());
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
                    add(
                        stem.rsplit('/').next().unwrap_or(stem),
                        Some(text),
                        Vec::new(),
                    );
                }
            }
        }
    }
    programs
}

/// Returns the features that a program requires.
fn required(table: &Table) -> Vec<String> {
    let array = table.get("required-features").and_then(Item::as_array);
    let values = array.into_iter().flat_map(toml_edit::Array::iter);
    values
        .filter_map(|value| value.as_str().map(str::to_owned))
        .collect()
}

/// Selects the program of the image.
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

/// Selects the image for compiling.
fn image(project: &Project<'_>, root: &str) -> (String, String) {
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
                format!("rust:{channel}-slim-bookworm"),
                format!("{file}: {channel}"),
            )
        }
        _ => (
            "rust:1-slim-bookworm".to_owned(),
            "the newest, which compiles what older ones do".to_owned(),
        ),
    }
}

/// Reports whether a package depends on one in a directory outside of it.
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
