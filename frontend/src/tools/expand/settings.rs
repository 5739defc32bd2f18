//! Settings of scripts: what a stage or a step sets in addition to what it inherits.

use stagefile_language::plan::preset::{self, Preset};
use stagefile_language::plan::{
    Cache, Cpus, Division, Memory, Mount, Reach, Secret, Settings, Sharing, Source, SshAgent,
    Target,
};
use stagefile_language::source::{Span, Spanned};
use stagefile_language::value;
use stagefile_text::glob;

use super::keys::{Keys, quoted, size, text};
use super::{Writer, rest};
use crate::convert::node::Node;

impl Writer<'_> {
    /// Writes the settings that aren't inherited, except mounts.
    pub(super) fn settings(
        &mut self,
        keys: &mut Keys,
        stage: &str,
        inherited: &Settings,
        whole: &Settings,
    ) {
        let workdir = rest::workdir(inherited.workdir.as_deref(), whole.workdir.as_deref());
        keys.optional("workdir", workdir.as_ref());
        let user = whole.user.as_ref();
        keys.optional("user", user.filter(|_| inherited.user != whole.user));
        keys.overrides(
            "env",
            rest::entries(&inherited.env, &whole.env, PartialEq::eq),
        );
        if let Some(shell) = &whole.shell
            && inherited.shell != whole.shell
        {
            keys.texts("shell", shell);
        }
        if inherited.network != whole.network {
            keys.text("network", value::NETWORK.name(whole.network));
        }
        let caches = self.caches(stage, &inherited.caches, &whole.caches);
        keys.list("caches", caches);
        let secrets = rest::entries(&inherited.secrets, &whole.secrets, rest::same_secret);
        keys.list("secrets", secrets.iter().map(of_secret).collect());
        let ssh = rest::entries(&inherited.ssh, &whole.ssh, rest::same_agent);
        keys.list("ssh", ssh.iter().map(of_agent).collect());
        let mut hosts = Keys::default();
        for (name, address) in rest::entries(&inherited.hosts, &whole.hosts, PartialEq::eq) {
            hosts.text(name, &address.to_string());
        }
        keys.map("hosts", hosts);
        limits(keys, inherited, whole);
    }

    /// Writes mounts as in a stage.
    pub(super) fn mounts(&self, keys: &mut Keys, mounts: &[Mount]) {
        let mounts = mounts.iter().map(|mount| {
            let mut keys = Keys::default();
            if let Some(from) = self.source(&mount.source.value) {
                keys.add("from", from);
            }
            if mount.path != "/" {
                keys.text("path", &mount.path);
            }
            keys.text("to", &mount.target);
            keys.flag("rw", mount.writable);
            Node::Map(keys.0)
        });
        keys.list("mounts", mounts.collect());
    }

    /// Writes the mounts of a step: binds at the end of the list as `bind`, the others as mounts.
    pub(super) fn mounts_and_binds(&self, keys: &mut Keys, mounts: &[Mount]) {
        let is_bind = |mount: &Mount| Bind::new(mount).is_natural;
        let first = mounts.iter().rposition(|mount| !is_bind(mount));
        let first = first.map_or(0, |last| last + 1);
        let needs_bind = |mount: &Mount| {
            mount.pattern.is_some() || !mount.include.is_empty() || !mount.exclude.is_empty()
        };
        // A bind comes after every mount, so everything after the first one that needs a bind is written as binds.
        let forced = mounts.iter().position(needs_bind);
        let (plain, binds) = mounts.split_at(first.min(forced.unwrap_or(first)));
        self.mounts(keys, plain);
        let mut written: Vec<(Vec<Node>, Keys)> = Vec::new();
        for mount in binds {
            let bind = Bind::new(mount);
            let mut options = Keys::default();
            if let Some(from) = self.source(&mount.source.value) {
                options.add("from", from);
            }
            options.optional("to", bind.to.as_ref());
            options.texts("include", &mount.include);
            options.texts("exclude", &mount.exclude);
            options.flag("parents", bind.parents);
            if mount.pattern.is_none() && glob::is_pattern(&mount.path) {
                options.add("glob", Node::bare(false));
            }
            options.flag("rw", mount.writable);
            match written.last_mut() {
                Some((paths, same)) if *same == options => paths.push(text(&bind.path)),
                _ => written.push((vec![text(&bind.path)], options)),
            }
        }
        let binds = written.into_iter().flat_map(|(paths, options)| {
            if options.0.is_empty() {
                return paths;
            }
            let mut keys = Keys::default();
            keys.list("paths", paths);
            keys.0.extend(options.0);
            vec![Node::Map(keys.0)]
        });
        keys.list("bind", binds.collect());
    }

    fn caches(&mut self, stage: &str, inherited: &[Cache], whole: &[Cache]) -> Vec<Node> {
        let mut left = rest::entries(inherited, whole, rest::same_cache);
        let mut nodes = Vec::new();
        while let Some(cache) = left.first() {
            let presets = preset::ALL.iter();
            let presets = presets.filter_map(|preset| Some((preset, covered(preset, left)?)));
            if let Some((preset, count)) = presets.max_by_key(|(_, count)| *count) {
                self.presets.insert(preset.name);
                nodes.push(text(preset.name));
                left = &left[count..];
                continue;
            }
            nodes.push(self.cache(stage, cache));
            left = &left[1..];
        }
        nodes
    }

    fn cache(&mut self, stage: &str, cache: &Cache) -> Node {
        let Target::Path(target) = &cache.target else {
            return self.unwritable(format!(
                "the cache `{}` is where a preset puts it, but is none of a preset's",
                cache.name
            ));
        };
        let mut keys = Keys::default();
        keys.text("target", target);
        keys.optional("id", cache.id.as_ref());
        let mut per = Vec::new();
        if cache.reach == Reach::Daemon {
            per.push(text("daemon"));
        }
        per.extend(cache.divisions.iter().map(|division| match division {
            Division::Stage => text("stage"),
            // Only an expression can be a value here.
            Division::Value(value) => Node::Text(format!("${{{{ {} }}}}", quoted(value))),
        }));
        keys.list("per", per);
        if let Some((source, path)) = &cache.from {
            keys.add(
                "from",
                self.source(&source.value)
                    .unwrap_or_else(|| text("context")),
            );
            if path != "/" {
                keys.text("path", path);
            }
        }
        if cache.sharing != Sharing::default() {
            keys.text("sharing", value::SHARING.name(cache.sharing));
        }
        keys.mode("mode", cache.mode);
        keys.number("uid", cache.uid);
        keys.number("gid", cache.gid);
        if cache.name == *target {
            return Node::Map(keys.0);
        }
        let definitions = self.caches.entry(cache.name.clone()).or_default();
        definitions.push((stage.to_owned(), Node::Map(keys.0)));
        text(&cache.name)
    }
}

