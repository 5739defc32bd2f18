//! Resource limits of scripts.

use super::Planner;
use crate::diagnostics;
use crate::expression::Text;
use crate::plan::{Device, Limits, Ulimit};
use crate::source::Spanned;
use crate::syntax;
use crate::value::{CPUS, CPUSET, MEMORY, ULIMIT_VALUE, UNLIMITED};

impl Planner<'_> {
    pub(super) fn limits(&mut self, written: &syntax::Limits) -> Limits {
        Limits {
            memory: self.spanned("memory", written.memory.as_ref(), &MEMORY),
            cpus: self.spanned("cpus", written.cpus.as_ref(), &CPUS),
            cpuset: self.spanned("cpuset", written.cpuset.as_ref(), &CPUSET),
        }
    }

    pub(super) fn ulimits(&mut self, written: &[syntax::Ulimit]) -> Vec<Ulimit> {
        let mut ulimits = Vec::new();
        for ulimit in written {
            let soft = self.spanned(ulimit.name, ulimit.soft.as_ref(), &ULIMIT_VALUE);
            let hard = self.spanned(ulimit.name, ulimit.hard.as_ref(), &ULIMIT_VALUE);
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

    /// Parses the parent of a script's control group.
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
