//! SBOMs that cover more than the result: stages, and the build context.
//!
//! The daemon itself scans the result. The frontend only runs a scan if the client wants more to be covered.

use buildkit_gateway::options::SbomScan;
use buildkit_gateway::sbom::{SbomScanner, SbomTarget};
use buildkit_gateway::{Attestation, Failure};
use buildkit_llb::Platform;
use stagefile_lower::Lowered;

use super::Build;

/// The name of the build context in the SBOM.
const CONTEXT: &str = "context";

/// Scans a result with everything that the client names; `None` if the client names nothing.
pub(super) async fn scan(
    build: &Build<'_>,
    lowered: &Lowered,
    target: &Platform,
) -> Result<Option<Attestation>, Failure> {
    let options = build.options;
    let attest = &options.attest;
    let Some(sbom) = &attest.sbom else {
        return Ok(None);
    };
    let covers = |scan: &Option<SbomScan>, name: &str| {
        let scan = scan.as_ref();
        scan.is_some_and(|scan| scan.covers(name))
    };
    let covers_stage = |name: &str| covers(&attest.scan_stage, name);
    let covers_context = covers(&attest.scan_context, CONTEXT);

    let stages = lowered.stages.iter().filter(|(name, _)| covers_stage(name));
    let mut extras: Vec<_> = stages
        .map(|(name, state)| (name.clone(), state.clone()))
        .collect();
    if covers_context {
        extras.push((
            CONTEXT.to_owned(),
            build.contexts.main(build.file).await?.all(),
        ));
    }
    if extras.is_empty() {
        return Ok(None);
    }
    let scanner =
        SbomScanner::find(build.client, sbom, &build.native, options.resolve_mode).await?;
    let all =
        SbomTarget::new(lowered.target.state.clone(), target).network(options.process.network);
    let all = extras
        .into_iter()
        .fold(all, |all, (name, state)| all.extra(name, state));
    Ok(Some(scanner.attest(build.client, &all).await?))
}
