//! Tests of the standard library: each template with the real tool if it is available, otherwise with a program that
//! records how it is called.

mod go;
mod java;
mod node;
mod python;
mod rust;
mod system;

use std::fs;

use stagefile_tests::Project;

/// The machine's certificates, where Debian and Ubuntu keep them.
const CERTIFICATES: &str = "/etc/ssl/certs/ca-certificates.crt";

/// A stand-in for a tool, which records where, by whom and how it is called.
const RECORDING: &str = r#"#!/bin/sh
echo "${0##*/} in $(pwd) as $(id -u)" >> /calls
for argument in "$@"; do echo "  <$argument>" >> /calls; done
"#;

/// Creates a project with these stages and one called `base`: an image with the machine's certificates, for a machine
/// behind its own proxy. All stages that download something start from it, as they would on such a machine.
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
