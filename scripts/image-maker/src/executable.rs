//! The platform of a binary, read from its ELF header.

use thiserror::Error;

/// The processor architecture of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Architecture {
    /// 64-bit x86.
    Amd64,
    /// 64-bit Arm.
    Arm64,
}

impl Architecture {
    /// Returns OCI's name for the architecture.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Amd64 => "amd64",
            Self::Arm64 => "arm64",
        }
    }

    /// Returns OCI's name for the platform.
    pub(crate) fn platform(self) -> String {
        format!("linux/{}", self.name())
    }
}

/// A binary that runs as the only file of an image.
#[derive(Debug)]
pub(crate) struct Executable {
    architecture: Architecture,
}

/// The reason why a binary can't be the only file of an image.
#[derive(Debug, Error, PartialEq, Eq)]
pub(crate) enum ExecutableError {
    /// It is a script, an archive, or a binary of another system.
    #[error("it is not a 64-bit little-endian ELF file")]
    NotElf,
    /// It ends before its own tables do.
    #[error("its program headers are cut off")]
    Truncated,
    /// Its architecture isn't one of those that the frontend is tested on.
    #[error("its machine type {0} is neither x86-64 (62) nor AArch64 (183)")]
    UnknownMachine(u16),
    /// It is dynamically linked, but the image contains no C library and no loader.
    #[error("it is linked dynamically; build it with `-C target-feature=+crt-static`")]
    Dynamic,
}

/// The program header type for the path of a dynamic loader (`PT_INTERP`).
const INTERPRETER: u32 = 3;

impl Executable {
    /// Reads the ELF header and the program headers of `content`.
    pub(crate) fn parse(content: &[u8]) -> Result<Self, ExecutableError> {
        // Magic number, 64-bit class, little-endian data.
        if !content.starts_with(b"\x7fELF\x02\x01") {
            return Err(ExecutableError::NotElf);
        }
        let architecture = match u16::from_le_bytes(field(content, 18)?) {
            62 => Architecture::Amd64,
            183 => Architecture::Arm64,
            machine => return Err(ExecutableError::UnknownMachine(machine)),
        };
        let table = usize::try_from(u64::from_le_bytes(field(content, 32)?))
            .map_err(|_| ExecutableError::Truncated)?;
        let entry_size = usize::from(u16::from_le_bytes(field(content, 54)?));
        let count = usize::from(u16::from_le_bytes(field(content, 56)?));
        for index in 0..count {
            let offset = table
                .checked_add(index * entry_size)
                .ok_or(ExecutableError::Truncated)?;
            if u32::from_le_bytes(field(content, offset)?) == INTERPRETER {
                return Err(ExecutableError::Dynamic);
            }
        }
        Ok(Self { architecture })
    }

    /// Returns the architecture that the binary runs on.
    pub(crate) fn architecture(&self) -> Architecture {
        self.architecture
    }
}

/// Returns the `N` bytes at `offset`.
fn field<const N: usize>(content: &[u8], offset: usize) -> Result<[u8; N], ExecutableError> {
    content
        .get(offset..)
        .and_then(|rest| rest.first_chunk())
        .copied()
        .ok_or(ExecutableError::Truncated)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Returns an ELF file that consists of headers: one program header with the given type.
    pub(crate) fn elf(machine: u16, program_header: u32) -> Vec<u8> {
        let mut file = vec![0; 64 + 56];
        file[..6].copy_from_slice(b"\x7fELF\x02\x01");
        file[18..20].copy_from_slice(&machine.to_le_bytes());
        file[32..40].copy_from_slice(&64_u64.to_le_bytes());
        file[54..56].copy_from_slice(&56_u16.to_le_bytes());
        file[56..58].copy_from_slice(&1_u16.to_le_bytes());
        file[64..68].copy_from_slice(&program_header.to_le_bytes());
        file
    }

    #[test]
    fn the_architecture_comes_from_the_header() {
        let architecture = |machine| {
            Executable::parse(&elf(machine, 1)).map(|executable| executable.architecture())
        };
        assert_eq!(architecture(62), Ok(Architecture::Amd64));
        assert_eq!(architecture(183), Ok(Architecture::Arm64));
        assert_eq!(architecture(40), Err(ExecutableError::UnknownMachine(40)));
    }

    #[test]
    fn a_binary_that_needs_a_loader_is_refused() {
        assert_eq!(
            Executable::parse(&elf(62, INTERPRETER)).unwrap_err(),
            ExecutableError::Dynamic
        );
    }

    #[test]
    fn other_files_are_refused() {
        assert_eq!(
            Executable::parse(b"#!/bin/sh\n").unwrap_err(),
            ExecutableError::NotElf
        );
        assert_eq!(
            Executable::parse(&elf(62, 1)[..64]).unwrap_err(),
            ExecutableError::Truncated
        );
    }
}
