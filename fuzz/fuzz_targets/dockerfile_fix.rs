//! Fuzzes [`stagefile_fuzz::dockerfile_fix`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| stagefile_fuzz::dockerfile_fix(data));