/// Counts the caches at the beginning of a list that a preset provides, if it provides some there, and none that aren't in the
/// list.
fn covered(preset: &Preset, caches: &[Cache]) -> Option<usize> {
    let mut count = 0;
    for own in preset.caches(Span::default()) {
        if caches
            .get(count)
            .is_some_and(|cache| rest::same_cache(cache, &own))
        {
            count += 1;
        } else if !caches[count..]
            .iter()
            .any(|cache| cache.target == own.target)
        {
            return None;
        }
    }
    (count > 0).then_some(count)
}

fn of_secret(secret: &Secret) -> Node {
    let mut keys = Keys::default();
    keys.text("id", &secret.id);
    let target = secret.target.as_ref();
    let usual = format!("/run/secrets/{}", secret.id);
    keys.optional(
        "target",
        target.filter(|target| **target != usual || secret.env.is_some()),
    );
    keys.optional("env", secret.env.as_ref());
    keys.mode("mode", secret.mode);
    keys.number("uid", secret.uid);
    keys.number("gid", secret.gid);
    keys.flag("optional", secret.optional);
    Node::Map(keys.0)
}

fn of_agent(agent: &SshAgent) -> Node {
    let mut keys = Keys::default();
    keys.optional("target", agent.target.as_ref());
    keys.mode("mode", agent.mode);
    keys.number("uid", agent.uid);
    keys.number("gid", agent.gid);
    keys.flag("optional", agent.optional);
    if keys.0.is_empty() {
        return text(&agent.id);
    }
    keys.text("id", &agent.id);
    Node::Map(keys.0)
}

