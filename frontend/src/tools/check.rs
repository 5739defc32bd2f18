//! `check`: all mistakes of a file, without building it.

use buildkit_llb::MarshalOptions;
use stagefile_language::driver::Checked;

use super::llb::{self, Offline};

/// Lowers all of the user's own stages too, without a daemon: some mistakes are only found then.
#[must_use]
pub fn lowered(mut checked: Checked) -> Checked {
    let Some(plan) = checked
        .plan
        .as_mut()
        .filter(|_| !checked.found.has_errors())
    else {
        return checked;
    };
    plan.want_all();
    let offline = Offline::new(plan.stage(plan.target).platform.clone());
    let lowered = llb::lower_target(plan, &checked.sources, &offline);
    let found = match lowered {
        Ok((lowered, mut found)) => {
            let definition = lowered.whole(&MarshalOptions::new());
            stagefile_lower::verify(&definition, &checked.sources, &mut found);
            found
        }
        Err(found) => found,
    };
    for one in found.errors().into_iter().chain(found.warnings()) {
        checked.found.push(one.clone());
    }
    checked
}
