//! Names of containers that nobody named.

use md5::{Digest as _, Md5};

/// `{first 8 hex digits of the MD5 of the image}-{suffix as 8 hex digits}`: the same image gives names that sort together,
/// and the suffix, which the caller draws at random, keeps them apart.
///
/// ```
/// use perry_container_compose::generate_name;
/// assert_eq!(generate_name("redis:7", 0x00c0_ffee), "8db2640a-00c0ffee");
/// ```
#[must_use]
pub fn generate_name(image: &str, suffix: u32) -> String {
    let digest = Md5::digest(image.as_bytes());
    let prefix = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
    format!("{prefix:08x}-{suffix:08x}")
}
