//! The config of an image.

use std::collections::BTreeSet;

use stagefile_language::plan::{Annotation, AnnotationTarget, Healthcheck, Image, Part};
use stagefile_language::value;

use super::keys::{Keys, list, text};
use super::steps::command;
use crate::convert::node::Node;

/// Writes the image settings of a stage.
pub(super) fn image(image: &Image) -> Keys {
    let Image {
        user,
        workdir,
        env,
        entrypoint,
        cmd,
        shell,
        expose,
        volumes,
        labels,
        annotations,
        healthcheck,
        stop_signal,
        on_build,
        epoch,
        dropped,
        kept,
    } = image;
    let mut keys = Keys::default();
    inherit(&mut keys, dropped, kept);
    keys.optional("user", user.as_ref().map(|user| &user.value));
    keys.optional("workdir", workdir.as_ref());
    keys.overrides("env", &last(env));
    for (key, program) in [("entrypoint", entrypoint), ("cmd", cmd)] {
        if let Some(program) = program {
            keys.add(key, command(program));
        }
    }
    if let Some(shell) = shell {
        keys.texts("shell", shell);
    }
    keys.texts("expose", expose);
    keys.texts("volumes", volumes);
    keys.overrides("labels", &last(labels));
    keys.map("annotations", of_annotations(annotations));
    match healthcheck {
        None => {}
        Some(Healthcheck::None) => keys.text("healthcheck", "none"),
        Some(Healthcheck::Check(check)) => {
            let mut own = Keys::default();
            own.add("run", command(&check.command));
            own.duration("interval", check.interval);
            own.duration("timeout", check.timeout);
            own.duration("start-period", check.start_period);
            own.duration("start-interval", check.start_interval);
            own.number(
                "retries",
                Some(check.retries).filter(|retries| *retries > 0),
            );
            keys.map("healthcheck", own);
        }
    }
    keys.optional("stop-signal", stop_signal.as_ref());
    if !on_build.is_empty() {
        keys.add("on-build", list(on_build));
    }
    keys.number("epoch", *epoch);
    keys
}

fn inherit(keys: &mut Keys, dropped: &BTreeSet<Part>, kept: &BTreeSet<Part>) {
    if dropped.len() == Part::ALL.len() {
        keys.add("inherit", Node::bare(false));
        return;
    }
    let mut parts = Keys::default();
    for (name, part) in Part::ALL {
        if dropped.contains(&part) || kept.contains(&part) {
            parts.add(name, Node::bare(kept.contains(&part)));
        }
    }
    keys.map("inherit", parts);
}

fn of_annotations(annotations: &[Annotation]) -> Keys {
    let mut written = Keys::default();
    for (index, annotation) in annotations.iter().enumerate() {
        let is_last = |other: &Annotation| other.name != annotation.name;
        if !annotations[index + 1..].iter().all(is_last) {
            continue;
        }
        if annotation.places == BTreeSet::from([AnnotationTarget::Manifest]) {
            written.text(&annotation.name, &annotation.value);
            continue;
        }
        let mut keys = Keys::default();
        keys.text("value", &annotation.value);
        let places = annotation.places.iter();
        let places = places.map(|place| text(value::ANNOTATED.name(*place)));
        keys.list("at", places.collect());
        written.map(&annotation.name, keys);
    }
    written
}

/// If there are several values with the same name, keeps the last value at the position of the
/// first.
fn last(values: &[(String, Option<String>)]) -> Vec<(String, Option<String>)> {
    let mut kept: Vec<(String, Option<String>)> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for (name, value) in values {
        let place = *places.entry(name).or_insert(kept.len());
        match kept.get_mut(place) {
            Some(earlier) => earlier.1.clone_from(value),
            None => kept.push((name.clone(), value.clone())),
        }
    }
    kept
}
