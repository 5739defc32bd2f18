//! Fuzzes [`stagefile_fuzz::file`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| stagefile_fuzz::file(data));
