//! Go: go.mod, `main` packages, and what they are linked to.

mod module;
mod module_location;
mod programs;
mod source;

use module::{Module, used_by_workspace};
use module_location::ModuleLocation;
use programs::{PLACES, Program, last_name, programs};

use crate::image::{Labels, port_line};
use crate::mistake::{Given, Help, Kind, Mistake, Stop};
use crate::write::{
    Arg, Block, Document, REQUIRES_TESTS, WITHOUT_TESTS, stage_name, user, user_list,
};
use crate::{Generated, Project, join, scan};

/// Modules that are useless without C.
const WITH_C: [&str; 9] = [
    "github.com/mattn/go-sqlite3",
    "github.com/confluentinc/confluent-kafka-go",
    "github.com/confluentinc/confluent-kafka-go/v2",
    "github.com/h2non/bimg",
    "github.com/davidbyttow/govips/v2",
    "github.com/marcboeker/go-duckdb",
    "github.com/rakyll/portmidi",
    "github.com/linxGnu/grocksdb",
    "gocv.io/x/gocv",
];

/// Directories with files that a program reads at run time.
const DATA: [&str; 8] = [
    "templates",
    "static",
    "public",
    "assets",
    "views",
    "web",
    "migrations",
    "locales",
];

/// Files that aren't transferred if there is no ignore file.
const IGNORED: [&str; 5] = [".git", "bin", "dist", "**/node_modules", "**/.env"];

/// The oldest version of Go with an image based on Debian 12.
const OLDEST: u32 = 19;

/// The user in distroless images.
const NONROOT: &str = "65532";

