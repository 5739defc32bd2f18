//! Settings of scripts: evaluated, and inherited from file to stage to step.

use std::collections::{BTreeMap, HashSet};
use std::hash::Hash;
use std::net::IpAddr;
use std::rc::Rc;

use super::Planner;
use super::frame::Frame;
use crate::diagnostics;
use crate::expression::Text;
use crate::plan::{
    Cache, Division, Mount, Reach, Secret, Settings, Source, SshAgent, Target, preset,
};
use crate::source::{Span, Spanned};
use crate::syntax::{self, Name, Use};
use crate::value::{HOSTNAME, ID, IDENTIFIER, MOUNT_MODE, NETWORK, SHARING};

impl Planner<'_> {
    /// Returns the position of a file's definitions, as seen from here.
    fn frame_of(&self, module: usize) -> Frame {
        let mut frame = self.frame.clone();
        frame.module = module;
        frame.place.inputs = None;
        frame.place.open = Rc::default();
        frame
    }

    /// Evaluates the settings in one place.
    pub(super) fn settings(&mut self, written: &syntax::Settings) -> Settings {
        Settings {
            workdir: self.optional_path(written.workdir.as_ref()),
            user: self.user(written.user.as_ref()),
            env: self.overrides(&written.env, true),
            shell: written.shell.as_deref().and_then(|shell| self.shell(shell)),
            network: self
                .word("network", written.network.as_ref(), &NETWORK)
                .unwrap_or_default(),
            caches: self.used_caches(&written.caches),
            secrets: written
                .secrets
                .iter()
                .filter_map(|secret| self.secret_use(secret))
                .collect(),
            ssh: written
                .ssh
                .iter()
                .map(|agent| self.ssh_agent(agent))
                .collect(),
            mounts: written
                .mounts
                .iter()
                .filter_map(|mount| self.mount(mount))
                .collect(),
            hosts: self.hosts(&written.hosts),
            limits: self.limits(&written.limits),
            ulimits: self.ulimits(&written.ulimits),
        }
    }

    /// Validates the name of an environment variable.
    pub(super) fn check_environment(&mut self, name: &Name) {
        // A name without letters has been refused already.
        if name.value.contains(['=', '\0']) {
            let allowed = "not empty, without `=`";
            self.found.push(diagnostics::invalid_name(
                "a variable",
                &name.value,
                name.span,
                allowed,
            ));
        }
    }

    fn hosts(&mut self, written: &[(Name, Text)]) -> Vec<(String, IpAddr)> {
        let mut hosts = Vec::new();
        for (name, text) in written {
            if !(HOSTNAME.form.accepts)(&name.value) {
                let wanted = HOSTNAME.form.wanted;
                self.found.push(diagnostics::invalid_name(
                    "a host",
                    &name.value,
                    name.span,
                    wanted,
                ));
            }
            let Some(text) = self.text(text) else {
                continue;
            };
            if let Ok(address) = text.value.parse() {
                hosts.push((name.value.clone(), address));
            } else {
                let wanted = "an IPv4 or IPv6 address";
                self.found.push(diagnostics::invalid_value(
                    "hosts",
                    &text.value,
                    text.span,
                    wanted,
                ));
            }
        }
        hosts
    }

    fn used_caches(&mut self, written: &[Use<syntax::Cache>]) -> Vec<Cache> {
        let mut caches = Vec::new();
        for cache in written {
            match cache {
                // An expression may be a list of names.
                Use::Named(text) if text.single_expression().is_some() => {
                    for name in self.splice(std::slice::from_ref(text)) {
                        caches.extend(self.caches(&Use::Named(name)));
                    }
                }
                cache => caches.extend(self.caches(cache)),
            }
        }
        caches
    }

    fn caches(&mut self, cache: &Use<syntax::Cache>) -> Vec<Cache> {
        match cache {
            Use::Inline(cache, span) => self.cache(None, cache, *span).into_iter().collect(),
            Use::Named(text) => {
                let Some(name) = self.text(text) else {
                    return Vec::new();
                };
                let (module, item) = self.defining(&name.value);
                let file = &self.program.modules[module].file;
                let known = self.index(module).caches.get(item).copied();
                if let Some((_, cache)) = known {
                    let frame = self.frame_of(module);
                    // A cache has a single name, whichever file uses it.
                    let whole = self.program.modules[module].name_of(item);
                    let cache = self.within(frame, |planner| {
                        planner.cache(Some(&whole), cache, name.span)
                    });
                    return cache.into_iter().collect();
                }
                if let Some(preset) = preset::find(&name.value) {
                    return preset.caches(name.span);
                }
                if file.is_broken(item) {
                    return Vec::new();
                }
                let defined = file.caches.iter().map(|(one, _)| one.value.as_str());
                self.found.push(diagnostics::unknown_cache(
                    &name.value,
                    name.span,
                    defined,
                    &preset::names(),
                ));
                Vec::new()
            }
        }
    }

    fn cache(&mut self, name: Option<&str>, cache: &syntax::Cache, span: Span) -> Option<Cache> {
        let target = self.optional_path(cache.target.as_ref());
        let (reach, divisions) = self.divisions(&cache.per);
        let cache = Cache {
            reach,
            divisions,
            from: self.cache_content(cache),
            span,
            name: name
                .map(str::to_owned)
                .or_else(|| target.clone())
                .unwrap_or_default(),
            id: self.value("id", cache.id.as_ref(), &IDENTIFIER),
            target: Target::Path(target.clone().unwrap_or_default()),
            sharing: self
                .word("sharing", cache.sharing.as_ref(), &SHARING)
                .unwrap_or_default(),
            // Only the tool knows.
            is_divisible: false,
            mode: self.value("mode", cache.mode.as_ref(), &MOUNT_MODE),
            uid: self.value("uid", cache.uid.as_ref(), &ID),
            gid: self.value("gid", cache.gid.as_ref(), &ID),
            env: Vec::new(),
            files: Vec::new(),
        };
        target.map(|_| cache)
    }

    /// Evaluates the subdivisions of a cache. Only an expression is a value: an unknown word doesn't subdivide anything, and is
    /// probably a typo.
    fn divisions(&mut self, per: &[Text]) -> (Reach, Vec<Division>) {
        let mut reach = Reach::default();
        let mut divisions = Vec::new();
        for text in per {
            match text.constant() {
                Some("project") => {}
                Some("daemon") => reach = Reach::Daemon,
                Some("stage") => divisions.push(Division::Stage),
                Some(other) => {
                    let words = ["project", "stage", "daemon", "${{ … }}"];
                    self.found
                        .push(diagnostics::not_one_of("per", other, text.span(), &words));
                }
                None => divisions.extend(self.string(Some(text)).map(Division::Value)),
            }
        }
        (reach, divisions)
    }

    /// Resolves the initial content of a cache.
    fn cache_content(&mut self, cache: &syntax::Cache) -> Option<(Spanned<Source>, String)> {
        let Some(origin) = &cache.from else {
            if let Some(path) = self.optional(cache.path.as_ref()) {
                let wanted = "a directory of `from`, which has to stand beside it";
                self.found.push(diagnostics::invalid_value(
                    "path",
                    &path.value,
                    path.span,
                    wanted,
                ));
            }
            return None;
        };
        let source = self.source(Some(origin), cache.span);
        let path = match &cache.path {
            Some(path) => self.source_path(path)?.value,
            None => "/".to_owned(),
        };
        Some((source?, path))
    }

    fn secret_use(&mut self, secret: &Use<syntax::Secret>) -> Option<Secret> {
        match secret {
            Use::Inline(secret, span) => {
                if secret.id.is_none() {
                    self.found.push(diagnostics::missing_key(
                        "id",
                        syntax::keys::SECRET.place,
                        *span,
                    ));
                }
                let id = self.optional(secret.id.as_ref())?;
                Some(self.secret(&id, secret))
            }
            Use::Named(text) => {
                let name = self.text(text)?;
                let (module, item) = self.defining(&name.value);
                let file = &self.program.modules[module].file;
                let known = self.index(module).secrets.get(item).copied();
                let Some((defined, secret)) = known else {
                    if file.is_broken(item) {
                        return None;
                    }
                    let defined = file.secrets.iter().map(|(one, _)| one.value.as_str());
                    self.found
                        .push(diagnostics::unknown_secret(&name.value, name.span, defined));
                    return None;
                };
                let frame = self.frame_of(module);
                Some(self.within(frame, |planner| planner.secret(defined, secret)))
            }
        }
    }

    fn secret(&mut self, name: &Spanned<String>, secret: &syntax::Secret) -> Secret {
        let env = self.optional(secret.env.as_ref());
        if let Some(env) = &env {
            self.check_variable("a variable", env);
        }
        let target = self.optional_path(secret.target.as_ref());
        let file = env.is_none().then(|| default_file(&name.value));
        Secret {
            span: name.span,
            id: self
                .value("id", secret.id.as_ref(), &IDENTIFIER)
                .unwrap_or_else(|| name.value.clone()),
            target: target.or(file),
            env: env.map(|env| env.value),
            mode: self.value("mode", secret.mode.as_ref(), &MOUNT_MODE),
            uid: self.value("uid", secret.uid.as_ref(), &ID),
            gid: self.value("gid", secret.gid.as_ref(), &ID),
            optional: self.flag("optional", secret.optional.as_ref()),
        }
    }

    /// Returns the secrets of the user's own file that are variables: the variables, and the secrets' names.
    pub(super) fn secret_variables(&mut self) -> BTreeMap<String, String> {
        let file = &self.program.main().file;
        let named = file.secrets.iter().filter_map(|(name, secret)| {
            let variable = secret.env.as_ref()?.constant()?;
            Some((variable.to_owned(), name.value.clone()))
        });
        // If several have the same variable, the first one counts.
        named.rev().collect()
    }

    /// Returns the files of the other secrets in the user's own file: the files, and the secrets' names.
    pub(super) fn secret_files(&mut self) -> BTreeMap<String, String> {
        let file = &self.program.main().file;
        let files = file.secrets.iter().filter_map(|(name, secret)| {
            let target = match (&secret.target, &secret.env) {
                (Some(target), _) => target.constant()?.to_owned(),
                (None, None) => default_file(&name.value),
                (None, Some(_)) => return None,
            };
            Some((target, name.value.clone()))
        });
        files.rev().collect()
    }

    fn ssh_agent(&mut self, agent: &syntax::SshAgent) -> SshAgent {
        let id = self.optional(agent.id.as_ref());
        if let Some(id) = id.as_ref().filter(|id| id.value.contains('\0')) {
            let wanted = IDENTIFIER.form.wanted;
            self.found
                .push(diagnostics::invalid_value("id", &id.value, id.span, wanted));
        }
        // An ID may be anything, so otherwise this would only fail when the daemon asks for an agent with this name.
        if let Some(id) = id.as_ref().filter(|id| is_switch(&id.value)) {
            let wanted = "the id of an agent, as in `--ssh`; `default` is the usual one";
            self.refuse("ssh", id, wanted);
        }
        SshAgent {
            span: agent.span,
            id: id.map_or_else(|| "default".to_owned(), |id| id.value),
            target: self.optional_path(agent.target.as_ref()),
            mode: self.value("mode", agent.mode.as_ref(), &MOUNT_MODE),
            uid: self.value("uid", agent.uid.as_ref(), &ID),
            gid: self.value("gid", agent.gid.as_ref(), &ID),
            optional: self.flag("optional", agent.optional.as_ref()),
        }
    }

    fn mount(&mut self, mount: &syntax::Mount) -> Option<Mount> {
        let source = self.source(mount.from.as_ref(), mount.span);
        let path = match &mount.path {
            Some(path) => self.source_path(path)?.value,
            None => "/".to_owned(),
        };
        let target = self.optional_path(mount.to.as_ref());
        let writable = self.flag("rw", mount.rw.as_ref());
        Some(Mount {
            span: mount.span,
            source: source?,
            path,
            pattern: None,
            include: [].into(),
            exclude: [].into(),
            target: target?,
            writable,
        })
    }
}

