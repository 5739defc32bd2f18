//! The environment that a frontend is started with.

use std::collections::BTreeMap;
use std::ffi::OsString;

use buildkit_llb::Platform;
use serde::Deserialize;

use crate::capability::{Capabilities, Worker};
use crate::options::{InvalidOptions, Options};

/// The information that the daemon passes to a frontend in environment variables.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Environment {
    /// The client's options, unparsed.
    pub options: BTreeMap<String, String>,
    /// The ID of the client's session, which provides local directories, secrets and so on.
    pub session_id: String,
    /// The product that includes the daemon, such as `buildkit`.
    pub product: String,
    /// The daemon's workers.
    pub workers: Vec<Worker>,
}

impl Environment {
    /// Reads the environment variables of this process.
    pub fn current() -> Self {
        Self::from_variables(std::env::vars_os())
    }

    /// Reads the given variables. Those that aren't the daemon's are skipped.
    pub fn from_variables(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let mut environment = Self::default();
        for (name, value) in variables {
            let value = || value.to_string_lossy().into_owned();
            match name.to_str() {
                Some("BUILDKIT_SESSION_ID") => environment.session_id = value(),
                Some("BUILDKIT_EXPORTEDPRODUCT") => environment.product = value(),
                Some("BUILDKIT_WORKERS") => environment.workers = workers(&value()),
                Some(name) if is_option(name) => {
                    let option = value();
                    // A value may contain further `=`.
                    let (name, value) = option.split_once('=').unwrap_or((&option, ""));
                    environment
                        .options
                        .insert(name.to_owned(), value.to_owned());
                }
                _ => {}
            }
        }
        environment
    }

    /// Adds options, as sent by a client.
    #[must_use]
    pub fn with_options<N: Into<String>, V: Into<String>>(
        mut self,
        options: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let options = options.into_iter();
        self.options
            .extend(options.map(|(name, value)| (name.into(), value.into())));
        self
    }

    /// Parses the options.
    pub fn parse_options(&self) -> Result<Options, InvalidOptions> {
        Options::parse(self.options.clone())
    }

    /// Returns the platforms to build for: those that the client requests, or else the build
    /// platform.
    pub fn platforms(&self, options: &Options, capabilities: &Capabilities) -> Vec<Platform> {
        if options.platforms.is_empty() {
            vec![self.build_platform(capabilities)]
        } else {
            options.platforms.clone()
        }
    }

    /// Returns the platform on which builds run without emulation: the first one of the first
    /// worker, according to these variables, or else according to the daemon when the connection
    /// was opened.
    pub fn build_platform(&self, capabilities: &Capabilities) -> Platform {
        let mut workers = self.workers.iter().chain(&capabilities.workers);
        let platform = workers.find_map(|worker| worker.platforms.first());
        platform.map_or_else(Platform::host, Platform::normalize)
    }
}

fn is_option(name: &str) -> bool {
    let number = name.strip_prefix("BUILDKIT_FRONTEND_OPT_");
    number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Parses the daemon's JSON. Invalid JSON is treated as missing, since the connection provides the
/// same information.
fn workers(json: &str) -> Vec<Worker> {
    #[derive(Deserialize)]
    struct WorkerJson {
        #[serde(default)]
        id: String,
        #[serde(default)]
        labels: Option<BTreeMap<String, String>>,
        #[serde(default)]
        platforms: Option<Vec<Platform>>,
    }
    let workers: Vec<WorkerJson> = serde_json::from_str(json).unwrap_or_default();
    let worker = |worker: WorkerJson| Worker {
        id: worker.id,
        labels: worker.labels.unwrap_or_default(),
        platforms: worker.platforms.into_iter().flatten().collect(),
    };
    workers.into_iter().map(worker).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment<'text>(
        variables: impl IntoIterator<Item = (&'text str, &'text str)>,
    ) -> Environment {
        Environment::from_variables(
            variables
                .into_iter()
                .map(|(name, value)| (name.into(), value.into())),
        )
    }

    #[test]
    fn reads_what_the_daemon_says() {
        let environment = environment([
            ("PATH", "/bin"),
            ("BUILDKIT_FRONTEND_OPT_0", "build-arg:A=b=c"),
            ("BUILDKIT_FRONTEND_OPT_11", "no-cache"),
            ("BUILDKIT_FRONTEND_OPTIONS", "x=y"),
            ("BUILDKIT_SESSION_ID", "s"),
            ("BUILDKIT_EXPORTEDPRODUCT", "buildkit"),
            (
                "BUILDKIT_WORKERS",
                r#"[{"id":"w","labels":null,"platforms":[{"architecture":"arm64","os":"linux",
                    "variant":"v8"},{"architecture":"amd64","os":"linux"}],"gcPolicy":[]}]"#,
            ),
        ]);
        assert_eq!(environment.options["build-arg:A"], "b=c");
        assert_eq!(environment.options["no-cache"], "");
        assert_eq!(environment.options.len(), 2);
        assert_eq!(
            (
                environment.session_id.as_str(),
                environment.product.as_str()
            ),
            ("s", "buildkit")
        );
        let platform = environment.build_platform(&Capabilities::default());
        assert_eq!(platform.to_string(), "linux/arm64");
    }

    #[test]
    fn the_build_platform_is_always_known() {
        let environment = environment([("BUILDKIT_WORKERS", "not JSON")]);
        let mut capabilities = Capabilities::default();
        assert_eq!(environment.build_platform(&capabilities), Platform::host());
        let platforms = vec![Platform::new("linux", "riscv64")];
        capabilities.workers.push(Worker {
            platforms,
            ..Worker::default()
        });
        assert_eq!(
            environment.build_platform(&capabilities).to_string(),
            "linux/riscv64"
        );
    }
}
