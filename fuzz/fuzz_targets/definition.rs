//! Fuzzes [`stagefile_fuzz::definition`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| stagefile_fuzz::definition(data));
