//! Attestations of results.

use std::collections::BTreeMap;

use buildkit_proto::gateway as wire;
use bytes::Bytes;

use crate::client::{Client, Ref};

/// The predicate type of a software bill of materials (SBOM).
const SPDX: &str = "https://spdx.dev/Document";

/// An attestation of a result, such as a software bill of materials (SBOM).
///
/// Provenance isn't included: the daemon creates it and accepts none from a frontend.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Attestation {
    /// The format of the attestation's files.
    pub kind: AttestationKind,
    /// The result that contains the files; `None` if it is empty.
    pub reference: Option<Ref>,
    /// The path of the files in the result.
    pub path: String,
    /// The type of the in-toto predicate.
    pub predicate_type: String,
    /// The subjects of the attestation; the whole result if empty.
    pub subjects: Vec<Subject>,
    /// Metadata that the daemon understands, such as the reason for the attestation.
    pub metadata: BTreeMap<String, Bytes>,
}

/// The format of an attestation's files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum AttestationKind {
    /// A single file with the predicate.
    #[default]
    InToto,
    /// A directory of complete in-toto statements.
    Bundle,
}

/// The subject of an attestation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Subject {
    /// The result itself.
    Itself,
    /// Another subject.
    Named {
        /// The subject's name.
        name: String,
        /// The subject's digests.
        digests: Vec<String>,
    },
}

impl Attestation {
    /// Creates the attestation of an SBOM that a scanner wrote to a directory, marked so that the daemon doesn't scan
    /// again.
    pub fn sbom(scanned: Option<Ref>) -> Self {
        let metadata = [("reason", "sbom"), ("sbom-core", "sbom")];
        Self {
            kind: AttestationKind::Bundle,
            reference: scanned,
            predicate_type: SPDX.to_owned(),
            metadata: metadata
                .map(|(name, value)| (name.to_owned(), Bytes::from_static(value.as_bytes())))
                .into(),
            ..Self::default()
        }
    }

    /// Creates an attestation of the whole result. The predicate is a JSON file in a directory of the given result.
    pub fn new(
        predicate_type: impl Into<String>,
        directory: Option<Ref>,
        path: impl Into<String>,
    ) -> Self {
        Self {
            reference: directory,
            path: path.into(),
            predicate_type: predicate_type.into(),
            ..Self::default()
        }
    }

    pub(super) fn from_wire(client: &Client, attestation: wire::Attestation) -> Self {
        let kind = match attestation.kind() {
            wire::AttestationKind::InToto => AttestationKind::InToto,
            wire::AttestationKind::Bundle => AttestationKind::Bundle,
        };
        let subjects = attestation.in_toto_subjects.into_iter();
        Self {
            kind,
            reference: attestation
                .r#ref
                .and_then(|reference| Ref::from_wire(client, reference)),
            path: attestation.path,
            predicate_type: attestation.in_toto_predicate_type,
            subjects: subjects.map(Subject::from_wire).collect(),
            metadata: attestation.metadata,
        }
    }

    pub(super) fn into_wire(self) -> wire::Attestation {
        let kind = match self.kind {
            AttestationKind::InToto => wire::AttestationKind::InToto,
            AttestationKind::Bundle => wire::AttestationKind::Bundle,
        };
        let id = self.reference.map(|reference| reference.id().to_owned());
        wire::Attestation {
            kind: kind.into(),
            metadata: self.metadata,
            // Go's decoder accesses this field without checking that it is set.
            r#ref: Some(wire::Ref {
                id: id.unwrap_or_default(),
                def: None,
            }),
            path: self.path,
            in_toto_predicate_type: self.predicate_type,
            in_toto_subjects: self.subjects.into_iter().map(Subject::into_wire).collect(),
        }
    }
}

impl Subject {
    fn from_wire(subject: wire::InTotoSubject) -> Self {
        match subject.kind() {
            wire::InTotoSubjectKind::Self_ => Self::Itself,
            wire::InTotoSubjectKind::Raw => Self::Named {
                name: subject.name,
                digests: subject.digest,
            },
        }
    }

    fn into_wire(self) -> wire::InTotoSubject {
        match self {
            Self::Itself => wire::InTotoSubject::default(),
            Self::Named { name, digests } => wire::InTotoSubject {
                kind: wire::InTotoSubjectKind::Raw.into(),
                digest: digests,
                name,
            },
        }
    }
}
