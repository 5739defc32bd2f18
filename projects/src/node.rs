//! Node.js: package.json, lock files, and how the program is started.

use serde_json::Value;

use crate::data::{json, json_place};
use crate::image::{Labels, port_line};
use crate::mistake::{Given, Mistake, Stop};
use crate::range::includes;
use crate::write::{Arg, Block, Document, WITHOUT_TESTS, scalar, stage_name, user, user_list};
use crate::{Generated, Project, join, scan};

/// Lock files and what reads them. Of several the first counts.
const LOCKS: [(&str, &str); 6] = [
    ("pnpm-lock.yaml", "pnpm"),
    ("yarn.lock", "yarn"),
    ("package-lock.json", "npm"),
    ("npm-shrinkwrap.json", "npm"),
    ("bun.lock", "bun"),
    ("bun.lockb", "bun"),
];

/// Release lines of Node.js: those with long support, the newest first, then others that somebody may need.
const LINES: [u32; 9] = [24, 22, 20, 18, 16, 26, 25, 23, 21];

/// Programs that make a site of files, and the folder that they fill.
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

/// First words of start scripts that only developers use.
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

/// Files that may be the program, where nothing else says so.
const MAINS: [&str; 6] = [
    "server.js",
    "index.js",
    "app.js",
    "main.js",
    "src/index.js",
    "src/server.js",
];

/// Folders of files that a service reads while it runs.
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

/// Folders that scripts fill.
const BUILT: [&str; 5] = ["dist", "build", "out", "lib", ".output"];

