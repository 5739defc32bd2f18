//! Devices of the worker's machine.

/// Names a device in the terms of the Container Device Interface, such as `nvidia.com/gpu=0`.
/// Needs [`Capability::ExecMetaCdi`](crate::Capability::ExecMetaCdi).
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a device is given to an exec"]
pub struct Device {
    pub(crate) name: String,
    pub(crate) optional: bool,
}

impl Device {
    /// Names a device that must be there.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            optional: false,
        }
    }

    /// Lets the process run also where the device is missing.
    pub fn optional(mut self) -> Self {
        self.optional = true;
        self
    }
}
