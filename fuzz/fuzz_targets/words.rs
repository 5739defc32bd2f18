//! Fuzzes [`stagefile_fuzz::words`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| stagefile_fuzz::words(data));
