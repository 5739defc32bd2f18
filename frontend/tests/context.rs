//! The build context: paths that a file uses, but that don't exist or are ignored.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use buildkit_llb::Platform;
use stagefile::tools::folder::Folder;
use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::driver::check;
use stagefile_language::plan::{Action, Request};
use stagefile_language::source::Source;

/// Makes a directory with files at these paths; a path with `->` is a link.
fn directory(files: &[&str]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a folder");
    for file in files {
        let (path, target) = file.split_once(" -> ").unwrap_or((file, ""));
        let path = directory.path().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        if target.is_empty() {
            fs::write(path, "").expect("a file");
        } else {
            std::os::unix::fs::symlink(target, path).expect("a link");
        }
    }
    directory
}

fn request() -> Request {
    let platform = Platform::new("linux", "amd64");
    Request {
        contexts: Some(BTreeSet::new()),
        ..Request::new(platform)
    }
}

/// Checks a file in a directory, and returns what is reported.
fn report(text: &str, directory: &Path) -> String {
    let mut checked = check(&Source::new("Stagefile", text), &request());
    assert!(!checked.found.has_errors(), "{}", checked.report());
    let mut plan = checked.plan.take().expect("a plan");
    plan.want_all();
    let folder = Folder::open(directory, &directory.join("Stagefile")).expect("a folder");
    folder.check(&plan, &mut checked.found);
    checked.report()
}

/// If the whole context is used, directories that no build needs are reported, unless an ignore file excludes
/// something.
#[test]
fn a_context_as_a_whole() {
    let file = |step: &str| {
        format!("stages:\n  app:\n    from: busybox:1.35\n    steps:\n      - {step}\n")
    };
    let all = directory(&[".git/HEAD", "node_modules/a/index.js", "src/main.js"]);
    for step in ["copy: .", "{ run: ls, bind: . }"] {
        let said = report(&file(step), all.path());
        assert!(
            said.contains(
                "warning[whole-context]: the whole build context includes `.git`, `node_modules`"
            ),
            "{said}"
        );
    }
    for step in [
        "copy: src",
        "{ copy: ., exclude: [.git] }",
        "{ run: ls, bind: src }",
    ] {
        assert_eq!(report(&file(step), all.path()), "", "{step}");
    }
    let ignoring = directory(&[".git/HEAD"]);
    fs::write(ignoring.path().join(".dockerignore"), ".git\n").expect("a file");
    assert_eq!(report(&file("copy: ."), ignoring.path()), "");
    let small = directory(&["src/main.js"]);
    assert_eq!(report(&file("copy: ."), small.path()), "");
}

#[test]
fn paths_that_are_there() {
    let directory = directory(&[
        "src/main.rs",
        "app/[slug]/page.tsx",
        "link -> src",
        "lib/keep",
        "lib/drop",
        "a.json",
    ]);
    fs::write(directory.path().join(".dockerignore"), "lib\n!lib/keep\n").unwrap();
    let text = "
templates:
  copies: { steps: [{ copy: src/ }] }
stages:
  app:
    from: busybox:1.35
    steps:
      - copy: [src, ./src/main.rs, /a.json, '*.json', lib, lib/keep, '.']
      - copy: app/[slug]
        glob: false
      - copy: [link/main.rs, link/*.rs, 's?c/*']
      - copy: [none, 'none/*']
        optional: true
      - run: ls
        bind: [., src/main.rs, '*.json']
        mounts: { path: lib, to: /lib }
        caches: { target: /c, from: context, path: src }
      - use: copies
";
    assert_eq!(report(text, directory.path()), "");
}

#[test]
fn an_ignore_file_that_is_broken() {
    let directory = directory(&["a"]);
    fs::write(directory.path().join(".dockerignore"), "b\n!c\n[-x]\n").unwrap();
    for step in ["copy: .", "copy: a", "{ run: ls, bind: . }"] {
        let text = format!("stages:\n  app:\n    from: busybox:1.35\n    steps:\n      - {step}\n");
        let report = report(&text, directory.path());
        for expected in ["line 3 of .dockerignore is not a pattern", "in `[-x]`"] {
            assert!(report.contains(expected), "{report}");
        }
    }
    let unused = "stages: { app: { from: busybox:1.35 } }";
    assert_eq!(report(unused, directory.path()), "");
}

#[test]
fn paths_that_are_not_there() {
    let directory = directory(&["package.json", "src/index.js", "src/util/a.js"]);
    let text = "
templates:
  copies: { steps: [{ copy: nowhere.txt }] }
stages:
  build:
    from: node:22
    outputs: { dist: /app/dist }
    steps:
      - copy: [pakage.json, src/idnex.js, src/utils/a.js]
      - run: ls
        bind: ['*.lock', src/index.js/x]
      - use: copies
  app:
    from: nginx:1.27
    steps:
      - copy: dist/
        to: /usr/share/nginx/html/
";
    let report = report(text, directory.path());
    for expected in [
        "warning[missing-path]: there is no `pakage.json` in the build context",
        "did you mean `package.json`?",
        "there is no `src/idnex.js` in",
        "did you mean `src/index.js`?",
        "did you mean `src/util/a.js`?",
        "nothing in the build context matches `*.lock`",
        "there is no `src/index.js/x` in",
        "there is no `nowhere.txt` in",
        "used here",
        "there is no `dist` in",
        "if you mean the output, write `from: build.dist`",
        "Stagefile:9:16",
        "Stagefile:9:29",
        "Stagefile:16:15",
    ] {
        assert!(report.contains(expected), "no `{expected}` in\n{report}");
    }
    assert_eq!(report.matches("warning[").count(), 7, "{report}");
}

#[test]
fn paths_that_are_ignored() {
    let directory = directory(&["dist/app.js", "target/app.jar", "debug.log", "a/b/c"]);
    let ignored = "# built elsewhere\n\n/dist/\ntarget/*.jar\n**/*.log\na/**\n";
    let text = "
stages:
  app:
    from: nginx:1.27
    steps:
      - copy: [dist, target/app.jar, 'target/*.jar', debug.log, dist/*.js]
      - copy: dist
        optional: true
      - run: ls
        bind: a/b/c
";
    for (name, file) in [
        (".dockerignore", ".dockerignore"),
        // It replaces the other one.
        ("Stagefile.dockerignore", "Stagefile.dockerignore"),
    ] {
        fs::write(directory.path().join(name), ignored).unwrap();
        let report = report(text, directory.path());
        for (path, pattern, line) in [
            ("dist", "dist", 3),
            ("target/app.jar", "target/*.jar", 4),
            ("debug.log", "**/*.log", 5),
            ("a/b/c", "a/**", 6),
        ] {
            let message =
                format!("error[ignored-path]: `{path}` is excluded from the build context");
            assert!(report.contains(&message), "no `{message}` in\n{report}");
            let label = format!("by `{pattern}` in line {line} of {file}");
            assert!(report.contains(&label), "no `{label}` in\n{report}");
        }
        // Directories exist without those files.
        assert!(
            report.contains("nothing in the build context matches `target/*.jar`"),
            "{report}"
        );
        assert_eq!(report.matches("error[").count(), 5, "{report}");
        fs::write(directory.path().join(".dockerignore"), "nothing").unwrap();
    }
}

