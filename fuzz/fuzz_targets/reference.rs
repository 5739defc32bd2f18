//! Fuzzes [`stagefile_fuzz::reference`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| stagefile_fuzz::reference(data));
