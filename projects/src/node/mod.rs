//! Node.js: package.json, lock files, and how the program is started.

mod package;
mod workspace;

use crate::data::{json, json_place};
use crate::image::{Labels, port_line};
use crate::mistake::{Mistake, Stop};
use crate::write::{Arg, Block, Document, WITHOUT_TESTS, stage_name, user, user_list};
use crate::{Generated, Project, join, scan};

use package::Node;
pub(crate) use package::{needs_shell, with_exec};

/// Lock files and the package managers that read them. If there are several, the first one counts.
const LOCKS: [(&str, &str); 6] = [
    ("pnpm-lock.yaml", "pnpm"),
    ("yarn.lock", "yarn"),
    ("package-lock.json", "npm"),
    ("npm-shrinkwrap.json", "npm"),
    ("bun.lock", "bun"),
    ("bun.lockb", "bun"),
];

/// Release lines of Node.js: those with long-term support, the newest first, then others that may be
/// requested.
const LINES: [u32; 9] = [24, 22, 20, 18, 16, 26, 25, 23, 21];

/// Static site generators, and their output directories.
const SITES: [(&str, &str); 9] = [
    ("vite", "dist"),
    ("react-scripts", "build"),
    ("astro", "dist"),
    ("@vue/cli-service", "dist"),
    ("gatsby", "public"),
    ("@docusaurus/core", "build"),
    ("@11ty/eleventy", "_site"),
    ("parcel", "dist"),
    ("webpack", "dist"),
];

/// First words of start scripts that are only for development.
const FOR_DEVELOPERS: [&str; 16] = [
    "babel-node",
    "ts-node",
    "ts-node-dev",
    "tsx",
    "vite",
    "react-scripts",
    "astro",
    "vue-cli-service",
    "gatsby",
    "docusaurus",
    "eleventy",
    "parcel",
    "webpack",
    "webpack-dev-server",
    "nodemon",
    "ng",
];

/// Default paths of the program.
const MAINS: [&str; 6] = [
    "server.js",
    "index.js",
    "app.js",
    "main.js",
    "src/index.js",
    "src/server.js",
];

/// Directories with files that a service reads at run time.
const DATA: [&str; 9] = [
    "public",
    "views",
    "static",
    "assets",
    "templates",
    "migrations",
    "prisma",
    "locales",
    "config",
];

/// Output directories of scripts.
const BUILT: [&str; 5] = ["dist", "build", "out", "lib", ".output"];

/// Files that aren't transferred if there is no ignore file.
const IGNORED: [&str; 7] = [
    ".git",
    "**/node_modules",
    "**/.env",
    "**/.env.*",
    "coverage",
    "**/npm-debug.log",
    ".next",
];