#[test]
fn patterns_of_binds() {
    let directory = directory(&[
        "package.json",
        "package-lock.json",
        "secret.json",
        "drop.json",
        "packages/a/package.json",
        "packages/b/package.json",
        "packages/c/other",
    ]);
    fs::write(directory.path().join(".dockerignore"), "drop.*\n").unwrap();
    let text = "
stages:
  app:
    from: node:22
    workdir: /src
    steps:
      - parallel:
          - run: npm ci
            bind:
              - paths: ['*.json', package.json]
                exclude: secret.json
                to: root
              - paths: packages/*/package.json
                parents: true
                rw: true
";
    let checked = check(&Source::new("Stagefile", text), &request());
    let mut plan = checked.plan.unwrap();
    let folder =
        Folder::open(directory.path(), &directory.path().join("Stagefile")).expect("a folder");
    let mut found = Diagnostics::default();
    folder.place_binds(&mut plan, &mut found);
    assert!(!found.has_errors());
    let mounts: Vec<(String, String, bool)> = plan.stages[0]
        .actions()
        .filter_map(|action| match action {
            Action::Run(run) => Some(&run.settings.mounts),
            _ => None,
        })
        .flatten()
        .map(|mount| (mount.path.clone(), mount.target.clone(), mount.writable))
        .collect();
    let expected = [
        ("/package-lock.json", "root/package-lock.json", false),
        ("/package.json", "root/package.json", false),
        ("/package.json", "root/package.json", false),
        ("/packages/a/package.json", "packages/a/package.json", true),
        ("/packages/b/package.json", "packages/b/package.json", true),
    ];
    let expected = expected.map(|(path, target, rw)| (path.to_owned(), target.to_owned(), rw));
    assert_eq!(mounts, expected);

    let text = text.replace("'*.json'", "'*.toml'");
    let checked = check(&Source::new("Stagefile", text), &request());
    let mut found = Diagnostics::default();
    folder.place_binds(&mut checked.plan.unwrap(), &mut found);
    let messages: Vec<&str> = found
        .errors()
        .iter()
        .map(|one| one.message.as_str())
        .collect();
    assert_eq!(messages, ["nothing in the build context matches `*.toml`"]);
}

#[test]
fn many_lines_and_paths_take_no_time() {
    let directory = directory(&["a"]);
    let lines = "**/x*y\n".repeat(20_000);
    fs::write(directory.path().join(".dockerignore"), lines).unwrap();
    let steps = "      - copy: a\n".repeat(2_000);
    let text = format!("stages:\n  app:\n    from: busybox:1.35\n    steps:\n{steps}");
    let start = std::time::Instant::now();
    assert_eq!(report(&text, directory.path()), "");
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}
