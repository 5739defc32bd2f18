//! `run` steps: a single process.

use std::collections::HashSet;

use buildkit_llb::{Constrain, Exec, Network, ProxyEnvironment, Security};
use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::plan::{self, Run};
use stagefile_runner::reserved::{ALWAYS, RUNNER, SCRIPT, WINDOW};
use stagefile_runner::{Supervision, VARIABLE};

use super::building::Building;
use super::mounts::file_mount;
use super::runner::Runner;
use super::script::{self, Program};

impl Building<'_> {
    /// Creates the process of a step.
    pub(super) fn exec(
        &self,
        run: &Run,
        workdir: &str,
        user: Option<&str>,
        found: &mut Diagnostics,
    ) -> Exec {
        let client = &self.lowering.options.run;
        let env = self.environment(run);
        let context = self.context(workdir, user.unwrap_or_default(), &env);
        let supervised = self.supervision(run);
        let runner = supervised.as_ref().map(|(runner, _)| *runner);
        let mut exec = self.process(run, runner, found).dir(workdir);
        if let Some(user) = user {
            exec = exec.user(user);
        }
        for (name, value) in &env {
            exec = exec.env(*name, *value);
        }
        if let Some((_, supervision)) = supervised {
            // It is a variable, since clients show all arguments. It comes last, since another variable may have the same name.
            exec = exec.env(VARIABLE, supervision.to_json());
        }
        exec = exec.network(match run.settings.network {
            plan::Network::Default => client.network,
            plan::Network::None => Network::None,
            plan::Network::Host => Network::Host,
        });
        if run.privileged.is_some() {
            exec = exec.security(Security::Insecure);
        }
        if let Some(hostname) = run.hostname.as_ref().or(client.hostname.as_ref()) {
            exec = exec.hostname(hostname);
        }
        for (name, address) in client.hosts.iter().chain(&run.settings.hosts) {
            exec = exec.host(name, *address);
        }
        let successes = &run.supervision.successes;
        if !successes.is_empty() {
            exec = exec.exit_codes(successes.iter().copied().map(i32::from));
        }
        exec = self.lowering.limit(exec, run);
        if client.proxy != ProxyEnvironment::default() {
            exec = exec.proxy(client.proxy.clone());
        }
        exec = self.mount(exec, run, &context, found);
        if let Some(every) = run.every {
            let window = self.lowering.now.as_millis() / every.as_millis().max(1);
            exec = exec.mount(file_mount(WINDOW, &format!("{window}\n"), 0o444));
        }
        if self.no_cache {
            exec.ignore_cache()
        } else if run.always {
            self.always(exec, run)
        } else {
            exec
        }
    }

    /// Makes a process run in every build. If it ignored the cache, the daemon would empty its cache mounts, so if it has any, it
    /// gets a unique value instead.
    fn always(&self, exec: Exec, run: &Run) -> Exec {
        if run.settings.caches.is_empty() || self.lowering.nonce.is_empty() {
            return exec.ignore_cache();
        }
        exec.mount(file_mount(ALWAYS, &self.lowering.nonce, 0o444))
    }

    /// Returns the program, started by ours if it is supervised.
    fn process(&self, run: &Run, supervised: Option<&Runner>, found: &mut Diagnostics) -> Exec {
        let Program { words, file } = self.lowering.program(run, found);
        let exec = if let Some(runner) = supervised {
            Exec::command(RUNNER, words).mount(runner.mount())
        } else {
            let mut words = words.into_iter();
            Exec::command(words.next().unwrap_or_default(), words)
        };
        match file {
            Some(text) => exec.mount(file_mount(SCRIPT, text, 0o755)),
            None => exec,
        }
    }

    /// Returns our own program and its task for a step; `None` if there is none.
    fn supervision(&self, run: &Run) -> Option<(&Runner, Supervision)> {
        let supervision = Supervision {
            affinity: self.lowering.affinity(&run.settings.limits),
            ..run.supervision.clone()
        };
        let runner = self.lowering.runner(self.platform)?;
        supervision.is_needed().then_some((runner, supervision))
    }

    /// Reports whether a process has one of our own files below [`RESERVED`].
    pub(super) fn has_own_mounts(&self, run: &Run) -> bool {
        self.supervision(run).is_some() || script::is_file(run) || run.every.is_some() || run.always
    }

    /// Returns the environment variables of a script: those of the base image, of presets, and of the file.
    pub(super) fn environment<'a>(&'a self, run: &'a Run) -> Vec<(&'a str, &'a str)> {
        let base = self.base_env.iter().filter_map(|pair| pair.split_once('='));
        let presets = run.settings.caches.iter().flat_map(|cache| &cache.env);
        let presets = presets.map(|(name, value)| (name.as_str(), value.as_str()));
        let own = run.settings.env.iter();
        let own = own.map(|(name, value)| (name.as_str(), value.as_deref()));
        let inherited = base.chain(presets);
        let all: Vec<_> = inherited
            .map(|(name, value)| (name, Some(value)))
            .chain(own)
            .collect();
        // A name without a value removes earlier values.
        let mut unset = HashSet::new();
        let mut variables: Vec<_> = all
            .into_iter()
            .rev()
            .filter_map(|(name, value)| {
                if value.is_none() {
                    unset.insert(name);
                }
                value
                    .filter(|_| !unset.contains(name))
                    .map(|value| (name, value))
            })
            .collect();
        variables.reverse();
        variables
    }
}
