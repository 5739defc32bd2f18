//! `RUN`.

use super::flags::{Flags, Takes};
use super::parse::command;
use super::{Run, mount};
use crate::go;
use crate::mistake::Mistake;
use crate::parser::Node;

pub(super) fn run(node: &mut Node) -> Result<Run, Mistake> {
    let known = [
        ("mount", Takes::Values),
        ("network", Takes::Value),
        ("security", Takes::Value),
        ("device", Takes::Values),
    ];
    let mut flags = Flags::read(&node.flags, &known)?;
    let network = flags.value_or("network", "default");
    let security = flags.value_or("security", "sandbox");
    let mounts = flags.values("mount");
    let sources = mounts.iter().map(|mount| mount::source(mount));
    let sources = sources.collect::<Result<_, _>>()?;
    if !["default", "none", "host"].contains(&&*network) {
        let network = go::quote(&network);
        return Err(Mistake::new(format!("invalid network mode {network}")));
    }
    if !["sandbox", "insecure"].contains(&&*security) {
        let security = go::quote(&security);
        return Err(Mistake::new(format!("security {security} is not valid")));
    }
    let devices = flags.values("device");
    let devices = devices.iter().map(|device| self::device(device));
    Ok(Run {
        command: command(node),
        mounts,
        sources,
        network,
        security,
        devices: devices.collect::<Result<_, _>>()?,
    })
}

/// Parses `NAME[,required]`.
fn device(text: &str) -> Result<(String, bool), Mistake> {
    let fields = go::csv_fields(text)
        .map_err(|error| Mistake::new(error).within("failed to parse csv devices"))?;
    let (mut name, mut required) = (String::new(), false);
    for field in fields {
        let (key, value) = match field.split_once('=') {
            Some((key, value)) => (key.to_lowercase(), Some(value)),
            None => (field.to_lowercase(), None),
        };
        match (key.as_str(), value) {
            ("required", None) => required = true,
            ("required", Some(value)) => {
                required = go::parse_bool(value)
                    .ok_or_else(|| Mistake::new(format!("invalid value for {key}: {value}")))?;
            }
            ("name", Some(value)) => {
                if !name.is_empty() {
                    return Err(Mistake::new(format!("device name already set to {name}")));
                }
                value.clone_into(&mut name);
            }
            _ if name.is_empty() => name = field,
            (_, None) => {
                return Err(Mistake::new(format!(
                    "invalid field '{field}' must be a key=value pair"
                )));
            }
            (key, Some(_)) => {
                return Err(Mistake::new(format!("unexpected key '{key}' in '{field}'"))
                    .suggesting(key, ["name", "required"]));
            }
        }
    }
    Ok((name, required))
}
