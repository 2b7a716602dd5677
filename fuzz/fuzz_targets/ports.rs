#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| perry_container_fuzz::ports(data));
