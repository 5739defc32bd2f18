//! package.json: its information on the image, on how to start the program, and on how to build it.

use serde_json::Value;

use super::{BUILT, DATA, FOR_DEVELOPERS, LINES, MAINS, SITES};
use crate::Project;
use crate::data::json_place;
use crate::mistake::{Given, Mistake, Stop};
use crate::range::includes;
use crate::write::user_list;

/// How the program is started.
pub(super) struct Start {
    pub(super) command: String,
    pub(super) why: String,
    pub(super) needs_shell: bool,
    /// Whether it is a program that takes arguments, rather than a service.
    pub(super) is_program: bool,
}

/// A package.json with its project.
pub(super) struct Node<'a, 'p> {
    pub(super) project: &'a Project<'p>,
    pub(super) package: &'a Value,
}

impl<'a> Node<'a, '_> {
    pub(super) fn script(&self, name: &str) -> Option<&'a str> {
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

    /// Selects the image by the requested version.
    pub(super) fn image(&self) -> Result<(String, String), Stop> {
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

    /// Returns the variables in .npmrc that are secrets.
    pub(super) fn secrets(&self) -> Vec<String> {
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

    /// Returns the URL of the sources.
    pub(super) fn repository(&self) -> Option<String> {
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

    /// Returns the generator and the output directory, if the project is a static site.
    pub(super) fn site(&self) -> Option<(&'static str, &'static str)> {
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

    pub(super) fn no_site_in_workspace(&self) -> Mistake {
        Mistake::undecided(
            self.project,
            "a site in a workspace can't be built without a Stagefile",
        )
        .help("begin with `use: std.static-site`, or give it a lock file of its own")
    }

    /// Returns what starts the only program that the package provides, or the one with the package's name.
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
    pub(super) fn start(&self) -> Result<Start, Stop> {
        let start = |command: &str, why: &str| Start {
            command: command.to_owned(),
            why: why.to_owned(),
            needs_shell: needs_shell(command),
            is_program: false,
        };
        let program = |command: &str, why: &str| Start {
            is_program: !needs_shell(command),
            ..start(command, why)
        };
        if let Some(command) = self.project.arg("CMD") {
            return Ok(start(command, "as the client says"));
        }
        if self.needs("nuxt") {
            return Ok(start("node .output/server/index.mjs", "what Nuxt builds"));
        }
        if let Some(script) = self.script("start") {
            let place = json_place(self.project.text, &["scripts", "start"]);
            // If the start script begins with a build, that has been done already.
            let parts = script.split("&&").filter(|part| !is_build(part));
            let command = parts.map(str::trim).collect::<Vec<_>>().join(" && ");
            let command = command
                .strip_prefix("NODE_ENV=production ")
                .unwrap_or(&command)
                .trim();
            let command = &self.direct(command, 0);
            let word = first_word(command);
            let is_for_developers = FOR_DEVELOPERS.contains(&word) || self.is_for_development(word);
            if let Some(path) = self.own_program().filter(|_| is_for_developers) {
                return Ok(program(
                    &path,
                    "`bin`; the `start` script is for development",
                ));
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
            let command =
                if ["node", "npm", "npx", "yarn", "pnpm"].contains(&word) || word.contains('/') {
                    command.to_owned()
                } else {
                    format!("node_modules/.bin/{command}")
                };
            let is_own = self
                .own_program()
                .is_some_and(|own| own == command.replace(" ./", " "));
            let started = start(
                &command,
                "the `start` script, without npm, which would keep signals from it",
            );
            return Ok(Start {
                is_program: is_own && !started.needs_shell,
                ..started
            });
        }
        let bin = &self.package["bin"];
        if let Some(path) = self.own_program() {
            return Ok(program(&path, "`bin`"));
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

    /// Returns the output directory of the build, and the list of additional files for the image; `None` if they are only known
    /// at run time.
    pub(super) fn built(&self, command: &str) -> Option<(String, String)> {
        let data = DATA.into_iter().filter(|folder| {
            self.project
                .files
                .has_directory(&self.project.beside(folder))
        });
        let mut files = vec!["package.json".to_owned()];
        files.extend(data.map(|folder| format!("{folder}/**")));
        if self.needs("next") {
            files.push("next.config.*".to_owned());
            return Some((".next".to_owned(), user_list(&files)));
        }
        let program = command.split_whitespace().find(|word| {
            word.contains('/') && !word.starts_with("node_modules/") && !word.starts_with('-')
        })?;
        let program = program.trim_start_matches("./");
        let folder = program.split('/').next()?;
        // The directory lib may also contain sources, including the program.
        let is_source = folder == "lib" && self.project.has_beside(program);
        (BUILT.contains(&folder) && !is_source).then(|| (folder.to_owned(), user_list(&files)))
    }

    /// Returns the image for the build: with Git, if a dependency is a repository.
    pub(super) fn base(&self, image: &str) -> String {
        let kinds = ["dependencies", "devDependencies", "optionalDependencies"].iter();
        let all = kinds.filter_map(|kind| self.package[*kind].as_object());
        let mut versions = all.flat_map(|all| all.values().filter_map(Value::as_str));
        let is_repository = |version: &str| {
            ["git:", "git+", "git@", "github:", "gitlab:", "bitbucket:"]
                .iter()
                .any(|start| version.starts_with(start))
        };
        if versions.any(is_repository) {
            image.replace("-slim", "")
        } else {
            image.to_owned()
        }
    }

    /// Returns possible file names in the project's own install scripts.
    pub(super) fn hooks(&self) -> Vec<String> {
        let mut found = Vec::new();
        for hook in ["preinstall", "install", "postinstall"] {
            let Some(script) = self.script(hook) else {
                continue;
            };
            let script = self.direct(script, 0);
            for word in script.split([' ', ';', '&', '|', '"', '\'']) {
                let path = word.trim_start_matches("./");
                let is_path = path.contains('/')
                    || [".js", ".cjs", ".mjs", ".ts", ".sh"]
                        .iter()
                        .any(|end| path.ends_with(end));
                let is_outside = path.starts_with(['/', '-', '.'])
                    || path.contains([':', '$', '*', '=', '@'])
                    || path.starts_with("node_modules");
                if is_path && !is_outside {
                    found.push(path.trim_end_matches('/').to_owned());
                }
            }
            if script.contains("prisma") {
                found.push("prisma".to_owned());
            }
        }
        found
    }

    /// Returns the files besides package.json that are needed for installing: patches, and those of the project's own install
    /// scripts.
    pub(super) fn install(&self, hooks: &[String]) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for path in hooks.iter().map(String::as_str).chain(["patches"]) {
            let place = self.project.beside(path);
            let pattern = if self.project.files.has_directory(&place) {
                format!("{path}/**")
            } else if !self.project.files.has(&place) {
                continue;
            } else {
                // A script needs the files next to it.
                path.rsplit_once('/')
                    .map_or(path.to_owned(), |(folder, _)| format!("{folder}/**"))
            };
            if !found.contains(&pattern) {
                found.push(pattern);
            }
        }
        found
    }

    /// Replaces the call of a package manager by what it runs: a program, or another script.
    fn direct(&self, command: &str, depth: u8) -> String {
        let words: Vec<&str> = command.split_whitespace().collect();
        let (name, rest) = match &words[..] {
            ["yarn" | "pnpm", "node", rest @ ..]
            | [
                "npx" | "pnpx" | "yarn" | "pnpm" | "npm",
                "exec" | "--",
                "node",
                rest @ ..,
            ] => ("node", rest),
            ["npm" | "yarn" | "pnpm", "run", name, rest @ ..]
            | ["yarn" | "pnpm", "exec", name, rest @ ..]
            | ["npx" | "pnpx" | "yarn" | "pnpm", name, rest @ ..] => (*name, rest),
            _ => return command.to_owned(),
        };
        let rest = rest.strip_prefix(&["--"]).unwrap_or(rest);
        let is_option = name.starts_with('-')
            || needs_shell(command)
            || ["start", "install", "add", "dlx", "workspace"].contains(&name);
        if is_option || depth > 2 {
            return command.to_owned();
        }
        let runs_script =
            words[0] != "npx" && words[0] != "pnpx" && words[1] != "exec" && name != "node";
        match self.script(name).filter(|_| runs_script) {
            Some(script) if rest.is_empty() => self.direct(script, depth + 1),
            Some(_) => command.to_owned(),
            None => {
                let all: Vec<&str> = std::iter::once(name).chain(rest.iter().copied()).collect();
                all.join(" ")
            }
        }
    }

    /// Returns the known sources.
    pub(super) fn sources(&self) -> Vec<&'a str> {
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

/// Makes the last program of a command replace the shell, so that it receives signals.
pub(crate) fn with_exec(command: &str) -> String {
    let (before, last) = match command.rsplit_once("&&") {
        Some((before, last)) => (format!("{before}&& "), last.trim()),
        None => (String::new(), command),
    };
    if last.contains(['|', ';', '&', '(']) || last.contains("exec ") {
        return command.to_owned();
    }
    // Variables before a program come before `exec`, too.
    let word = first_word(last);
    let at = last.find(word).unwrap_or(0);
    format!("{before}{}exec {}", &last[..at], &last[at..])
}

/// Reports whether a command consists of more than words.
pub(crate) fn needs_shell(command: &str) -> bool {
    command.contains(['$', '|', '&', ';', '<', '>', '`', '"', '\'', '*', '('])
        || first_word(command) != command.split_whitespace().next().unwrap_or_default()
}
