//! The standard library: each template on the real tool where one can be had, else on a program that writes down how it
//! is called.

mod go;
mod java;
mod node;
mod python;
mod rust;
mod system;

use std::fs;

use stagefile_tests::Project;

/// Certificates of the machine, where Debian and Ubuntu keep them.
const CERTIFICATES: &str = "/etc/ssl/certs/ca-certificates.crt";

/// What a program writes down that stands in for a tool: where it is called, by whom, and how.
const RECORDING: &str = r#"#!/bin/sh
echo "${0##*/} in $(pwd) as $(id -u)" >> /calls
for argument in "$@"; do echo "  <$argument>" >> /calls; done
"#;

/// Begins a project with these stages, and with one called `base`: an image with the machine's certificates, for a machine
/// behind a proxy of its own. All that downloads starts from it, as it would in such a place.
#[track_caller]
fn project(image: &str, stages: &str) -> Project {
    let project = Project::new(&format!(
        "
stages:
  base:
    from: {image}
    env:
      CARGO_HTTP_CAINFO: /certificates.crt
      NODE_EXTRA_CA_CERTS: /certificates.crt
      PIP_CERT: /certificates.crt
      SSL_CERT_FILE: /certificates.crt
    steps:
      - copy: certificates.crt
        to: /
{stages}"
    ));
    let certificates = fs::read_to_string(CERTIFICATES).unwrap_or_default();
    project.with_file("certificates.crt", &certificates)
}
