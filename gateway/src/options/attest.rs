//! Attestations that the client requests.

use std::collections::BTreeMap;

use buildkit_llb::Reference;

use super::error::{OptionProblem, Problems};
use super::given::Given;
use super::{SbomScan, csv};

/// The SBOM generator if the client doesn't name another.
const DEFAULT_GENERATOR: &str = "docker/buildkit-syft-scanner:stable-1";

/// The attestations that the client requests.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Attest {
    /// The SBOM. The daemon generates it for the result of a frontend; a frontend only needs to act
    /// if the SBOM is to cover more.
    pub sbom: Option<Sbom>,
    /// Parameters of the provenance, which the daemon handles alone.
    pub provenance: Option<BTreeMap<String, String>>,
    /// Whether the SBOM covers the build context (`BUILDKIT_SBOM_SCAN_CONTEXT`).
    pub scan_context: Option<SbomScan>,
    /// The stages that the SBOM covers (`BUILDKIT_SBOM_SCAN_STAGE`).
    pub scan_stage: Option<SbomScan>,
}

impl Attest {
    /// Reports whether the client requests any attestation.
    pub fn is_requested(&self) -> bool {
        self.sbom.is_some() || self.provenance.is_some()
    }
}

/// How the SBOM is generated.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Sbom {
    /// The generator's image.
    pub generator: Reference,
    /// Parameters for the generator.
    pub parameters: BTreeMap<String, String>,
}

/// Parses `attest:NAME`, and `BUILDKIT_ATTEST_NAME` for clients without that option.
pub(super) fn parse(given: Given<'_>, problems: &mut Problems) -> Attest {
    let mut attest = Attest {
        scan_context: given.argument("BUILDKIT_SBOM_SCAN_CONTEXT").map(Into::into),
        scan_stage: given.argument("BUILDKIT_SBOM_SCAN_STAGE").map(Into::into),
        ..Attest::default()
    };
    for (option, value) in given.0 {
        let name = option
            .strip_prefix("attest:")
            .or_else(|| option.strip_prefix("build-arg:BUILDKIT_ATTEST_"));
        let Some(name) = name else { continue };
        let Some(parameters) = problems.take(option, value, parameters(value)) else {
            continue;
        };
        match name.to_lowercase().as_str() {
            "sbom" => {
                if let Some(sbom) = problems.take(option, value, sbom(parameters)) {
                    attest.sbom = Some(sbom);
                }
            }
            "provenance" => attest.provenance = Some(parameters),
            _ => problems.add(option, value, OptionProblem::UnknownAttestation),
        }
    }
    attest
}

fn parameters(value: &str) -> Result<BTreeMap<String, String>, OptionProblem> {
    if value.is_empty() {
        return Ok(BTreeMap::new());
    }
    let pair = |field: String| {
        let (name, value) = field.split_once('=').unwrap_or((&field, ""));
        (name.to_owned(), value.to_owned())
    };
    Ok(csv::fields(value)?.into_iter().map(pair).collect())
}

fn sbom(mut parameters: BTreeMap<String, String>) -> Result<Sbom, OptionProblem> {
    let generator = parameters.remove("generator");
    let generator = generator.as_deref().unwrap_or(DEFAULT_GENERATOR);
    if generator.is_empty() {
        return Err(OptionProblem::Empty);
    }
    let generator = Reference::parse(generator)?.with_default_tag();
    Ok(Sbom {
        generator,
        parameters,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_one(option: &str, value: &str) -> Result<Attest, super::super::InvalidOptions> {
        let mut problems = Problems::default();
        let raw = BTreeMap::from([(option.to_owned(), value.to_owned())]);
        let attest = parse(Given(&raw), &mut problems);
        problems.into_result(attest)
    }

    #[test]
    fn a_list_of_software_has_a_generator() {
        let cases = [
            (
                "attest:sbom",
                "",
                "docker.io/docker/buildkit-syft-scanner:stable-1",
                0,
            ),
            (
                "attest:SBOM",
                "generator=scan,a=b,type=sbom",
                "docker.io/library/scan:latest",
                2,
            ),
            (
                "build-arg:BUILDKIT_ATTEST_SBOM",
                "generator=x/y:1",
                "docker.io/x/y:1",
                0,
            ),
        ];
        for (option, value, generator, parameters) in cases {
            let sbom = parse_one(option, value).unwrap().sbom.unwrap();
            assert_eq!(sbom.generator.to_string(), generator);
            assert_eq!(sbom.parameters.len(), parameters);
        }
        parse_one("attest:sbom", "generator=").unwrap_err();
        parse_one("attest:sbom", "generator=A B").unwrap_err();
    }

    #[test]
    fn provenance_is_noted_and_the_rest_refused() {
        let attest = parse_one("attest:provenance", "mode=min,inline-only=true").unwrap();
        assert_eq!(attest.provenance.unwrap()["mode"], "min");
        parse_one("attest:other", "").unwrap_err();
    }
}
