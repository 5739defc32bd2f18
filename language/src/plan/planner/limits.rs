//! How much of the machine a script may use, and what of it.

use stagefile_runner::CpuList;

use super::Planner;
use super::values::size;
use crate::diagnostics;
use crate::expression::Text;
use crate::plan::{Cpus, Device, Limits, Memory, Ulimit};
use crate::source::Spanned;
use crate::syntax;
use crate::syntax::keys::form::{self, Form};

/// What means no limit.
const UNLIMITED: &str = "unlimited";
/// The least memory with which a process can be started, as Docker has it.
const LEAST_MEMORY: u64 = 6 << 20;
/// The least processor time that the kernel takes, in thousandths of a processor.
const LEAST_CPUS: u32 = 10;
/// The most processors that a step can ask for.
const MOST_CPUS: u32 = 1024;

impl Planner<'_> {
    pub(super) fn limits(&mut self, written: &syntax::Limits) -> Limits {
        Limits {
            memory: self.limit("memory", written.memory.as_ref(), &form::MEMORY, memory),
            cpus: self.limit("cpus", written.cpus.as_ref(), &form::CPUS, cpus),
            cpuset: self.limit("cpuset", written.cpuset.as_ref(), &form::CPUSET, |text| {
                CpuList::parse(text)
            }),
        }
    }

    fn limit<T>(
        &mut self,
        key: &str,
        text: Option<&Text>,
        form: &Form,
        rule: impl FnOnce(&str) -> Option<T>,
    ) -> Option<Spanned<T>> {
        let span = text?.span();
        self.value(key, text, form, rule)
            .map(|value| Spanned::new(value, span))
    }

    pub(super) fn ulimits(&mut self, written: &[syntax::Ulimit]) -> Vec<Ulimit> {
        let mut ulimits = Vec::new();
        for ulimit in written {
            let form = &form::ULIMIT_VALUE;
            let soft = self.limit(ulimit.name, ulimit.soft.as_ref(), form, number);
            let hard = self.limit(ulimit.name, ulimit.hard.as_ref(), form, number);
            let (Some(soft), Some(hard)) = (soft, hard) else {
                continue;
            };
            let exceeds = match (soft.value, hard.value) {
                (_, -1) => false,
                (-1, _) => true,
                (soft, hard) => soft > hard,
            };
            if exceeds {
                let value = if soft.value < 0 {
                    UNLIMITED.to_owned()
                } else {
                    soft.value.to_string()
                };
                let wanted = "at most the `hard` limit";
                self.found.push(diagnostics::invalid_value(
                    "soft", &value, soft.span, wanted,
                ));
                continue;
            }
            ulimits.push(Ulimit {
                name: Spanned::new(ulimit.name, ulimit.span),
                soft: soft.value,
                hard: hard.value,
            });
        }
        ulimits
    }

    pub(super) fn devices(&mut self, written: &[syntax::Device]) -> Vec<Device> {
        let mut devices: Vec<Device> = Vec::new();
        for device in written {
            let names = self.splice(device.name.as_slice());
            let optional = self.flag("optional", device.optional.as_ref());
            for name in names {
                let Some(name) = self.text(&name) else {
                    continue;
                };
                let is_odd = |letter: char| letter.is_whitespace() || letter.is_control();
                if name.value.is_empty() || name.value.contains(is_odd) {
                    let wanted = "the name of a device such as nvidia.com/gpu=all";
                    self.found.push(diagnostics::invalid_value(
                        "devices",
                        &name.value,
                        name.span,
                        wanted,
                    ));
                } else {
                    devices.push(Device { name, optional });
                }
            }
        }
        devices
    }

    /// Reads the control group below which a script's own is made.
    pub(super) fn cgroup_parent(&mut self, text: Option<&Text>) -> Option<Spanned<String>> {
        let parent = self.optional(text)?;
        let inside = !parent.value.split('/').any(|part| part == "..");
        if parent.value.is_empty() || parent.value.contains('\0') || !inside {
            let wanted = "the path of a control group such as /builds, or a slice of systemd's such as builds.slice:step:";
            self.found.push(diagnostics::invalid_value(
                "cgroup-parent",
                &parent.value,
                parent.span,
                wanted,
            ));
            return None;
        }
        Some(parent)
    }
}

pub(super) fn memory(text: &str) -> Option<Memory> {
    if text == UNLIMITED {
        return Some(Memory::Unlimited);
    }
    let bytes = size(text).filter(|bytes| *bytes >= LEAST_MEMORY)?;
    i64::try_from(bytes).ok().map(Memory::Bytes)
}

pub(super) fn cpus(text: &str) -> Option<Cpus> {
    if text == UNLIMITED {
        return Some(Cpus::Unlimited);
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || !(1..=3).contains(&fraction.len()) {
        return None;
    }
    let thousandths: u32 = format!("{fraction:0<3}").parse().ok()?;
    let whole: u32 = whole.parse().ok().filter(|whole| *whole < MOST_CPUS)?;
    let all = whole * 1000 + thousandths;
    (all >= LEAST_CPUS).then_some(Cpus::Thousandths(all))
}

/// Reads the value of a ulimit: -1 stands for none.
pub(super) fn number(text: &str) -> Option<i64> {
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
