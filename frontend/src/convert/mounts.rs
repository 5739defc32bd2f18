//! `RUN --mount`.

use std::collections::{HashMap, HashSet};

use buildkit_dockerfile::{Mistake, Mount as Written, MountKind, Run as WrittenRun, Sharing};

use super::model::{Bind, Cache, CacheDirectory, Mount, Run, Secret, Source, Ssh};
use super::paths;
use super::reader::{Current, Reader};
use super::template::Template;

impl Reader<'_> {
    /// Reads the mounts of a `RUN`.
    pub(super) fn mounts(
        &mut self,
        current: &Current,
        written: &WrittenRun,
        run: &mut Run,
    ) -> Result<(), String> {
        for text in &written.mounts {
            // Values with expressions are replaced by placeholders, and restored later.
            let mut values: Vec<Template> = Vec::new();
            let mut expand = |value: &str| {
                let value = self.word(current, value).map_err(Mistake::new)?;
                if let Some(constant) = value.constant() {
                    return Ok(constant.to_owned());
                }
                values.push(value);
                Ok(format!("\u{e002}{}\u{e003}", values.len() - 1))
            };
            let mount = Written::read(text, &mut expand).map_err(|mistake| mistake.message)?;
            let back = |text: &str| restored(text, &values);
            self.mount(current, &mount, run, &back)?;
        }
        Ok(())
    }

    fn mount(
        &mut self,
        current: &Current,
        mount: &Written,
        run: &mut Run,
        back: &dyn Fn(&str) -> Template,
    ) -> Result<(), String> {
        let some = |text: &str| (!text.is_empty()).then(|| back(text));
        let target = back(&mount.target);
        match mount.kind {
            MountKind::Bind => {
                let from = self.source(&mount.from, current)?;
                let source = back(&mount.source);
                if from == Source::Context
                    && let Some(path) = as_bind(current, &mount.source, &mount.target)
                {
                    run.binds.push(Bind {
                        path: Template::text(path),
                        exclude: Vec::new(),
                        rw: !mount.readonly,
                    });
                    return Ok(());
                }
                run.mounts.push(Mount {
                    path: match source.constant() {
                        Some(path) if from == Source::Context => match paths::tidied(path) {
                            path if path == "." => Template::default(),
                            path => Template::text(path),
                        },
                        Some("" | "/" | ".") => Template::default(),
                        _ => source,
                    },
                    from,
                    to: place(current, &target),
                    rw: !mount.readonly,
                });
            }
            MountKind::Cache => {
                let from = match self.source(&mount.from, current)? {
                    Source::Context => None,
                    from => Some(from),
                };
                let path = back(&mount.source);
                run.caches.push(Cache::Directory(Box::new(CacheDirectory {
                    target: place(current, &target),
                    sharing: match mount.sharing {
                        Some(Sharing::Locked) => Some("locked"),
                        Some(Sharing::Private) => Some("private"),
                        Some(Sharing::Shared) | None => None,
                    },
                    id: some(&mount.id),
                    path: if from.is_some() {
                        path
                    } else {
                        Template::default()
                    },
                    from,
                    mode: mount.mode,
                    uid: mount.uid,
                    gid: mount.gid,
                })));
            }
            MountKind::Tmpfs => run.tmpfs.push((
                paths::joined(current.at.workdir.as_ref(), &target),
                mount.size,
            )),
            MountKind::Secret => {
                let secret = secret(mount, back)?;
                run.secret_variables.extend(secret.env.clone());
                run.secrets.push(self.secrets.name(secret));
            }
            MountKind::Ssh => run.ssh.push(Ssh {
                id: some(&mount.id).filter(|id| id.constant() != Some("default")),
                target: some(&mount.target),
                mode: mount.mode,
                uid: mount.uid,
                gid: mount.gid,
                optional: !mount.required,
            }),
        }
        Ok(())
    }
}

/// The secrets of a file, each with a unique name.
#[derive(Default)]
pub(super) struct Secrets {
    pub all: Vec<Secret>,
    /// The names by secret; the secret's own name is its ID here.
    named: HashMap<Secret, String>,
    taken: HashSet<String>,
    /// The last number used for each ID.
    numbers: HashMap<String, usize>,
}