pub(crate) fn generate(project: &Project<'_>) -> Result<Generated, Stop> {
    let module = Module::read(project.text);
    let Some((path, _)) = &module.path else {
        let mistake = Mistake::new(project, Kind::Invalid, "there is no `module` line");
        return Err(mistake
            .help("`go mod init example.com/app` writes a go.mod")
            .into());
    };
    let fixed = ["go.sum", "vendor/modules.txt", ".dockerignore"];
    let mut wanted = project.look_beside(&fixed);
    for places in PLACES {
        wanted.extend(project.look_beside(places));
    }
    wanted.extend(project.look_beside(&DATA));
    wanted.extend(
        project
            .above()
            .into_iter()
            .chain([project.folder()])
            .map(|folder| join(folder, "go.work")),
    );
    wanted.push(".dockerignore".to_owned());
    project.files.need(wanted)?;

    let has_vendor = project.has_beside("vendor/modules.txt");
    let is_vendored = has_vendor && module.uses_vendor();
    if !module.requires.is_empty() && !project.has_beside("go.sum") && !is_vendored {
        let mistake = Mistake::undecided(
            project,
            "the module requires others, and there is no go.sum",
        );
        return Err(mistake
            .help("`go mod tidy` writes it; it belongs to the sources")
            .into());
    }
    let location = ModuleLocation::find(project, &module)?;
    let programs = programs(project, path);
    let named: Vec<&str> = programs.keys().map(String::as_str).collect();
    if programs.is_empty() {
        let mistake = Mistake::undecided(
            project,
            "there is no program: no package `main` in this folder, below `cmd`, or in a `main.go`",
        );
        return Err(mistake
            .help("a library is not built; for a program elsewhere, begin with `--call init` in the module of another, or write a Stagefile with `use: std.go`")
            .into());
    }
    let sources: Vec<&str> = programs
        .values()
        .flat_map(|program| program.sources.iter().copied())
        .collect();
    let with_c = module
        .requires
        .iter()
        .find(|one| WITH_C.contains(&one.as_str()));
    let cgo = with_c.is_some() || sources.iter().any(|text| source::imports_c(text));
    let data: Vec<&str> = DATA
        .into_iter()
        .filter(|folder| {
            project.files.has_directory(&project.beside(folder))
                && !sources.iter().any(|text| source::embeds(text, folder))
        })
        .collect();
    let module_name = last_name(path);
    let main = match project.arg("CMD") {
        Some(name) if programs.contains_key(name) => Some(name.to_owned()),
        Some(name) => {
            let mistake = Mistake::undecided(project, format!("there is no program `{name}`"));
            return Err(mistake
                .help(format!("`CMD` can be one of: {}", named.join(", ")))
                .into());
        }
        None if programs.len() == 1 => programs.keys().next().cloned(),
        None => programs.keys().find(|name| **name == module_name).cloned(),
    };

    let (version, why) = version(&module);
    let variable = sources
        .iter()
        .find_map(|text| source::variable(text, ["version", "Version"]));
    let mut document = Document::default();
    document.head.push(match programs.len() {
        1 => format!("A Go program, as {} and the sources say.", project.path),
        count => format!(
            "{count} Go programs, as {} and the sources say.",
            project.path
        ),
    });
    document.args = vec![
        Arg::new(
            "BASE",
            format!("golang:{version}-bookworm"),
            "The image that compiles.",
        )
        .because(why),
        runtime(cgo, with_c),
        Arg::new(
            "VERSION",
            "dev",
            if variable.is_some() {
                "The version that the program says, and the image's label."
            } else {
                "The version on the image's label."
            },
        ),
        Arg::test(),
    ];
    let private = project.arg("GOPRIVATE").is_some();
    if private {
        document.args.push(Arg::new(
            "GOPRIVATE",
            "",
            "Modules that come from their repositories.",
        ));
        document.secrets.push("netrc: { target: /root/.netrc, optional: true, description: Who may read private repositories. }".to_owned());
    }
    if programs.len() > 1 {
        document.args.push(
            Arg::new(
                "CMD",
                main.as_deref().unwrap_or_default(),
                "The program that the image with all of them starts.",
            )
            .one_of(
                main.is_none()
                    .then_some("")
                    .into_iter()
                    .chain(named.iter().copied()),
            ),
        );
    }
    let mut with = vec![("image", "${{ args.BASE }}".to_owned())];
    if !location.source.is_empty() {
        with.push(("source", user(&location.source)));
    }
    if !location.directory.is_empty() {
        with.push(("directory", user(&location.directory)));
    }
    let mut test_with = with.clone();
    let packages: Vec<String> = programs
        .values()
        .map(|program| location.package(&program.folder))
        .collect();
    if packages != ["."] {
        with.push(("packages", user_list(&packages)));
    }
    if !location.below.is_empty() {
        test_with.push((
            "packages",
            user_list(&[format!("./{}/...", location.below)]),
        ));
    }
    if let Some(variable) = variable {
        with.push((
            "ldflags",
            format!("-s -w -X main.{variable}=${{{{ args.VERSION }}}}"),
        ));
    }
    if cgo {
        with.push(("cgo", "true".to_owned()));
        test_with.push(("cgo", "true".to_owned()));
    }
    let network = |block: Block| {
        block
            .line_if(private, "env: { GOPRIVATE: \"${{ args.GOPRIVATE }}\" }")
            .line_if(private, "secrets: [netrc]")
    };
    let mut build = Block::new("build");
    if is_vendored {
        build = build.comment("What is in `vendor` is compiled; nothing is downloaded.");
    }
    document
        .stages
        .push(network(build.line("use: std.go").mapping("with", &with)));
    document.stages.push(network(
        Block::new("test")
            .comment(WITHOUT_TESTS)
            .line("use: std.go-test")
            .mapping("with", &test_with),
    ));

    let labels = Labels::new(path_of_repository(path));
    let image = |block: Block, title: &str, program: Option<&Program<'_>>| {
        let sources = program
            .map(|program| program.sources.clone())
            .unwrap_or_default();
        block
            .line("image:")
            .line_if(!data.is_empty(), "  workdir: /app")
            .line(format!("  user: \"{NONROOT}\""))
            .lines(port_line(scan::port(sources)))
            .lines(labels.lines(title))
    };
    let steps = |block: Block, copied: &str| {
        let block = block
            .line("from: ${{ args.RUNTIME }}")
            .line(REQUIRES_TESTS)
            .line("steps:")
            .line(format!("  - copy: {copied}"))
            .line("    from: build.bin")
            .line("    to: /usr/local/bin/");
        data.iter().fold(block, |block, folder| {
            block
                .line(format!("  - copy: {}/", user(&project.beside(folder))))
                .line(format!("    to: /app/{folder}/"))
        })
    };
    let comment = |block: Block| {
        if data.is_empty() {
            return block;
        }
        block.comment(format!(
            "No source embeds {}, so the program reads it in its workdir.",
            data.join(" or ")
        ))
    };
    if let [(name, program)] = &programs.iter().collect::<Vec<_>>()[..] {
        let stage = stage_name(name, &["build", "test"]);
        let block = comment(steps(Block::new(stage), &user(name)));
        document
            .stages
            .push(image(block, name, Some(program)).line(format!(
                "  entrypoint: [{}]",
                user(&format!("/usr/local/bin/{name}"))
            )));
    } else {
        let mut taken = vec!["build".to_owned(), "test".to_owned()];
        for (name, program) in &programs {
            let known: Vec<&str> = taken.iter().map(String::as_str).collect();
            let mut stage = stage_name(name, &known);
            if taken.contains(&stage) {
                stage = format!("app-{}", taken.len());
            }
            let block = steps(Block::new(&stage), &user(name));
            document
                .stages
                .push(image(block, name, Some(program)).line(format!(
                    "  entrypoint: [{}]",
                    user(&format!("/usr/local/bin/{name}"))
                )));
            taken.push(stage);
        }
        let mut all = "all".to_owned();
        if taken.contains(&all) {
            "all-programs".clone_into(&mut all);
        }
        let block =
            Block::new(all).comment("All programs; `--target NAME` makes the image of one.");
        let block = comment(steps(block, &user_list(&named)));
        let block = image(block, &module_name, None);
        document
            .stages
            .push(block.line(
                "  cmd: ['${{ args.CMD == \"\" ? [] : [\"/usr/local/bin/\" + args.CMD] }}']",
            ));
    }
    let mut notes = Vec::new();
    if has_vendor && !is_vendored {
        notes.push(Help::new(
            "`vendor` isn't used, since go.mod names no Go of 1.14 or later: `go mod edit -go=1.14` names one",
        ));
    }
    if programs.len() > 1 && main.is_none() {
        notes.push(Help::giving(
            [
                format!(
                    "the image has {} programs and starts none by itself: name one with ",
                    programs.len()
                ),
                ", or ".to_owned(),
                format!(": {}", named.join(", ")),
            ],
            [Given::Arg("CMD", "NAME"), Given::Target],
        ));
    }
    Ok(Generated {
        text: document.text(project.frontend),
        ignored: IGNORED.map(str::to_owned).to_vec(),
        notes,
    })
}

