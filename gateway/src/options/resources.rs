//! Limits on memory and CPU.

use std::collections::BTreeMap;

use buildkit_llb::LinuxResources;

use super::error::{OptionProblem, Problems};

/// The highest number of a CPU or memory node that BuildKit accepts.
const HIGHEST: u32 = 8192;

/// Parses the seven options; `None` if none is set.
pub(super) fn parse(
    raw: &BTreeMap<String, String>,
    problems: &mut Problems,
) -> Option<LinuxResources> {
    let resources = LinuxResources {
        memory: problems.parse_or_default(raw, "memory", positive),
        memory_swap: problems.parse_or_default(raw, "memswap", positive_or_unlimited),
        cpu_shares: problems.parse_or_default(raw, "cpushares", positive),
        cpu_period: problems.parse_or_default(raw, "cpuperiod", positive),
        cpu_quota: problems.parse_or_default(raw, "cpuquota", positive),
        cpuset_cpus: problems.parse_or_default(raw, "cpusetcpus", cpuset),
        cpuset_mems: problems.parse_or_default(raw, "cpusetmems", cpuset),
    };
    (resources != LinuxResources::default()).then_some(resources)
}

fn positive<T: std::str::FromStr + Default + PartialOrd>(value: &str) -> Result<T, OptionProblem> {
    let number = value.parse().ok().filter(|number| *number > T::default());
    number.ok_or(OptionProblem::NotNumber {
        expected: "a number above 0",
    })
}

fn positive_or_unlimited(value: &str) -> Result<i64, OptionProblem> {
    if value == "-1" {
        return Ok(-1);
    }
    let expected = "a number above 0, or -1 for no limit";
    positive(value).map_err(|_| OptionProblem::NotNumber { expected })
}

/// Validates a set of CPUs or memory nodes, which is passed on unchanged.
fn cpuset(value: &str) -> Result<String, OptionProblem> {
    let number = |text: &str| {
        text.trim()
            .parse()
            .ok()
            .filter(|&number: &u32| number <= HIGHEST)
    };
    let is_valid = |part: &str| match part.split_once('-') {
        None => part.trim().is_empty() || number(part).is_some(),
        Some((first, last)) => number(first)
            .zip(number(last))
            .is_some_and(|(first, last)| first <= last),
    };
    if value.split(',').all(is_valid) {
        Ok(value.to_owned())
    } else {
        Err(OptionProblem::NotCpuset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_one(
        name: &str,
        value: &str,
    ) -> Result<Option<LinuxResources>, super::super::InvalidOptions> {
        let mut problems = Problems::default();
        let raw = BTreeMap::from([(name.to_owned(), value.to_owned())]);
        let resources = parse(&raw, &mut problems);
        problems.into_result(resources)
    }

    #[test]
    fn each_option_has_its_range() {
        let right = [
            ("memory", "1048576"),
            ("memswap", "-1"),
            ("cpushares", "1"),
            ("cpuperiod", "100000"),
            ("cpuquota", "50000"),
            ("cpusetcpus", "0-3, 5"),
            ("cpusetmems", "8192"),
        ];
        for (name, value) in right {
            assert!(parse_one(name, value).unwrap().is_some(), "{name}={value}");
        }
        let wrong = [
            ("memory", "0"),
            ("memory", "-1"),
            ("memory", "1g"),
            ("memswap", "0"),
            ("memswap", "-2"),
            ("cpushares", "0"),
            ("cpuquota", "-1"),
            ("cpusetcpus", "3-1"),
            ("cpusetcpus", "0-999999999"),
            ("cpusetmems", "a"),
        ];
        for (name, value) in wrong {
            parse_one(name, value).unwrap_err();
        }
        assert_eq!(parse_one("memory", "").unwrap(), None);
    }
}