impl Secrets {
    /// Names a secret after its ID, with a number if the name is taken.
    fn name(&mut self, asked: Secret) -> String {
        if let Some(name) = self.named.get(&asked) {
            return name.clone();
        }
        let wanted = word(&asked.name);
        let mut name = wanted.clone();
        while !self.taken.insert(name.clone()) {
            let number = self.numbers.entry(wanted.clone()).or_insert(1);
            *number += 1;
            name = format!("{wanted}-{number}");
        }
        self.named.insert(asked.clone(), name.clone());
        self.all.push(Secret {
            id: (asked.name != name).then(|| asked.name.clone()),
            name: name.clone(),
            ..asked
        });
        name
    }
}

/// Returns the path of a mount: a relative one is resolved against the working directory of the
/// script.
fn place(current: &Current, target: &Template) -> Template {
    match &current.at.workdir {
        None => target.clone(),
        workdir => paths::joined(workdir.as_ref(), target),
    }
}

/// Converts an ID to a name.
fn word(id: &str) -> String {
    let name: String = id
        .chars()
        .map(|letter| {
            if letter.is_ascii_alphanumeric() || letter == '_' {
                letter
            } else {
                '-'
            }
        })
        .collect();
    match name.trim_start_matches(['-', '_']) {
        "" => "secret".to_owned(),
        name => name.to_owned(),
    }
}

fn secret(mount: &Written, back: &dyn Fn(&str) -> Template) -> Result<Secret, String> {
    let id = if mount.id.is_empty() {
        mount.source.as_str()
    } else {
        mount.id.as_str()
    };
    let id = if id.is_empty() {
        paths::name(&mount.target)
    } else {
        id
    };
    let Some(id) = back(id).constant().map(str::to_owned) else {
        return Err("the id of a secret depends on the build here, which a Stagefile can't say; write the id itself".to_owned());
    };
    let target = if mount.target.is_empty() || mount.target == format!("/run/secrets/{id}") {
        None
    } else {
        let target = back(&mount.target);
        let is_relative = !mount.target.starts_with(['/', '\u{e002}']);
        Some(if is_relative {
            paths::joined(Some(&Template::text("/run/secrets")), &target)
        } else {
            target
        })
    };
    Ok(Secret {
        name: id,
        id: None,
        target,
        env: mount.env.clone(),
        mode: mount.mode.filter(|mode| *mode != 0o400),
        uid: mount.uid.filter(|id| *id != 0),
        gid: mount.gid.filter(|id| *id != 0),
        optional: !mount.required,
    })
}

/// Returns the path for `bind`, if it is mounted where it would be copied.
fn as_bind(current: &Current, source: &str, target: &str) -> Option<String> {
    if source.contains('\u{e002}') || target.contains('\u{e002}') {
        return None;
    }
    let workdir = current.at.workdir.as_ref();
    let to = paths::joined(workdir, &Template::text(target));
    let path = paths::tidied(source);
    let expected = if path == "." {
        workdir.cloned()
    } else {
        Some(paths::joined(workdir, &Template::text(paths::name(&path))))
    };
    let cleaned = |path: Template| match path.constant() {
        Some(path) => Template::text(stagefile_text::paths::clean(path)),
        None => path,
    };
    let to = cleaned(to);
    let is_content = target.trim_end_matches('/') == "." || target.is_empty();
    if expected.map(&cleaned) == Some(to.clone()) || workdir.is_none() && path == "." && is_content
    {
        return Some(path);
    }
    // The content of a directory, as the working directory of the script.
    let is_workdir = workdir.is_some_and(|workdir| cleaned(workdir.clone()) == to)
        || workdir.is_none() && is_content;
    (is_workdir && path != ".").then(|| format!("{path}/"))
}

/// Restores values that were replaced by placeholders.
fn restored(text: &str, values: &[Template]) -> Template {
    let mut restored = Template::default();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\u{e002}') {
        restored.push_str(before);
        let (number, after) = after.split_once('\u{e003}').unwrap_or((after, ""));
        if let Some(value) = number
            .parse::<usize>()
            .ok()
            .and_then(|number| values.get(number))
        {
            restored.push_template(value);
        }
        rest = after;
    }
    restored.push_str(rest);
    restored
}
