//! `HEALTHCHECK`.

use std::num::IntErrorKind;

use buildkit_gateway::image_config::Healthcheck;

use super::flags::{Flags, Takes};
use super::parse::at_least_one;
use crate::go;
use crate::mistake::Mistake;
use crate::parser::Node;
use crate::text::Text;

pub(super) fn healthcheck(node: &Node) -> Result<Healthcheck, Mistake> {
    at_least_one(node, "HEALTHCHECK")?;
    let mut check = Healthcheck::default();
    let kind = node.args[0].to_uppercase();
    let args = &node.args[1..];
    if kind == "NONE" {
        if !args.is_empty() {
            return Err(Mistake::new("HEALTHCHECK NONE takes no arguments"));
        }
        check.test = vec![kind];
        return Ok(check);
    }
    let known = [
        "interval",
        "timeout",
        "start-period",
        "start-interval",
        "retries",
    ]
    .map(|name| (name, Takes::Value));
    let mut flags = Flags::read(&node.flags, &known)?;
    if kind != "CMD" {
        return Err(Mistake::new(format!(
            "Unknown type {} in HEALTHCHECK (try CMD)",
            go::quote(&kind)
        )));
    }
    if args.is_empty() {
        return Err(Mistake::new("Missing command after HEALTHCHECK CMD"));
    }
    check.test = if node.json {
        std::iter::once(kind)
            .chain(args.iter().map(Text::to_string))
            .collect()
    } else {
        vec!["CMD-SHELL".to_owned(), args.join(" ")]
    };
    let mut interval = |name: &str| {
        let value = flags.value(name);
        if value.is_empty() {
            return Ok(0);
        }
        let duration = go::parse_duration(&value).map_err(Mistake::new)?;
        if duration != 0 && duration < 1_000_000 {
            return Err(Mistake::new(format!(
                "Interval {} cannot be less than 1ms",
                go::quote(name)
            )));
        }
        Ok(duration)
    };
    check.interval = interval("interval")?;
    check.timeout = interval("timeout")?;
    check.start_period = interval("start-period")?;
    check.start_interval = interval("start-interval")?;
    let retries = flags.value("retries");
    if !retries.is_empty() {
        check.retries = retries.parse::<i32>().map(i64::from).map_err(|error| {
            let problem = match error.kind() {
                IntErrorKind::PosOverflow | IntErrorKind::NegOverflow => "value out of range",
                _ => "invalid syntax",
            };
            Mistake::new(format!(
                "strconv.ParseInt: parsing {}: {problem}",
                go::quote(&retries)
            ))
        })?;
        if check.retries < 0 {
            return Err(Mistake::new(format!(
                "--retries cannot be negative ({retries})"
            )));
        }
    }
    Ok(check)
}