fn limits(keys: &mut Keys, inherited: &Settings, whole: &Settings) {
    let (before, after) = (&inherited.limits, &whole.limits);
    let mut limits = Keys::default();
    let memory = |limit: &Option<Spanned<Memory>>| limit.as_ref().map(|limit| limit.value);
    match memory(&after.memory).filter(|_| memory(&before.memory) != memory(&after.memory)) {
        Some(Memory::Bytes(bytes)) => limits.add("memory", size(bytes.unsigned_abs())),
        Some(Memory::Unlimited) => limits.text("memory", "unlimited"),
        None => {}
    }
    let cpus = |limit: &Option<Spanned<Cpus>>| limit.as_ref().map(|limit| limit.value);
    match cpus(&after.cpus).filter(|_| cpus(&before.cpus) != cpus(&after.cpus)) {
        Some(Cpus::Thousandths(all)) => limits.add(
            "cpus",
            Node::Bare(format!("{}.{:03}", all / 1000, all % 1000)),
        ),
        Some(Cpus::Unlimited) => limits.text("cpus", "unlimited"),
        None => {}
    }
    let cpuset = after.cpuset.as_ref().map(|set| set.value.to_string());
    let inherits = before.cpuset.as_ref().map(|set| set.value.to_string()) == cpuset;
    limits.optional("cpuset", cpuset.filter(|_| !inherits).as_ref());
    keys.map("limits", limits);
    let mut ulimits = Keys::default();
    for limit in rest::ulimits(inherited, whole) {
        let number = |value: i64| match value {
            -1 => text("unlimited"),
            value => Node::bare(value),
        };
        let mut both = Keys::default();
        both.add("soft", number(limit.soft));
        both.add("hard", number(limit.hard));
        ulimits.add(limit.name.value, Node::Map(both.0));
    }
    keys.map("ulimits", ulimits);
}

/// The values of a bind.
struct Bind {
    path: String,
    to: Option<String>,
    parents: bool,
    /// Whether a person would have written it as a bind.
    is_natural: bool,
}

impl Bind {
    fn new(mount: &Mount) -> Self {
        let path = mount.path.trim_matches('/');
        let own = if path.is_empty() { "." } else { path };
        let (target, name) = (
            mount.target.as_str(),
            path.rsplit('/').next().unwrap_or_default(),
        );
        let below = target.strip_suffix(name);
        let below = below.filter(|below| below.ends_with('/') && !name.is_empty());
        let (written, to, parents) = if let Some(pattern) = &mount.pattern {
            (own.to_owned(), Some(pattern.to.as_str()), pattern.parents)
        } else if !name.is_empty() && target == name {
            (own.to_owned(), None, false)
        } else if target == path && path.contains('/') {
            (own.to_owned(), None, true)
        } else if let Some(below) = below {
            let below = below.strip_suffix('/').filter(|below| !below.is_empty());
            (own.to_owned(), Some(below.unwrap_or("/")), false)
        } else {
            // The directory's content, at the target itself.
            let to = Some(target).filter(|target| *target != ".");
            let written = if path.is_empty() {
                ".".to_owned()
            } else {
                format!("{path}/")
            };
            (written, to, false)
        };
        Self {
            is_natural: mount.pattern.is_some()
                || to.is_none()
                || !mount.include.is_empty()
                || !mount.exclude.is_empty()
                || mount.source.value == Source::MainContext,
            path: written,
            to: to.filter(|to| !to.is_empty()).map(str::to_owned),
            parents,
        }
    }
}