/// Adds the settings of an inner level to those of an outer one: lists are extended, single values are replaced.
///
/// `network` has a value even if nothing is written, so `network_written` is needed.
pub(super) fn extend(outer: Settings, inner: Settings, network_written: bool) -> Settings {
    let caches = override_caches(outer.caches, inner.caches);
    let mut secrets = outer.secrets;
    if !inner.secrets.is_empty() {
        let replaced = inner.secrets.iter();
        let replaced: HashSet<_> = replaced.map(|one| (&one.target, &one.env)).collect();
        secrets.retain(|other| !replaced.contains(&(&other.target, &other.env)));
    }
    secrets.extend(inner.secrets);
    let mut ulimits = override_by(outer.ulimits, inner.ulimits, |limit| &limit.name.value);
    // As within one level, so that it doesn't matter which level sets what.
    ulimits.sort_by_key(|limit| limit.name.value);
    let ssh = override_by(outer.ssh, inner.ssh, |agent| &agent.id);
    Settings {
        workdir: match (outer.workdir, inner.workdir) {
            (Some(outer), Some(inner)) if !inner.starts_with('/') => {
                Some(format!("{outer}/{inner}"))
            }
            (outer, inner) => inner.or(outer),
        },
        user: inner.user.or(outer.user),
        env: override_by(outer.env, inner.env, |(name, _)| name),
        shell: inner.shell.or(outer.shell),
        network: if network_written {
            inner.network
        } else {
            outer.network
        },
        caches,
        secrets,
        ssh,
        mounts: outer.mounts.into_iter().chain(inner.mounts).collect(),
        hosts: override_by(outer.hosts, inner.hosts, |(name, _)| name),
        limits: outer.limits.extended(inner.limits),
        ulimits,
    }
}