/// Returns an error that lists the modules of a go.work, each of which can be built.
pub(crate) fn workspace(project: &Project<'_>) -> Mistake {
    let modules = used_by_workspace(project.text);
    let modules: Vec<String> = modules
        .iter()
        .map(|folder| project.beside(folder))
        .collect();
    let message = "a workspace of Go modules is built module by module";
    Mistake::new(project, Kind::Undecided, message).help_giving(
        [
            "name one as ".to_owned(),
            format!(": {}", modules.join(", ")),
        ],
        [Given::Module("go.mod".to_owned())],
    )
}

/// Selects the version of Go: the newest patch release of the one in go.mod.
fn version(module: &Module) -> (String, String) {
    let named = module
        .toolchain
        .as_deref()
        .and_then(|name| name.strip_prefix("go"));
    let named = named.map(|version| (version, "toolchain")).or(module
        .go
        .as_ref()
        .map(|(version, _)| (version.as_str(), "go")));
    let Some((version, word)) = named else {
        return ("1".to_owned(), "go.mod names no version".to_owned());
    };
    let mut numbers = version.split(['.', '-', 'r', 'b']);
    let minor = (numbers.next() == Some("1"))
        .then(|| numbers.next()?.parse::<u32>().ok())
        .flatten();
    match minor {
        Some(minor) if minor >= OLDEST => {
            (format!("1.{minor}"), format!("go.mod: {word} {version}"))
        }
        _ => (
            "1".to_owned(),
            format!("go.mod: {word} {version}, which every later Go 1 compiles"),
        ),
    }
}

/// Selects the image in which programs run, depending on what they are linked to.
fn runtime(cgo: bool, with_c: Option<&String>) -> Arg {
    let (image, why) = match with_c {
        Some(module) => (
            "gcr.io/distroless/base-debian12:nonroot",
            format!("with the C library: {module} needs it"),
        ),
        None if cgo => (
            "gcr.io/distroless/base-debian12:nonroot",
            "with the C library: a source imports \"C\"".to_owned(),
        ),
        None => (
            "gcr.io/distroless/static-debian12:nonroot",
            "the program is linked to nothing".to_owned(),
        ),
    };
    Arg::new("RUNTIME", image, "The image that the program runs in.").because(why)
}

/// Returns the URL of a module's repository, if its path is one.
fn path_of_repository(path: &str) -> Option<String> {
    let mut parts = path.split('/');
    let host = parts.next()?;
    if !["github.com", "gitlab.com", "bitbucket.org", "codeberg.org"].contains(&host) {
        return None;
    }
    Some(format!(
        "https://{host}/{}/{}",
        parts.next()?,
        parts.next()?
    ))
}