/// What isn't sent where no ignore file says so.
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
    if let Some(main) = package["main"].as_str() {
        wanted.push(project.beside(main.trim_start_matches("./")));
    }
    for folder in std::iter::once(project.folder()).chain(project.above()) {
        wanted.extend(LOCKS.map(|(lock, _)| join(folder, lock)));
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
    let node = Node {
        project,
        package: &package,
    };
    if lock.is_none() && has_dependencies {
        let mistake = Mistake::undecided(
            project,
            "there are dependencies, and no lock file says which versions",
        )
        .at(json_place(project.text, &["dependencies"]));
        return Err(mistake
            .help("`npm install --package-lock-only` writes package-lock.json; it belongs to the sources")
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
        .push(Arg::new("BASE", &image, "The image with Node.js.").because(why));
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

    let start = node.start()?;
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
            .line(format!(
                "  cmd: {}",
                if start.needs_shell {
                    "[/bin/sh, -c, \"${{ args.CMD }}\"]\n  env: { NODE_ENV: production, PATH: \"/app/node_modules/.bin:${{ base.env.PATH }}\" }".to_owned()
                } else {
                    "['${{ args.CMD.split(\" \") }}']".to_owned()
                }
            ))
    };
    if let Some((folder, _, _)) = lock.filter(|_| in_workspace) {
        workspace(project, &mut document, manager, folder, !build.is_empty());
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
        let (dist, files) = node.built(&start.command);
        if dist != "dist" {
            with.push(("dist", user(&dist)));
        }
        with.push(("files", files));
    }
    with.extend(test.map(|test| ("test", test)));
    with.push(("base", "${{ args.RUNTIME }}".to_owned()));
    let has_test = with.iter().any(|(key, _)| *key == "test");
    let block = Block::new(stage).comment_if(has_test, WITHOUT_TESTS);
    let block = block.line("use: std.node-image").mapping("with", &with);
    document.stages.push(image(block, None));
    Ok(finish(&document, project, &secrets))
}

/// Writes the stage of a part of a workspace, which has its packages in common with the others.
fn workspace(
    project: &Project<'_>,
    document: &mut Document,
    manager: &str,
    folder: &str,
    builds: bool,
) {
    let below = project
        .folder()
        .strip_prefix(folder)
        .unwrap_or_default()
        .trim_start_matches('/');
    let mut with = vec![("image", "${{ args.BASE }}".to_owned())];
    if !folder.is_empty() {
        with.push(("source", user(folder)));
    }
    document.stages.push(
        Block::new("packages")
            .comment("Those of the whole workspace, since they have one lock file.")
            .line(format!("use: std.{manager}"))
            .mapping("with", &with),
    );
    let source = if folder.is_empty() {
        "./".to_owned()
    } else {
        format!("{folder}/")
    };
    let below = user(below);
    let build = match manager {
        "pnpm" => format!("pnpm --filter './{below}' run build"),
        "yarn" => format!("cd {below} && yarn run build"),
        _ => format!("npm run build --workspace {below}"),
    };
    document.stages.push(
        Block::new("build")
            .line("from: packages")
            .line("steps:")
            .line(format!("  - copy: {}", user(&source)))
            .line("    exclude: [\"**/node_modules\"]")
            .line_if(builds, format!("  - run: {}", scalar(&build)))
            .line_if(builds, "    network: none")
            .line_if(manager == "npm", "  # What only development needs is removed, without a second download.\n  - run: npm prune --omit=dev --ignore-scripts --offline --no-audit --no-fund\n    network: none"),
    );
}

/// Writes the file. Secrets are for every stage that installs.
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

/// How the program is started.
struct Start {
    command: String,
    why: String,
    needs_shell: bool,
}

/// A package.json with its project.
struct Node<'a, 'p> {
    project: &'a Project<'p>,
    package: &'a Value,
}

impl<'a> Node<'a, '_> {
    fn script(&self, name: &str) -> Option<&'a str> {
        self.package["scripts"][name].as_str()
    }

    fn needs(&self, name: &str) -> bool {
        self.package["dependencies"].get(name).is_some()
            || self.package["devDependencies"].get(name).is_some()
    }

    fn is_for_development(&self, name: &str) -> bool {
        self.package["devDependencies"].get(name).is_some()
            && self.package["dependencies"].get(name).is_none()
    }

    /// Chooses the image, by the version that is asked for.
    fn image(&self) -> Result<(String, String), Stop> {
        for file in [".nvmrc", ".node-version"] {
            let Some(written) = self.project.text_beside(file) else {
                continue;
            };
            let written = written.trim();
            let bare = written.trim_start_matches('v');
            let major = bare.split('.').next().unwrap_or_default();
            if major.parse::<u32>().is_ok() {
                return Ok((image_of(major), format!("{file}: {written}")));
            }
        }
        let place = json_place(self.project.text, &["engines", "node"]);
        let range = self.package["engines"]["node"].as_str();
        let Some(range) = range else {
            return Ok((
                "node:lts-bookworm-slim".to_owned(),
                "no `engines`, .nvmrc or .node-version says which".to_owned(),
            ));
        };
        let mut is_known = true;
        for line in LINES {
            match includes(range, &[line]) {
                Some(true) => {
                    return Ok((
                        image_of(&line.to_string()),
                        format!("engines: {}", range.replace('\n', " ")),
                    ));
                }
                Some(false) => {}
                None => is_known = false,
            }
        }
        let message = if is_known {
            format!("no Node.js that there is an image of is `{range}`")
        } else {
            format!("`{range}` is no range of versions")
        };
        let mistake = Mistake::undecided(self.project, message).at(place);
        if let Some(base) = self.project.arg("BASE") {
            return Ok((base.to_owned(), "as the client says".to_owned()));
        }
        let newest = "for example `\"node\": \">=22\"`; an image of your own is ";
        Err(mistake
            .help_giving([newest], [Given::Arg("BASE", "IMAGE")])
            .into())
    }

    /// Lists the variables of .npmrc that are secrets.
    fn secrets(&self) -> Vec<String> {
        let text = self.project.text_beside(".npmrc").unwrap_or_default();
        let mut found: Vec<String> = Vec::new();
        for part in text.split("${").skip(1) {
            let name = part.split(['}', '-', ':', '?']).next().unwrap_or_default();
            let is_name = !name.is_empty()
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
                && !name.as_bytes()[0].is_ascii_digit();
            if is_name && !found.iter().any(|one| one == name) {
                found.push(name.to_owned());
            }
        }
        found
    }

    /// Returns the address of the sources.
    fn repository(&self) -> Option<String> {
        let repository = &self.package["repository"];
        let url = repository.as_str().or(repository["url"].as_str())?;
        let url = url.trim_start_matches("git+").trim_end_matches(".git");
        let path = url
            .strip_prefix("git://github.com/")
            .or_else(|| url.strip_prefix("github:"));
        let path = path.or_else(|| url.strip_prefix("git@github.com:"));
        let url = path.map_or_else(
            || url.to_owned(),
            |path| format!("https://github.com/{path}"),
        );
        url.starts_with("https://").then_some(url)
    }

    /// Tells whether the project is a site of files, with what makes it and the folder of the files.
    fn site(&self) -> Option<(&'static str, &'static str)> {
        self.script("build")?;
        let start = self.script("start").map(first_word);
        if self.project.arg("CMD").is_some()
            || start.is_some_and(|word| !FOR_DEVELOPERS.contains(&word))
        {
            return None;
        }
        let is_server = [
            "express",
            "fastify",
            "koa",
            "next",
            "nuxt",
            "@nestjs/core",
            "hono",
        ]
        .iter()
        .any(|name| self.needs(name));
        if is_server {
            return None;
        }
        SITES.into_iter().find(|(tool, _)| self.needs(tool))
    }

    fn no_site_in_workspace(&self) -> Mistake {
        Mistake::undecided(
            self.project,
            "a site in a workspace can't be built without a Stagefile",
        )
        .help("begin with `use: std.static-site`, or give it a lock file of its own")
    }

    /// Returns what starts the one program that the package offers, or the one that is called as it.
    fn own_program(&self) -> Option<String> {
        let bin = &self.package["bin"];
        let name = self.package["name"]
            .as_str()
            .and_then(|name| name.rsplit('/').next());
        let named = || bin.get(name?)?.as_str();
        let only = || {
            bin.as_object()
                .filter(|all| all.len() == 1)?
                .values()
                .next()?
                .as_str()
        };
        let path = bin.as_str().or_else(named).or_else(only)?;
        Some(format!("node {}", path.trim_start_matches("./")))
    }

    /// Decides how the program is started.
    fn start(&self) -> Result<Start, Stop> {
        let start = |command: &str, why: &str| Start {
            command: command.to_owned(),
            why: why.to_owned(),
            needs_shell: needs_shell(command),
        };
        if let Some(command) = self.project.arg("CMD") {
            return Ok(start(command, "as the client says"));
        }
        if self.needs("nuxt") {
            return Ok(start("node .output/server/index.mjs", "what Nuxt builds"));
        }
        if let Some(script) = self.script("start") {
            let place = json_place(self.project.text, &["scripts", "start"]);
            // A start script that builds first has been built already.
            let parts = script.split("&&").filter(|part| !is_build(part));
            let command = parts.map(str::trim).collect::<Vec<_>>().join(" && ");
            let command = command
                .strip_prefix("NODE_ENV=production ")
                .unwrap_or(&command)
                .trim();
            let word = first_word(command);
            let is_for_developers = FOR_DEVELOPERS.contains(&word) || self.is_for_development(word);
            if let Some(path) = self.own_program().filter(|_| is_for_developers) {
                return Ok(start(&path, "`bin`; the `start` script is for development"));
            }
            if is_for_developers {
                let mistake = Mistake::undecided(
                    self.project,
                    format!("the `start` script is for development: `{word}` isn't in the image"),
                );
                return Err(mistake
                    .at(place)
                    .help_giving(
                        [
                            "say what starts the program: ",
                            ", or a `start` script that does",
                        ],
                        [Given::Arg("CMD", "'node server.js'")],
                    )
                    .into());
            }
            if needs_shell(command) {
                return Ok(start(
                    &with_exec(command),
                    "the `start` script, without npm, which would keep signals from it",
                ));
            }
            let command = if ["node", "npm", "npx", "yarn", "pnpm"].contains(&word) {
                command.to_owned()
            } else {
                format!("node_modules/.bin/{command}")
            };
            return Ok(start(
                &command,
                "the `start` script, without npm, which would keep signals from it",
            ));
        }
        let bin = &self.package["bin"];
        if let Some(path) = self.own_program() {
            return Ok(start(&path, "`bin`"));
        }
        if let Some(main) = self.package["main"]
            .as_str()
            .filter(|main| !main.contains(char::is_whitespace))
        {
            return Ok(start(
                &format!("node {}", main.trim_start_matches("./")),
                "`main`",
            ));
        }
        if let Some(main) = MAINS.into_iter().find(|main| self.project.has_beside(main)) {
            return Ok(start(
                &format!("node {main}"),
                "a file of this name is there",
            ));
        }
        let mistake = Mistake::undecided(
            self.project,
            "nothing says how the program is started: there is no `start` script, `main`, or server.js",
        );
        let mistake = match bin.as_object() {
            Some(all) => mistake.help(format!(
                "`bin` has several programs: {}",
                all.keys()
                    .map(String::as_str)
                    .collect::<Vec<_>>()
                    .join(", ")
            )),
            None => mistake,
        };
        Err(mistake
            .help_giving(
                ["add a `start` script, or say it: "],
                [Given::Arg("CMD", "'node server.js'")],
            )
            .into())
    }

    /// Returns the folder that the build fills, and the list of files that the image has besides.
    fn built(&self, command: &str) -> (String, String) {
        let data = DATA.into_iter().filter(|folder| {
            self.project
                .files
                .has_directory(&self.project.beside(folder))
        });
        let mut files = vec!["package.json".to_owned()];
        files.extend(data.map(|folder| format!("{folder}/**")));
        if self.needs("next") {
            files.push("next.config.*".to_owned());
            return (".next".to_owned(), user_list(&files));
        }
        let program = command.split_whitespace().find(|word| {
            word.contains('/') && !word.starts_with("node_modules/") && !word.starts_with('-')
        });
        let folder = program.and_then(|path| path.trim_start_matches("./").split('/').next());
        match folder {
            Some(folder) if BUILT.contains(&folder) => (folder.to_owned(), user_list(&files)),
            // The program is a source; what is built is beside it.
            _ => ("dist".to_owned(), "[\"**\"]".to_owned()),
        }
    }

    /// Lists the sources that are known.
    fn sources(&self) -> Vec<&'a str> {
        let main = self.package["main"]
            .as_str()
            .map(|main| main.trim_start_matches("./"));
        let paths = MAINS.into_iter().chain(main);
        paths
            .filter_map(|path| self.project.text_beside(path))
            .collect()
    }
}

