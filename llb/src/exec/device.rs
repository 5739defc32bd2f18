//! Devices of the worker's machine.

/// A device by its Container Device Interface (CDI) name, such as `nvidia.com/gpu=0`. Needs
/// [`Capability::ExecMetaCdi`](crate::Capability::ExecMetaCdi).
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a device is given to an exec"]
pub struct Device {
    pub(crate) name: String,
    pub(crate) optional: bool,
}

impl Device {
    /// Creates a required device.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            optional: false,
        }
    }

    /// Lets the process run even if the device is missing.
    pub fn optional(mut self) -> Self {
        self.optional = true;
        self
    }
}
