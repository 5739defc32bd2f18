//! Numbers, sizes and limits.

use stagefile_runner::CpuList;

use super::{EXACT, form};
use crate::plan::{Cpus, Memory};

/// The word for no limit.
pub(crate) const UNLIMITED: &str = "unlimited";
/// The minimum memory with which a process can be started, as in Docker.
const LEAST_MEMORY: u64 = 6 << 20;
/// The minimum CPU limit that the kernel accepts, in thousandths of a CPU.
const LEAST_CPUS: u32 = 10;
/// The maximum number of CPUs that a step can request.
const MAX_CPUS: u32 = 1024;
/// The maximum number of retries.
const MAX_TIMES: u32 = 100;

form! {
    /// The number of a user or a group.
    ID: u32 = |text| text.parse().ok();
    name: "number",
    wanted: "a number from 0 to 4294967295",
    pattern: "^\\+?[0-9]+$",
    numbers: Some((0, u32::MAX as u64)),
}

form! {
    /// A count.
    COUNT: u32 = |text| text.parse().ok();
    name: "number",
    wanted: "a number of at least 0",
    pattern: "^\\+?[0-9]+$",
    numbers: Some((0, u32::MAX as u64)),
}

form! {
    /// How often something is tried again.
    TIMES: u32 = times;
    name: "number",
    wanted: "a number of times from 1 to 100",
    pattern: "^\\+?[0-9]{1,3}$",
    numbers: Some((1, MAX_TIMES as u64)),
}

form! {
    /// A process's exit code.
    EXIT_CODE: u8 = |text| text.parse().ok();
    name: "number",
    wanted: "a number from 0 to 255",
    pattern: "^\\+?[0-9]{1,3}$",
    numbers: Some((0, 255)),
}

form! {
    /// A size.
    SIZE: u64 = size;
    name: "size",
    wanted: "a size in bytes, optionally with the suffix k, m or g (KiB, MiB or GiB; MB isn't accepted, since it may mean either)",
    pattern: "^[0-9]+([kKmMgG]([iI][bB])?|[bB])?$",
    numbers: Some((0, EXACT)),
}

form! {
    /// A limit of memory.
    MEMORY: Memory = memory;
    name: "size",
    wanted: "a number of bytes, at least 6m, such as 512m or 2g, or `unlimited`",
    pattern: "^([0-9]+([kKmMgG]([iI][bB])?|[bB])?|unlimited)$",
    numbers: Some((LEAST_MEMORY, EXACT)),
}

form! {
    /// A number of processors.
    CPUS: Cpus = cpus;
    name: "number",
    wanted: "a number of processors, at least 0.01, such as 2 or 0.5, or `unlimited`",
    pattern: "^([0-9]+(\\.[0-9]{1,3})?|unlimited)$",
    numbers: Some((0, MAX_CPUS as u64 - 1)),
}

form! {
    /// A list of processors.
    CPUSET: CpuList = CpuList::parse;
    name: "processors",
    wanted: "numbers and ranges of processors such as 0-3,5, each below 1024",
    pattern: "^[0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*$",
    numbers: Some((0, 1023)),
}

form! {
    /// A limit of a process.
    ULIMIT_VALUE: i64 = number;
    name: "number",
    wanted: "a number of at least 0, or `unlimited`; write two of them as `{ soft: 1, hard: 2 }`",
    pattern: "^([0-9]+|unlimited)$",
    numbers: Some((0, EXACT)),
}

form! {
    /// How something is called outside of the file.
    IDENTIFIER: String = |text| (!text.is_empty() && !text.contains('\0')).then(|| text.to_owned());
    name: "string",
    wanted: "a string that is not empty and has no zero byte",
    pattern: "^[^\\u0000]+$",
    numbers: Some((0, EXACT)),
}

fn times(text: &str) -> Option<u32> {
    let times = text.parse().ok()?;
    (1..=MAX_TIMES).contains(&times).then_some(times)
}

fn size(text: &str) -> Option<u64> {
    let lower = text.to_ascii_lowercase();
    let unit = lower.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let digits = &lower[..lower.len() - unit.len()];
    // `mb` can mean 1000² or 1024².
    let shift = match unit {
        "" | "b" => 0,
        "k" | "kib" => 10,
        "m" | "mib" => 20,
        "g" | "gib" => 30,
        _ => return None,
    };
    let size = digits.parse::<u64>().ok()?.checked_mul(1 << shift)?;
    i64::try_from(size).ok().map(|_| size)
}

fn memory(text: &str) -> Option<Memory> {
    if text == UNLIMITED {
        return Some(Memory::Unlimited);
    }
    let bytes = size(text).filter(|bytes| *bytes >= LEAST_MEMORY)?;
    i64::try_from(bytes).ok().map(Memory::Bytes)
}

fn cpus(text: &str) -> Option<Cpus> {
    if text == UNLIMITED {
        return Some(Cpus::Unlimited);
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || !(1..=3).contains(&fraction.len()) {
        return None;
    }
    let thousandths: u32 = format!("{fraction:0<3}").parse().ok()?;
    let whole: u32 = whole.parse().ok().filter(|whole| *whole < MAX_CPUS)?;
    let all = whole * 1000 + thousandths;
    (all >= LEAST_CPUS).then_some(Cpus::Thousandths(all))
}

/// Parses the value of a ulimit: -1 means none.
fn number(text: &str) -> Option<i64> {
    if text == UNLIMITED {
        return Some(-1);
    }
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (text, expected) in [
            ("0", Some(0)),
            ("12b", Some(12)),
            ("2k", Some(2 << 10)),
            ("250M", Some(250 << 20)),
            ("1GiB", Some(1 << 30)),
            ("250MB", None),
            ("1kb", None),
            ("1bb", None),
            ("1ib", None),
            ("m", None),
            ("", None),
            ("99999999999g", None),
        ] {
            assert_eq!(size(text), expected, "{text}");
        }
    }

    #[test]
    fn amounts_of_memory() {
        for (text, expected) in [
            ("2g", Some(Memory::Bytes(2 << 30))),
            ("6m", Some(Memory::Bytes(6 << 20))),
            ("5m", None),
            ("0", None),
            ("unlimited", Some(Memory::Unlimited)),
            ("-1", None),
            ("8388608t", None),
        ] {
            assert_eq!(memory(text), expected, "{text}");
        }
    }

    #[test]
    fn numbers_of_processors() {
        for (text, expected) in [
            ("2", Some(2000)),
            ("0.5", Some(500)),
            ("1.25", Some(1250)),
            ("0.01", Some(10)),
            ("0.009", None),
            ("0", None),
            (".5", None),
            ("1.", None),
            ("1.0001", None),
            ("1024", None),
            ("1e3", None),
            ("-1", None),
            ("", None),
        ] {
            assert_eq!(cpus(text), expected.map(Cpus::Thousandths), "{text}");
        }
        assert_eq!(Cpus::Thousandths(2000).whole(), Some(2));
        assert_eq!(Cpus::Thousandths(2500).whole(), None);
    }
}
