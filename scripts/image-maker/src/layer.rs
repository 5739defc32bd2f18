//! The only layer of the image.

use std::io::{self, Write as _};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::blob::{self, Blob};

/// A layer with executables at the root.
///
/// There is no `/run`: the daemon mounts a file below `/run/config`, which fails if `/run` is a file (BuildKit's
/// `frontend/gateway/gateway.go`); it creates missing directories.
#[derive(Debug)]
pub(crate) struct Layer {
    /// The name of the first executable, which is the entrypoint.
    name: String,
    diff_id: String,
    blob: Blob,
}

impl Layer {
    /// Packs executables by name, owned by root, with the oldest timestamp. The first one is the entrypoint.
    pub(crate) fn of_files<const N: usize>(files: [(&str, &[u8]); N]) -> io::Result<Self> {
        let mut archive = tar::Builder::new(Vec::new());
        for (name, content) in files {
            append(&mut archive, name, 0o755, content)?;
        }
        let name = files.first().map_or("", |(name, _)| name);
        let archive = archive.into_inner()?;
        let mut compressor = GzEncoder::new(Vec::new(), Compression::best());
        compressor.write_all(&archive)?;
        Ok(Self {
            name: name.to_owned(),
            diff_id: blob::digest(&archive),
            blob: Blob::new(
                "application/vnd.oci.image.layer.v1.tar+gzip",
                compressor.finish()?,
            ),
        })
    }

    /// Returns the absolute path of the entrypoint.
    pub(crate) fn executable(&self) -> String {
        format!("/{}", self.name)
    }

    /// Returns the digest of the layer before compression.
    pub(crate) fn diff_id(&self) -> &str {
        &self.diff_id
    }

    /// Returns the compressed layer.
    pub(crate) fn blob(&self) -> &Blob {
        &self.blob
    }
}

/// Appends a file whose header depends only on these arguments.
pub(crate) fn append<W: io::Write>(
    archive: &mut tar::Builder<W>,
    path: &str,
    mode: u32,
    content: &[u8],
) -> io::Result<()> {
    let mut header = tar::Header::new_ustar();
    header.set_entry_type(tar::EntryType::Regular);
    header.set_mode(mode);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_size(content.len() as u64);
    archive.append_data(&mut header, path, content)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::GzDecoder;

    use super::*;

    #[test]
    fn the_layer_holds_the_executables_and_nothing_else() {
        let layer = Layer::of_files([("stagefile", b"content"), ("other", b"else")]).unwrap();
        assert_eq!(layer.executable(), "/stagefile");
        let mut uncompressed = Vec::new();
        GzDecoder::new(layer.blob().bytes())
            .read_to_end(&mut uncompressed)
            .unwrap();
        assert_eq!(blob::digest(&uncompressed), layer.diff_id());

        let mut archive = tar::Archive::new(uncompressed.as_slice());
        let mut entries = archive.entries().unwrap();
        let mut entry = entries.next().unwrap().unwrap();
        assert_eq!(entry.path().unwrap().to_str(), Some("stagefile"));
        let header = entry.header();
        assert_eq!(
            (
                header.mode().unwrap(),
                header.uid().unwrap(),
                header.mtime().unwrap()
            ),
            (0o755, 0, 0)
        );
        let mut content = String::new();
        entry.read_to_string(&mut content).unwrap();
        assert_eq!(content, "content");
        let other = entries.next().unwrap().unwrap();
        assert_eq!(other.path().unwrap().to_str(), Some("other"));
        assert!(entries.next().is_none());
    }
}
