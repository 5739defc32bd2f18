//! All diagnostics: one file per code, with its messages and the page that explains it.

mod absent_stage;
mod ambiguous_stage;
mod assert_failed;
mod conflicting_keys;
mod duplicate_key;
mod empty_file;
mod emulated_compiler;
mod expression_too_costly;
mod expressions_too_large;
mod failed_script;
mod file_as_output;
mod file_too_large;
mod foreign_base;
mod foreign_file;
mod foreign_syntax;
mod hidden_failure;
mod ignored_path;
mod ignored_triggers;
mod import_cycle;
mod invalid_address;
mod invalid_dockerfile;
mod invalid_expression;
mod invalid_lock;
mod invalid_manifest;
mod invalid_name;
mod invalid_path;
mod invalid_policy;
mod invalid_reference;
mod invalid_value;
mod invalid_yaml;
mod key_not_text;
mod matrix_too_large;
mod merge_key;
mod missing_argument;
mod missing_cache;
mod missing_from;
mod missing_key;
mod missing_path;
mod missing_report;
mod missing_secret;
mod mount_conflict;
mod no_reports;
mod not_a_condition;
mod not_allowed;
mod not_locked;
mod outdated_lock;
mod package_lists;
mod parallel_packages;
mod recommended_packages;
mod root_user;
mod script_too_long;
mod secrets_in_args;
mod several_documents;
mod shell_form;
mod shell_syntax;
mod source_before_install;
mod stage_cycle;
mod syntax_line;
mod template_recursion;
mod text_as_comment;
mod too_many_facts;
mod too_many_imports;
mod too_many_nodes;
mod too_many_stages;
mod too_many_steps;
mod undecided_project;
mod unexpanded_variable;
mod unknown_action;
mod unknown_alias;
mod unknown_argument;
mod unknown_base;
mod unknown_cache;
mod unknown_context;
mod unknown_key;
mod unknown_name;
mod unknown_output;
mod unknown_part;
mod unknown_secret;
mod unknown_stage;
mod unknown_template;
mod unknown_user;
mod unnamed_secret;
mod unpinned_base;
mod unpinned_source;
mod unquoted_expression;
mod unquoted_value;
mod unreached_requires;
mod unreadable_import;
mod unset_variable;
mod unsupported_feature;
mod unsupported_project;
mod unused_argument;
mod unused_cache;
mod unused_import;
mod unused_secret;
mod unused_template;
mod whole_context;
mod wrong_input;
mod wrong_type;
mod yaml_tag;