pub(crate) fn generate(project: &Project<'_>) -> Result<Generated, Stop> {
    let package = json(project)?;
    let mut wanted =
        project.look_beside(&[".nvmrc", ".node-version", ".npmrc", "index.html", "src"]);
    wanted.extend(project.look_beside(&MAINS));
    wanted.extend(project.look_beside(&DATA));
    let node = Node {
        project,
        package: &package,
    };
    if let Some(main) = package["main"].as_str() {
        wanted.push(project.beside(main.trim_start_matches("./")));
    }
    let hooks = node.hooks();
    wanted.extend(hooks.iter().map(|path| project.beside(path)));
    wanted.push(project.beside("patches"));
    for folder in std::iter::once(project.folder()).chain(project.above()) {
        wanted.extend(LOCKS.map(|(lock, _)| join(folder, lock)));
        wanted.extend(["package.json", "pnpm-workspace.yaml"].map(|file| join(folder, file)));
    }
    wanted.push(".dockerignore".to_owned());
    project.files.need(wanted)?;

    let folders = std::iter::once(project.folder()).chain(project.above());
    let lock = folders.into_iter().find_map(|folder| {
        let found = LOCKS
            .iter()
            .find(|(lock, _)| project.files.has(&join(folder, lock)));
        found.map(|(lock, manager)| (folder, *lock, *manager))
    });
    let has_dependencies = ["dependencies", "devDependencies", "optionalDependencies"]
        .iter()
        .any(|kind| package[kind].as_object().is_some_and(|all| !all.is_empty()));
    if lock.is_none() && has_dependencies {
        let kinds = ["dependencies", "devDependencies", "optionalDependencies"].into_iter();
        let mut places = kinds.filter_map(|kind| json_place(project.text, &[kind]));
        let mistake = Mistake::undecided(
            project,
            "there are dependencies, and no lock file says which versions",
        )
        .at(places.next());
        let manager = package["packageManager"].as_str().unwrap_or_default();
        let command = match manager.split('@').next().unwrap_or_default() {
            "pnpm" => "`pnpm install --lockfile-only` writes pnpm-lock.yaml",
            "yarn" => "`yarn install` writes yarn.lock",
            _ => "`npm install --package-lock-only` writes package-lock.json",
        };
        return Err(mistake
            .help(format!("{command}; it belongs to the sources"))
            .help("if the folder is part of a workspace, build with the workspace's folder as the context")
            .into());
    }
    if let Some((_, lock, "bun")) = lock {
        let mistake = Mistake::undecided(
            project,
            format!("`{lock}` is of Bun, which there are no rules for"),
        );
        return Err(mistake
            .help("npm, pnpm and Yarn are known by their lock files")
            .into());
    }
    let (image, why) = node.image()?;
    let name = package["name"].as_str().unwrap_or("app");
    let version = package["version"].as_str().unwrap_or("dev");
    let build: Vec<&str> = node.script("build").map(|_| "build").into_iter().collect();
    let tests = node
        .script("test")
        .filter(|script| !script.contains("no test specified"));
    let manager = lock.map_or("npm", |(_, _, manager)| manager);
    let mut document = Document::default();
    document
        .head
        .push(format!("A project of Node.js, as {} says.", project.path));
    document
        .args
        .push(Arg::new("BASE", node.base(&image), "The image with Node.js.").because(why));
    let secrets = node.secrets();
    for secret in &secrets {
        document.secrets.push(format!(
            "{secret}: {{ env: {secret}, description: \"For the registry, as .npmrc says.\" }}"
        ));
    }
    let labels = Labels::new(node.repository())
        .description(package["description"].as_str())
        .license(package["license"].as_str());
    let stage = stage_name(name, &["build", "test", "packages"]);
    let title = name.rsplit('/').next().unwrap_or(name);
    let mut with = vec![("image", "${{ args.BASE }}".to_owned())];
    if manager != "npm" {
        with.push(("manager", manager.to_owned()));
    }
    let in_workspace = lock.is_some_and(|(folder, _, _)| folder != project.folder());
    if !in_workspace && !project.folder().is_empty() {
        with.push(("source", user(project.folder())));
    }
    let install = node.install(&hooks);
    if !install.is_empty() && !in_workspace {
        with.push(("install", user_list(&install)));
    }
    let test = (tests.is_some() && !in_workspace)
        .then(|| "'${{ args.TEST == \"on\" ? [\"test\"] : [] }}'".to_owned());

    if let Some((tool, dist)) = node.site() {
        document.args.push(
            Arg::new("RUNTIME", "busybox:1", "The web server's image.")
                .because("for compression and caching: `server: nginx` below, with its image here"),
        );
        document.args.push(Arg::new(
            "VERSION",
            version,
            "The version on the image's label.",
        ));
        document.args.push(
            Arg::new("DIST", dist, "The folder that `build` fills.")
                .because(format!("{tool} fills it")),
        );
        if test.is_some() {
            document.args.push(Arg::test());
        }
        with.push(("build", "[build]".to_owned()));
        with.push(("dist", "${{ args.DIST }}".to_owned()));
        with.extend(test.map(|test| ("test", test)));
        with.push(("base", "${{ args.RUNTIME }}".to_owned()));
        with.push(("fallback", "index.html".to_owned()));
        if in_workspace {
            return Err(node.no_site_in_workspace().into());
        }
        let block = Block::new(stage)
            .comment("Files on a web server, since nothing starts a program.")
            .line("use: std.static-site")
            .mapping("with", &with);
        document
            .stages
            .push(block.line("image:").lines(labels.lines(title)));
        return Ok(finish(&document, project, &secrets));
    }

    let start = match node.start() {
        Err(Stop::Mistake(mistake)) => {
            return Err(workspace::of_members(project, &package, *mistake));
        }
        start => start?,
    };
    document.args.push(Arg::new(
        "RUNTIME",
        &image,
        "The image that the program runs in.",
    ));
    document.args.push(Arg::new(
        "VERSION",
        version,
        "The version on the image's label.",
    ));
    document.args.push(
        Arg::new(
            "CMD",
            &start.command,
            "The command that starts the program.",
        )
        .because(start.why.clone()),
    );
    if test.is_some() {
        document.args.push(Arg::test());
    }
    let port = scan::port(node.sources());
    let image = |block: Block, workdir: Option<String>| {
        block
            .line("image:")
            .lines(workdir.map(|workdir| format!("  workdir: {workdir}")))
            .lines(port_line(port))
            .lines(labels.lines(title))
            .line(if start.needs_shell {
                "  cmd: [/bin/sh, -c, \"${{ args.CMD }}\"]\n  env: { NODE_ENV: production, PATH: \"/app/node_modules/.bin:${{ base.env.PATH }}\" }"
            } else if start.is_program {
                // A program that takes arguments.
                "  entrypoint: ['${{ args.CMD.split(\" \") }}']\n  cmd: []"
            } else {
                "  cmd: ['${{ args.CMD.split(\" \") }}']"
            })
    };
    if let Some((folder, _, _)) = lock.filter(|_| in_workspace) {
        let mut builds = workspace::built_first(project, &package, folder)?;
        if !build.is_empty() {
            builds.push(project.folder().to_owned());
        }
        workspace::stages(project, &mut document, manager, folder, &builds, &install);
        let below = project
            .folder()
            .strip_prefix(folder)
            .unwrap_or_default()
            .trim_start_matches('/');
        let block = Block::new(stage)
            .line("from: ${{ args.RUNTIME }}")
            .line("steps:")
            .line("  - copy: /app/")
            .line("    from: build")
            .line("    to: /app/");
        let block = image(block, Some(user(&format!("/app/{below}"))));
        document.stages.push(
            block
                .line("  user: \"1000:1000\"")
                .line("  env: { NODE_ENV: production }"),
        );
        return Ok(finish(&document, project, &secrets));
    }
    if lock.is_none() {
        let source = project.beside("");
        let source = if source.is_empty() {
            ".".to_owned()
        } else {
            source
        };
        if test.is_some() {
            document.stages.push(
                Block::new("test")
                    .comment(
                        "Nothing is built unless this passes; without it: --build-arg TEST=off",
                    )
                    .line("from: ${{ args.BASE }}")
                    .line("workdir: /app")
                    .line("steps:")
                    .line("  - run: npm test")
                    .line(format!(
                        "    bind: {{ paths: {}/, rw: true }}",
                        user(&source)
                    ))
                    .line("    network: none")
                    .line("    env: { CI: \"true\" }"),
            );
        }
        let block = Block::new(stage)
            .comment("There are no dependencies, so nothing is installed.")
            .line("from: ${{ args.RUNTIME }}")
            .line("workdir: /app")
            .line_if(test.is_some(), crate::write::REQUIRES_TESTS)
            .line("steps:")
            .line(format!("  - copy: {}/", user(&source)))
            .line("    exclude: [\"**/node_modules\", .git]");
        document.stages.push(
            image(block, None)
                .line("  user: \"1000:1000\"")
                .line("  env: { NODE_ENV: production }"),
        );
        return Ok(finish(&document, project, &secrets));
    }
    if !build.is_empty() {
        with.push(("build", "[build]".to_owned()));
        match node.built(&start.command) {
            Some((dist, files)) => {
                if dist != "dist" {
                    with.push(("dist", user(&dist)));
                }
                with.push(("files", files));
            }
            // Whatever the script creates is there.
            None => with.push(("dist", "\".\"".to_owned())),
        }
    }
    with.extend(test.map(|test| ("test", test)));
    with.push(("base", "${{ args.RUNTIME }}".to_owned()));
    let has_test = with.iter().any(|(key, _)| *key == "test");
    let block = Block::new(stage).comment_if(has_test, WITHOUT_TESTS);
    let block = block.line("use: std.node-image").mapping("with", &with);
    document.stages.push(image(block, None));
    Ok(finish(&document, project, &secrets))
}

/// Writes the file. Secrets are available in every stage that installs packages.
fn finish(document: &Document, project: &Project<'_>, secrets: &[String]) -> Generated {
    let mut text = document.text(project.frontend);
    if !secrets.is_empty() {
        let defaults = format!(
            "\ndefaults: {{ secrets: [{}] }}\n\nstages:\n",
            secrets.join(", ")
        );
        text = text.replacen("\nstages:\n", &defaults, 1);
    }
    Generated {
        text,
        ignored: IGNORED.map(str::to_owned).to_vec(),
        notes: Vec::new(),
    }
}
