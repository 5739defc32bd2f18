//! The CPUs that a program runs on, if they aren't set by a control group of the daemon.

use std::fmt;
use std::io;
use std::ops::RangeInclusive;

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// CPUs, in the kernel's list format: `0-3,5`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CpuList {
    ranges: Vec<RangeInclusive<usize>>,
}

impl CpuList {
    /// Parses a list; `None` if it is invalid, or has numbers that no kernel supports.
    pub fn parse(text: &str) -> Option<Self> {
        let number = |text: &str| {
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            let number = digits.then(|| text.parse().ok()).flatten();
            number.filter(|number| *number < CpuSet::MAX_CPU)
        };
        let range = |text: &str| {
            let (first, last) = text.split_once('-').unwrap_or((text, text));
            let (first, last) = (number(first)?, number(last)?);
            (first <= last).then_some(first..=last)
        };
        let ranges: Option<Vec<_>> = text.split(',').map(range).collect();
        ranges.map(|ranges| Self { ranges })
    }

    fn numbers(&self) -> impl Iterator<Item = usize> + '_ {
        self.ranges.iter().cloned().flatten()
    }
}

impl fmt::Display for CpuList {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, range) in self.ranges.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            if range.start() == range.end() {
                write!(formatter, "{comma}{}", range.start())?;
            } else {
                write!(formatter, "{comma}{}-{}", range.start(), range.end())?;
            }
        }
        Ok(())
    }
}

/// The CPUs that a program runs on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Affinity {
    /// The allowed CPUs; `None` for any.
    pub cpuset: Option<CpuList>,
    /// The number of CPUs.
    pub cpus: Option<usize>,
}

impl Affinity {
    /// Reports whether there are no restrictions.
    pub fn is_any(&self) -> bool {
        *self == Self::default()
    }

    /// Restricts this process, and those that it starts afterwards.
    pub(super) fn apply(&self) -> Result<(), String> {
        if self.is_any() {
            return Ok(());
        }
        let failed = |error: rustix::io::Errno| {
            let error = io::Error::from(error);
            format!("can't choose processors: {error}")
        };
        let present = sched_getaffinity(None).map_err(failed)?;
        // Concurrent steps should not all get the same CPUs.
        let seed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let seed = seed.map_or(0, |time| time.subsec_nanos()) as usize / 1000;
        let chosen = self.choose(&listed(&present), seed)?;
        let mut set = CpuSet::new();
        for processor in chosen {
            set.set(processor);
        }
        sched_setaffinity(None, &set).map_err(failed)
    }

    /// Selects from the available CPUs.
    fn choose(&self, present: &[usize], seed: usize) -> Result<Vec<usize>, String> {
        let allowed: Vec<usize> = match &self.cpuset {
            None => present.to_vec(),
            Some(list) => {
                if let Some(missing) = list.numbers().find(|number| !present.contains(number)) {
                    return Err(format!(
                        "processor {missing} of the `cpuset` of this step is not there; there are {}",
                        written(present)
                    ));
                }
                let mut numbers: Vec<usize> = list.numbers().collect();
                numbers.sort_unstable();
                numbers.dedup();
                numbers
            }
        };
        let wanted = self.cpus.unwrap_or(allowed.len()).min(allowed.len());
        let first = seed.checked_rem(allowed.len()).unwrap_or_default();
        Ok(allowed
            .iter()
            .cycle()
            .skip(first)
            .take(wanted)
            .copied()
            .collect())
    }
}

fn listed(set: &CpuSet) -> Vec<usize> {
    (0..CpuSet::MAX_CPU)
        .filter(|number| set.is_set(*number))
        .collect()
}

/// Formats ascending numbers as ranges.
fn written(numbers: &[usize]) -> String {
    let mut ranges: Vec<RangeInclusive<usize>> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some(last) if *last.end() + 1 == *number => *last = *last.start()..=*number,
            _ => ranges.push(*number..=*number),
        }
    }
    CpuList { ranges }.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists() {
        for (text, expected) in [
            ("0", Some(vec![0])),
            ("0-2,5", Some(vec![0, 1, 2, 5])),
            ("1023", Some(vec![1023])),
            ("1024", None),
            ("2-1", None),
            ("", None),
            ("1,", None),
            ("+1", None),
            ("0-1-2", None),
            ("99999999999999999999", None),
        ] {
            let list = CpuList::parse(text);
            assert_eq!(
                list.as_ref().map(|list| list.numbers().collect()),
                expected,
                "{text}"
            );
            if let Some(list) = list {
                assert_eq!(list.to_string(), text);
            }
        }
    }

    #[test]
    fn choices() {
        let affinity = |cpuset: Option<&str>, cpus| Affinity {
            cpuset: cpuset.and_then(CpuList::parse),
            cpus,
        };
        let present = [0, 1, 2, 3, 6];
        for (wanted, seed, expected) in [
            (affinity(None, Some(2)), 0, Ok(vec![0, 1])),
            (affinity(None, Some(2)), 4, Ok(vec![6, 0])),
            (affinity(None, Some(9)), 3, Ok(vec![3, 6, 0, 1, 2])),
            (affinity(Some("2-3,6,2"), None), 0, Ok(vec![2, 3, 6])),
            (affinity(Some("2-3,6"), Some(1)), 5, Ok(vec![6])),
            (
                affinity(Some("3-5"), None),
                0,
                Err(
                    "processor 4 of the `cpuset` of this step is not there; there are 0-3,6"
                        .to_owned(),
                ),
            ),
        ] {
            assert_eq!(wanted.choose(&present, seed), expected);
        }
    }
}
