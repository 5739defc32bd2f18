//! `base`: the config of a stage's base.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use buildkit_image_config::ImageConfig;
use cel::Value;
use cel::objects::{Key, Map};
use stagefile_text::paths;

use super::Inputs;

/// The members of `base`.
pub const BASE: [&str; 6] = ["cmd", "entrypoint", "env", "labels", "user", "workdir"];
/// The variable that processes have even if the image doesn't set it.
const PATH: &str = "PATH";

/// The config of a stage's base, if it is known.
#[derive(Clone, Debug, Default)]
pub enum Base {
    /// The name isn't available here.
    #[default]
    Absent,
    /// It isn't known yet.
    Unknown,
    /// The config.
    Known(Rc<Known>),
}

/// A known config. Its values are only computed when an expression uses one, which is rare.
#[derive(Debug)]
pub struct Known {
    config: Rc<ImageConfig>,
    values: OnceCell<Inputs>,
}

impl Base {
    /// Creates a value for a config.
    pub fn from_config(config: Rc<ImageConfig>) -> Self {
        let values = OnceCell::new();
        Self::Known(Rc::new(Known { config, values }))
    }
}

impl Known {
    /// Returns the values of [`BASE`].
    pub fn values(&self) -> &Inputs {
        self.values.get_or_init(|| values(&self.config))
    }

    /// Iterates over the names of the variables and labels.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let container = &self.config.config;
        let variables = container.env.iter();
        let variables = variables.filter_map(|pair| Some(pair.split_once('=')?.0));
        variables.chain(container.labels.keys().map(String::as_str))
    }
}

fn values(config: &ImageConfig) -> Inputs {
    let container = &config.config;
    let pairs = container.env.iter().filter_map(|pair| pair.split_once('='));
    let mut env: HashMap<Key, Value> = pairs.map(|(name, value)| pair(name, value)).collect();
    // Processes in a container always have one.
    let scratch = ImageConfig::scratch(config.platform());
    if let Some(path) = scratch.config.env(PATH) {
        let path = || Value::from(path.to_owned());
        env.entry(Key::from(PATH.to_owned())).or_insert_with(path);
    }
    let labels = container.labels.iter();
    let labels = labels.map(|(name, value)| pair(name, value)).collect();
    let map = |map| Value::Map(Map { map: Arc::new(map) });
    let workdir = paths::clean(&container.working_dir);
    [
        ("cmd", Value::from(container.cmd.clone())),
        ("entrypoint", Value::from(container.entrypoint.clone())),
        ("env", map(env)),
        ("labels", map(labels)),
        ("user", Value::from(container.user.clone())),
        ("workdir", Value::from(workdir)),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

fn pair(name: &str, value: &str) -> (Key, Value) {
    (Key::from(name.to_owned()), Value::from(value.to_owned()))
}
