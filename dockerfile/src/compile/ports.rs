//! `EXPOSE`.

use std::net::IpAddr;

use super::Compilation;
use crate::go;
use crate::instruction::Instruction;
use crate::lint::rule;
use crate::mistake::Mistake;
use crate::text::Text;

pub(super) fn dispatch(
    compilation: &mut Compilation<'_>,
    index: usize,
    instruction: &Instruction,
    listed: &[Text],
) -> Result<(), Mistake> {
    let mut exposed = Vec::new();
    let mut written = 0;
    for text in listed {
        let settings = compilation.stages[index].settings.clone();
        let words = compilation.lexer.word(text, &settings)?.words;
        written += words.iter().map(String::len).sum::<usize>();
        compilation.check_written(written)?;
        for port in words {
            let before = exposed.len();
            ports(compilation, instruction, &port, &mut exposed)?;
            // A single word can stand for all ports, and an instruction can have any number of
            // words.
            written += exposed[before..].iter().map(String::len).sum::<usize>();
            compilation.check_written(written)?;
        }
    }
    let config = compilation.stages[index].config_mut();
    for port in &exposed {
        config.expose(port);
    }
    compilation.commit(index, format!("EXPOSE [{}]", exposed.join(" ")), false);
    Ok(())
}

/// Parses `[[ADDRESS:]PORTS:]PORTS[/PROTOCOL]`, where `PORTS` is a number or a range.
fn ports(
    compilation: &mut Compilation<'_>,
    instruction: &Instruction,
    text: &str,
    exposed: &mut Vec<String>,
) -> Result<(), Mistake> {
    let mut parts = text.rsplitn(3, ':');
    let container = parts.next().unwrap_or_default();
    let host = parts.next().unwrap_or_default();
    let address = parts.next().unwrap_or_default();
    let (container, protocol) = container.split_once('/').unwrap_or((container, ""));
    let invalid = |what: &str| Mistake::new(format!("invalid port: {}: {what}", go::quote(text)));
    if container.is_empty() {
        return Err(invalid("no port specified"));
    }
    let lower = protocol.to_lowercase();
    let lower = match lower.as_str() {
        "" => "tcp",
        known @ ("tcp" | "udp" | "sctp") => known,
        _ => return Err(invalid(&format!("invalid proto: {protocol}"))),
    };
    if protocol != protocol.to_lowercase() {
        let message =
            format!("Defined protocol '{text}' in EXPOSE instruction should be lowercase");
        compilation.report(instruction, &rule::EXPOSE_PROTO_CASING, message);
    }
    if !address.is_empty() || !host.is_empty() {
        let message = format!(
            "EXPOSE instruction should not define an IP address or host-port mapping, found '{text}'"
        );
        compilation.report(instruction, &rule::EXPOSE_INVALID_FORMAT, message);
    }
    if !address.is_empty() {
        let bare = address
            .strip_prefix('[')
            .and_then(|address| address.strip_suffix(']'))
            .unwrap_or(address);
        if bare.parse::<IpAddr>().is_err() {
            return Err(Mistake::new(format!("invalid IP address: {bare}")));
        }
    }
    let (first, last) = range(container)
        .ok_or_else(|| Mistake::new(format!("invalid containerPort: {container}")))?;
    if !host.is_empty() {
        let (host_first, host_last) =
            range(host).ok_or_else(|| Mistake::new(format!("invalid hostPort: {host}")))?;
        if last - first != host_last - host_first && last != first {
            return Err(Mistake::new(format!(
                "invalid ranges specified for container and host Ports: {container} and {host}"
            )));
        }
    }
    exposed.extend((first..=last).map(|port| format!("{port}/{lower}")));
    Ok(())
}

fn range(text: &str) -> Option<(u16, u16)> {
    let number = |text: &str| {
        let digits = text.strip_prefix('+').unwrap_or(text);
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| digits.parse::<u16>().ok())?
    };
    let (first, last) = match text.split_once('-') {
        None => (text, text),
        Some(range) => range,
    };
    let (first, last) = (number(first)?, number(last)?);
    (first <= last).then_some((first, last))
}