pub use absent_stage::{absent_stage, all_absent};
pub use ambiguous_stage::{ambiguous_default, same_combination, several_combinations};
pub use assert_failed::assert_failed;
pub use conflicting_keys::{
    exclusive, not_in_a_template, one_key_of, said_by_the_address, two_actions,
};
pub use duplicate_key::duplicate_key;
pub use empty_file::empty_file;
pub use emulated_compiler::emulated_compiler;
pub use expression_too_costly::expression_too_costly;
pub use expressions_too_large::{expressions_too_costly, too_much_text};
pub use failed_script::failed_script;
pub use file_as_output::file_as_output;
pub use file_too_large::file_too_large;
pub use foreign_base::foreign_base;
pub use foreign_file::{dockerfile, foreign_file};
pub use foreign_syntax::{foreign_command, foreign_path};
pub use hidden_failure::{failure_in_pipe, ignored_failure};
pub use ignored_path::{IgnoreLine, ignored_path, invalid_ignore_pattern};
pub use ignored_triggers::ignored_triggers;
pub use import_cycle::import_cycle;
pub use invalid_address::{invalid_address, invalid_layout, nameless_download};
pub use invalid_dockerfile::invalid_dockerfile;
pub use invalid_expression::{
    failed_expression, invalid_expression, not_a_text, unclosed_expression, value_too_large,
};
pub use invalid_lock::invalid_lock;
pub use invalid_manifest::invalid_manifest;
pub use invalid_name::{empty_key, invalid_name, reserved_name};
pub use invalid_path::{
    invalid_path, invalid_pattern, path_outside, pattern_of_a_stage, too_many_matches,
};
pub use invalid_policy::invalid_policy;
pub use invalid_reference::{invalid_reference, undeclared};
pub use invalid_value::{
    invalid_value, not_a_health_check, not_a_platform, not_one_of, refused_by_buildkit,
    required_default, zero_byte,
};
pub use invalid_yaml::invalid_yaml;
pub use key_not_text::key_not_text;
pub use matrix_too_large::{matrix_too_large, too_many_variables};
pub use merge_key::merge_key;
pub use missing_argument::{missing_argument, missing_argument_of_import};
pub use missing_cache::missing_cache;
pub use missing_from::missing_from;
pub use missing_key::{missing_key, missing_value, no_stages};
pub use missing_path::{MissingPath, missing_path, no_match, perhaps_missing_path};
pub use missing_report::missing_report;
pub use missing_secret::missing_secret;
pub use mount_conflict::{mount_at_root, mount_conflict, reserved_mount};
pub use no_reports::no_reports;
pub use not_a_condition::not_a_condition;
pub use not_allowed::not_allowed;
pub use not_locked::{not_locked, other_frontend};
pub use outdated_lock::{pinned_image_missing, pinned_to_platform};
pub use package_lists::package_lists;
pub use parallel_packages::parallel_packages;
pub use recommended_packages::recommended_packages;
pub use root_user::root_user;
pub use script_too_long::script_too_long;
pub use secrets_in_args::{secret_argument, secret_variable};
pub use several_documents::several_documents;
pub use shell_form::shell_form;
pub use shell_syntax::shell_syntax;
pub use source_before_install::source_before_install;
pub use stage_cycle::stage_cycle;
pub use syntax_line::syntax_line;
pub use template_recursion::template_recursion;
pub use text_as_comment::text_as_comment;
pub use too_many_facts::too_many_facts;
pub use too_many_imports::too_many_imports;
pub use too_many_nodes::{too_many_bytes, too_many_nodes};
pub use too_many_stages::too_many_stages;
pub use too_many_steps::too_many_steps;
pub use undecided_project::undecided_project;
pub use unexpanded_variable::{
    unexpanded_home, unexpanded_variable, unextended_variable, variable_of_another,
};
pub use unknown_action::no_action;
pub use unknown_alias::{recursive_alias, unknown_alias};
pub use unknown_argument::{unknown_argument, unknown_argument_of_import};
pub use unknown_base::unknown_base;
pub use unknown_cache::unknown_cache;
pub use unknown_context::{context_of_caches, perhaps_a_context, unknown_context, unknown_layout};
pub use unknown_key::{key_beside_steps, unknown_key};
pub use unknown_name::{absent_in_base, unknown_member, unknown_name, unknown_variable};
pub use unknown_output::{duplicate_output, report_as_output, unknown_output};
pub use unknown_part::unknown_part;
pub use unknown_secret::unknown_secret;
pub use unknown_stage::{perhaps_a_stage, probably_a_stage, unknown_stage, unknown_target};
pub use unknown_template::{
    not_a_project_here, not_a_stage_template, not_a_step_template, unknown_template,
};
pub use unknown_user::{no_such_user, perhaps_unknown_user, unknown_user};
pub use unnamed_secret::{secret_is_elsewhere, unnamed_secret_file};
pub use unpinned_base::{CODE as UNPINNED_BASE, unpinned_base};
pub use unpinned_source::{CODE as UNPINNED_SOURCE, unpinned_download};
pub use unquoted_expression::{
    expression_with_colon, expression_with_comment, unquoted_expression,
};
pub use unquoted_value::unquoted_value;
pub use unreached_requires::unreached_requires;
pub use unreadable_import::{import_of_address, unreadable_import};
pub use unset_variable::{unnamed_secret, value_as_variable, variable_of_image};
pub use unsupported_feature::unsupported_feature;
pub use unsupported_project::unsupported_project;
pub use unused_argument::unused_argument;
pub use unused_cache::unused_cache;
pub use unused_import::unused_import;
pub use unused_secret::unused_secret;
pub use unused_template::unused_template;
pub use whole_context::whole_context;
pub use wrong_input::{missing_input, unknown_input, wrong_input};
pub use wrong_type::{
    definition_in_use, not_a_list, not_a_mapping, not_a_step, not_a_string, not_an_assignment,
    not_named, not_strings,
};
pub use yaml_tag::tag;

use crate::diagnostic::Code;

