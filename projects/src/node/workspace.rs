//! npm, pnpm and Yarn workspaces: their members, and the stages in which one of them is built.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::members::{self, Members, listed};
use crate::mistake::{Given, Mistake, Stop};
use crate::write::{Block, Document, literal, scalar, user, user_list};
use crate::{Project, join};

/// Adds the members of a workspace, each of which can be built, to the error for its root.
pub(super) fn of_members(project: &Project<'_>, package: &Value, mistake: Mistake) -> Stop {
    let members = members(project, package);
    if let Err(stop) = project.files.need(members.places(project, "package.json")) {
        return stop;
    }
    let members = members.find(project, "package.json");
    if members.is_empty() {
        return mistake.into();
    }
    mistake
        .help_giving(
            [
                "or build a member of the workspace, as ".to_owned(),
                format!(": {}", listed(&members)),
            ],
            [Given::Module("package.json".to_owned())],
        )
        .into()
}

/// Returns the members that the root of a workspace names: in package.json, or in pnpm's file.
fn members(project: &Project<'_>, package: &Value) -> Members {
    let workspaces = &package["workspaces"];
    let listed = workspaces
        .as_array()
        .or_else(|| workspaces["packages"].as_array());
    let listed = listed.into_iter().flatten();
    let mut patterns: Vec<String> = listed
        .filter_map(|pattern| pattern.as_str().map(str::to_owned))
        .collect();
    let of_pnpm = project.text_beside("pnpm-workspace.yaml");
    let lines = of_pnpm.unwrap_or_default().lines();
    let lines = lines
        .skip_while(|line| !line.starts_with("packages:"))
        .skip(1);
    let items = lines
        .map(|line| line.split(" #").next().unwrap_or_default().trim())
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map_while(|line| line.strip_prefix('-'));
    patterns.extend(items.map(|item| item.trim().trim_matches(['\'', '"']).to_owned()));
    Members::of_list(patterns)
}

/// Returns the directories of other members that a member of a workspace needs and that have a `build` script, each after its own
/// dependencies.
pub(super) fn built_first(
    project: &Project<'_>,
    package: &Value,
    folder: &str,
) -> Result<Vec<String>, Stop> {
    let path = join(folder, "package.json");
    let Some(text) = project.files.text(&path) else {
        return Ok(Vec::new());
    };
    let root = Project {
        path: &path,
        text,
        ..*project
    };
    let members = members(&root, &serde_json::from_str(text).unwrap_or_default());
    project.files.need(members.places(&root, "package.json"))?;
    let members = members.find(&root, "package.json");
    let read = |(path, text): &(&str, &str)| {
        let package: Value = serde_json::from_str(text).ok()?;
        let name = package["name"].as_str()?.to_owned();
        Some((name, (members::folder(path).to_owned(), package)))
    };
    let mut members: BTreeMap<String, (String, Value)> = members.iter().filter_map(read).collect();
    members.retain(|_, (folder, _)| folder != project.folder());
    let mut found = Vec::new();
    visit(package, &mut members, &mut found);
    Ok(found)
}

/// Moves the members that a package needs out of the others, dependencies first, and lists those that are built.
fn visit(package: &Value, others: &mut BTreeMap<String, (String, Value)>, found: &mut Vec<String>) {
    let kinds = ["dependencies", "devDependencies", "optionalDependencies"].iter();
    let names = kinds.filter_map(|kind| package[*kind].as_object());
    for name in names.flat_map(serde_json::Map::keys) {
        let Some((folder, needed)) = others.remove(name) else {
            continue;
        };
        visit(&needed, others, found);
        if needed["scripts"]["build"].is_string() {
            found.push(folder);
        }
    }
}

/// Writes the stages of a workspace member, which shares packages with the other members.
pub(super) fn stages(
    project: &Project<'_>,
    document: &mut Document,
    manager: &str,
    folder: &str,
    builds: &[String],
    install: &[String],
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
    if !install.is_empty() {
        let files = install.iter().map(|path| join(below, path));
        with.push(("files", user_list(&files.collect::<Vec<_>>())));
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
    let build = builds.iter().map(|member| {
        let below = member.strip_prefix(folder).unwrap_or(member);
        let below = word(below.trim_start_matches('/'));
        match manager {
            "pnpm" => format!("pnpm --filter ./{below} run build"),
            "yarn" if builds.len() == 1 => format!("cd {below} && yarn run build"),
            "yarn" => format!("(cd {below} && yarn run build)"),
            _ => format!("npm run build --workspace {below}"),
        }
    });
    let build: Vec<String> = build.map(|line| literal(&line)).collect();
    let build = match &build[..] {
        [line] => scalar(line),
        lines => format!("|\n      {}", lines.join("\n      ")),
    };
    document.stages.push(
        Block::new("build")
            .line("from: packages")
            .line("steps:")
            .line(format!("  - copy: {}", user(&source)))
            .line("    exclude: [\"**/node_modules\"]")
            .line_if(builds.len() > 1, "  # Other members that it needs come first.")
            .line_if(!builds.is_empty(), format!("  - run: {build}"))
            .line_if(!builds.is_empty(), "    network: none")
            .line_if(manager == "npm", "  # What only development needs is removed, without a second download.\n  - run: npm prune --omit=dev --ignore-scripts --offline --no-audit --no-fund\n    network: none"),
    );
}

/// Quotes a path for the shell, if necessary.
fn word(path: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-@+".contains(&byte);
    if path.bytes().all(is_plain) {
        path.to_owned()
    } else {
        format!("'{}'", path.replace('\'', "'\\''"))
    }
}
