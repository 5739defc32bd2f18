//! Fuzzes [`stagefile_fuzz::ignore`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| stagefile_fuzz::ignore(data));