/// Reports whether a word turns something on or off.
fn is_switch(word: &str) -> bool {
    matches!(word, "true" | "false" | "yes" | "no" | "on" | "off")
}

/// Returns the default path of a secret's file.
fn default_file(name: &str) -> String {
    format!("/run/secrets/{name}")
}

/// Adds the values of an inner level to those of an outer one; if two have the same key, the inner one counts.
fn override_by<T, K: Eq + Hash>(
    mut outer: Vec<T>,
    inner: Vec<T>,
    key: impl Fn(&T) -> &K,
) -> Vec<T> {
    if !outer.is_empty() && !inner.is_empty() {
        let replaced: HashSet<&K> = inner.iter().map(&key).collect();
        outer.retain(|one| !replaced.contains(key(one)));
    }
    outer.extend(inner);
    outer
}

/// Adds the caches of an inner level to those of an outer one; if several have the same path, the last one counts.
fn override_caches(mut outer: Vec<Cache>, inner: Vec<Cache>) -> Vec<Cache> {
    if inner.is_empty() {
        return outer;
    }
    outer.extend(inner);
    let mut seen = HashSet::new();
    let is_last = outer.iter().rev().map(|cache| seen.insert(&cache.target));
    let mut is_last: Vec<bool> = is_last.collect();
    outer.retain(|_| is_last.pop().unwrap_or(true));
    outer
}
