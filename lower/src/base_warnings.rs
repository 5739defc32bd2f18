//! Warnings about the config of a base image.

use buildkit_llb::Platform;
use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::diagnostics;
use stagefile_language::plan::External;
use stagefile_language::source::Span;

use super::Resolved;

/// Warns of `ONBUILD` instructions of a base image, which nothing runs here.
pub(super) fn warn_of_triggers(
    external: &External,
    resolved: &Resolved,
    span: Span,
    found: &mut Diagnostics,
) {
    let image = resolved.image.as_ref();
    let triggers = image.map_or(&[][..], |image| &image.config.config.on_build);
    if !triggers.is_empty() {
        let name = external.description();
        found.push(diagnostics::ignored_triggers(&name, triggers, span));
    }
}

/// Warns of a base image for another platform than the requested one: a daemon that has an image for only one platform uses
/// that.
pub(super) fn warn_of_platform(
    external: &External,
    resolved: &Resolved,
    wanted: &Platform,
    span: Span,
    found: &mut Diagnostics,
) {
    let Some(image) = &resolved.image else { return };
    let (own, wanted) = (image.config.platform().normalize(), wanted.normalize());
    let differs = own.os != wanted.os || own.architecture != wanted.architecture;
    if differs && !own.os.is_empty() && !own.architecture.is_empty() {
        let name = external.description();
        let error = diagnostics::foreign_base(&name, &own, &wanted, span);
        found.push(match external {
            External::Image(..) => error.help(format!(
                "if this one is meant: `from: {{ image: {name}, platform: {own} }}`"
            )),
            _ => error,
        });
    }
}
