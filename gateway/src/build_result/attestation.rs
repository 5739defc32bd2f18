//! Statements about results.

use std::collections::BTreeMap;

use buildkit_proto::gateway as wire;
use bytes::Bytes;

use crate::client::{Client, Ref};

/// The predicate type of a list of software.
const SPDX: &str = "https://spdx.dev/Document";

/// A statement about a result, such as the list of software that is in it.
///
/// Provenance isn't among them: the daemon makes it and takes none from a frontend.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Attestation {
    /// How it lies in its files.
    pub kind: AttestationKind,
    /// Where it lies; none if it is empty.
    pub reference: Option<Ref>,
    /// The path in there.
    pub path: String,
    /// What kind of statement it is.
    pub predicate_type: String,
    /// What it is about; the whole result if nothing is said.
    pub subjects: Vec<Subject>,
    /// Names that the daemon knows, such as the reason for it.
    pub metadata: BTreeMap<String, Bytes>,
}

/// How a statement lies in its files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum AttestationKind {
    /// One file with the predicate.
    #[default]
    InToto,
    /// A directory of whole in-toto statements.
    Bundle,
}

/// What a statement is about.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Subject {
    /// The result.
    Itself,
    /// Something else.
    Named {
        /// Its name.
        name: String,
        /// Its digests.
        digests: Vec<String>,
    },
}

impl Attestation {
    /// Makes the statement that a scanner of software has left in a directory, in a form that keeps the
    /// daemon from scanning again.
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

    /// Makes a statement about the whole result: the predicate is a file with JSON in a directory that the daemon holds.
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
            // Go's decoder looks into it without asking whether it is there.
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
