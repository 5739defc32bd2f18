//! The example of every key is accepted by the program and by the JSON Schema, wherever the key is allowed.

mod judgement;
mod placement;

use judgement::{complaints, judge, validator};
use placement::{files_with, keys};
use stagefile_language::syntax::keys::STEP;

#[test]
fn every_key_has_an_example() {
    let missing: Vec<String> = keys()
        .filter(|(_, _, key)| key.example.is_empty())
        .map(|(name, _, key)| format!("{name}.{}", key.name))
        .collect();
    assert!(
        missing.is_empty(),
        "write a value that they may have: {}",
        missing.join(", ")
    );
}

#[test]
fn defaults_stand_in_their_field() {
    let hidden: Vec<String> = keys()
        .filter(|(_, _, key)| key.meaning.to_lowercase().contains("default:"))
        .map(|(name, _, key)| format!("{name}.{}", key.name))
        .collect();
    assert!(
        hidden.is_empty(),
        "write the default after the meaning, as in key!(…, default: \"`0644`\", example: …): {}",
        hidden.join(", ")
    );
}

#[test]
fn examples_are_accepted() {
    let validator = validator();
    let mut wrong = Vec::new();
    // For editors, the table of any step has the actions, too.
    let actions = STEP.keys.iter().map(|key| ("STEP", &STEP, key));
    for (name, table, key) in keys().chain(actions) {
        let files = files_with(name, table, key, key.example);
        assert!(!files.is_empty(), "{name} stands nowhere");
        for file in files {
            let judgement = judge(&file);
            let place = format!("the example of {name}.{} is refused", key.name);
            if !judgement.errors.is_empty() {
                wrong.push(format!("{place}:\n{}\n{file}", judgement.report));
            }
            let complaints = judgement.json.map(|json| complaints(&validator, &json));
            if let Some(complaints) = complaints.filter(|text| !text.is_empty()) {
                wrong.push(format!("{place} by the schema:\n{complaints}\n{file}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn defaults_are_accepted_as_values() {
    let validator = validator();
    for (name, table, key) in keys() {
        let Some(default) = key.default_value() else {
            continue;
        };
        for file in files_with(name, table, key, default) {
            let judgement = judge(&file);
            assert!(
                judgement.errors.is_empty(),
                "the default of {name}.{}:\n{}\n{file}",
                key.name,
                judgement.report
            );
            assert_eq!(
                complaints(&validator, &judgement.json.unwrap()),
                "",
                "{file}"
            );
        }
    }
}
