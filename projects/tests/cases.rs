//! Snapshot tests: every file of `cases` has a project, and its Stagefile or what can't be decided.
//!
//! The first line has the client's options: the path of the manifest, and build arguments. Then come the files, each
//! below a line with its path: `-- go.mod --`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use stagefile_projects::{Answer, Entry, Files, Project, generate};
use stagefile_text::pattern::Pattern;

/// The maximum number of times that a rule may ask for more files.
const MAX_LOOKS: usize = 3;

struct Case {
    path: String,
    args: BTreeMap<String, String>,
    files: BTreeMap<String, String>,
}

impl Case {
    fn read(text: &str) -> Self {
        let (first, rest) = text.split_once('\n').expect("two lines");
        let mut words = first.split_whitespace();
        let path = words.next().expect("a path").to_owned();
        let args = words.map(|word| word.split_once('=').expect("a value"));
        let args = args.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let mut files: BTreeMap<String, String> = BTreeMap::new();
        let mut current = None;
        for line in rest.lines() {
            let name = line
                .strip_prefix("-- ")
                .and_then(|line| line.strip_suffix(" --"));
            if let Some(name) = name {
                files.insert(name.to_owned(), String::new());
                current = Some(name.to_owned());
            } else if let Some(text) = current.as_ref().and_then(|name| files.get_mut(name)) {
                text.push_str(line);
                text.push('\n');
            }
        }
        Self {
            path,
            args: args.collect(),
            files,
        }
    }

    /// Looks for patterns as a client does: parent directories of files are found, too.
    fn look(&self, patterns: &[String], known: &mut Files) {
        for pattern in patterns {
            let pattern = Pattern::of_copy(pattern);
            for (path, text) in &self.files {
                let ends = path.match_indices('/').map(|(at, _)| &path[..at]);
                for directory in ends.filter(|directory| pattern.matches(directory)) {
                    known.add(directory, Entry::Directory);
                }
                if pattern.matches(path) && !path.ends_with('/') {
                    known.add(path.as_str(), Entry::File(text.clone()));
                }
            }
        }
        known.asked(patterns.iter().cloned());
    }

    fn answer(&self) -> String {
        let mut files = Files::default();
        for _ in 0..=MAX_LOOKS {
            let project = Project {
                path: &self.path,
                text: &self.files[&self.path],
                files: &files,
                args: &self.args,
                frontend: "stagefile/stagefile:dev",
            };
            match generate(&project) {
                Ok(Answer::Look(patterns)) => self.look(&patterns, &mut files),
                Ok(Answer::Generated(generated)) => {
                    let mut text = generated.text;
                    for note in generated.notes {
                        _ = writeln!(text, "# note: {}", note.of_manifest());
                    }
                    return text;
                }
                Err(mistake) => {
                    let line = mistake.text[..mistake.range.start].lines().count().max(1);
                    let (kind, message, file) = (mistake.kind, &mistake.message, &mistake.file);
                    let place = &mistake.text[mistake.range.clone()];
                    let mut text = format!("{kind:?}: {message}\n {file}:{line}: {place}\n");
                    for help in &mistake.help {
                        _ = writeln!(text, " help: {}", help.of_manifest());
                    }
                    return text;
                }
            }
        }
        panic!("{}: asks for ever", self.path);
    }
}

#[test]
fn every_case_is_as_recorded() {
    insta::glob!("cases/*.txt", |path| {
        let case = Case::read(&fs::read_to_string(path).unwrap());
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path("cases");
        settings.set_prepend_module_to_snapshot(false);
        settings.remove_snapshot_suffix();
        settings.remove_input_file();
        settings.set_omit_expression(true);
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        settings.bind(|| insta::assert_snapshot!(name, case.answer()));
    });
}

#[test]
fn what_a_stage_gives_is_named_as_its_inputs() {
    let files = [
        (
            "app/pom.xml",
            "<project>\n<packaging>pom</packaging>\n<modules><module>a</module><module>b</module></modules>\n</project>",
        ),
        (
            "app/a/pom.xml",
            "<project><artifactId>a</artifactId></project>",
        ),
        (
            "app/b/pom.xml",
            "<project><artifactId>b</artifactId></project>",
        ),
    ];
    let case = Case {
        path: String::new(),
        args: BTreeMap::new(),
        files: files
            .map(|(path, text)| (path.to_owned(), text.to_owned()))
            .into(),
    };
    let mut known = Files::default();
    let mistake = loop {
        match stagefile_projects::generate_for("app", &known, &case.args, "x") {
            Ok(Answer::Look(patterns)) => case.look(&patterns, &mut known),
            Ok(Answer::Generated(generated)) => panic!("{}", generated.text),
            Err(mistake) => break mistake,
        }
    };
    assert_eq!(
        mistake.message,
        "app/pom.xml:1: several modules are programs: name one with `with: { MODULE: NAME }`, or as `with: { dir: FOLDER }`, the module's: a, b"
    );
}