/// All codes, by name.
pub static ALL: &[&Code] = &[
    &absent_stage::CODE,
    &ambiguous_stage::CODE,
    &assert_failed::CODE,
    &conflicting_keys::CODE,
    &duplicate_key::CODE,
    &empty_file::CODE,
    &emulated_compiler::CODE,
    &expression_too_costly::CODE,
    &expressions_too_large::CODE,
    &failed_script::CODE,
    &file_as_output::CODE,
    &file_too_large::CODE,
    &foreign_base::CODE,
    &foreign_file::CODE,
    &foreign_syntax::CODE,
    &hidden_failure::CODE,
    &ignored_path::CODE,
    &ignored_triggers::CODE,
    &import_cycle::CODE,
    &invalid_address::CODE,
    &invalid_dockerfile::CODE,
    &invalid_expression::CODE,
    &invalid_lock::CODE,
    &invalid_manifest::CODE,
    &invalid_name::CODE,
    &invalid_path::CODE,
    &invalid_policy::CODE,
    &invalid_reference::CODE,
    &invalid_value::CODE,
    &invalid_yaml::CODE,
    &key_not_text::CODE,
    &matrix_too_large::CODE,
    &merge_key::CODE,
    &missing_argument::CODE,
    &missing_cache::CODE,
    &missing_from::CODE,
    &missing_key::CODE,
    &missing_path::CODE,
    &missing_report::CODE,
    &missing_secret::CODE,
    &mount_conflict::CODE,
    &no_reports::CODE,
    &not_a_condition::CODE,
    &not_allowed::CODE,
    &not_locked::CODE,
    &outdated_lock::CODE,
    &package_lists::CODE,
    &parallel_packages::CODE,
    &recommended_packages::CODE,
    &root_user::CODE,
    &script_too_long::CODE,
    &secrets_in_args::CODE,
    &several_documents::CODE,
    &shell_form::CODE,
    &shell_syntax::CODE,
    &source_before_install::CODE,
    &stage_cycle::CODE,
    &syntax_line::CODE,
    &template_recursion::CODE,
    &text_as_comment::CODE,
    &too_many_facts::CODE,
    &too_many_imports::CODE,
    &too_many_nodes::CODE,
    &too_many_stages::CODE,
    &too_many_steps::CODE,
    &undecided_project::CODE,
    &unexpanded_variable::CODE,
    &unknown_action::CODE,
    &unknown_alias::CODE,
    &unknown_argument::CODE,
    &unknown_base::CODE,
    &unknown_cache::CODE,
    &unknown_context::CODE,
    &unknown_key::CODE,
    &unknown_name::CODE,
    &unknown_output::CODE,
    &unknown_part::CODE,
    &unknown_secret::CODE,
    &unknown_stage::CODE,
    &unknown_template::CODE,
    &unknown_user::CODE,
    &unnamed_secret::CODE,
    &unpinned_base::CODE,
    &unpinned_source::CODE,
    &unquoted_expression::CODE,
    &unquoted_value::CODE,
    &unreached_requires::CODE,
    &unreadable_import::CODE,
    &unset_variable::CODE,
    &unsupported_feature::CODE,
    &unsupported_project::CODE,
    &unused_argument::CODE,
    &unused_cache::CODE,
    &unused_import::CODE,
    &unused_secret::CODE,
    &unused_template::CODE,
    &whole_context::CODE,
    &wrong_input::CODE,
    &wrong_type::CODE,
    &yaml_tag::CODE,
];

/// Returns the code with a name.
pub fn find(name: &str) -> Option<&'static Code> {
    ALL.iter().copied().find(|code| code.name == name)
}

#[cfg(test)]
mod tests {
    use super::ALL;

    #[test]
    fn every_file_of_the_folder_is_listed_by_its_name() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/diagnostics");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != "mod.rs")
            .map(|name| name.trim_end_matches(".rs").replace('_', "-"))
            .collect();
        files.sort();
        let codes: Vec<&str> = ALL.iter().map(|code| code.name).collect();
        assert_eq!(files, codes);
    }

    #[test]
    fn every_page_has_an_example_and_a_way_out() {
        for code in ALL {
            assert!(code.page.contains("```"), "{} has no example", code.name);
            assert!(
                code.page.contains("Instead") || code.page.contains("To fix it"),
                "{} gives no way out",
                code.name
            );
        }
    }
}