fn image_of(major: &str) -> String {
    let is_old = major.parse::<u32>().is_ok_and(|major| major < 16);
    format!("node:{major}-{}slim", if is_old { "" } else { "bookworm-" })
}

fn first_word(command: &str) -> &str {
    let mut words = command.split_whitespace();
    words
        .find(|word| !word.contains('=') && *word != "cross-env")
        .unwrap_or_default()
}

fn is_build(command: &str) -> bool {
    let command = command.trim();
    [
        "npm run build",
        "yarn build",
        "yarn run build",
        "pnpm build",
        "pnpm run build",
        "tsc",
    ]
    .contains(&command)
}

/// Has the last program of a command take the shell's place, so that it receives the signals.
pub(crate) fn with_exec(command: &str) -> String {
    let (before, last) = match command.rsplit_once("&&") {
        Some((before, last)) => (format!("{before}&& "), last.trim()),
        None => (String::new(), command),
    };
    if last.contains(['|', ';', '&', '(']) || last.contains("exec ") {
        return command.to_owned();
    }
    // Variables before a program are before `exec`, too.
    let word = first_word(last);
    let at = last.find(word).unwrap_or(0);
    format!("{before}{}exec {}", &last[..at], &last[at..])
}

/// Tells whether a command is more than words.
pub(crate) fn needs_shell(command: &str) -> bool {
    command.contains(['$', '|', '&', ';', '<', '>', '`', '"', '\'', '*', '('])
        || first_word(command) != command.split_whitespace().next().unwrap_or_default()
}
