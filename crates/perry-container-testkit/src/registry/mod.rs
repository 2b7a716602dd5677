//! A registry of images on this machine, with faults: what clients of registries are tested against.
//!
//! What a repository does follows from the first element of its name:
//!
//! | first element | behaviour |
//! |---|---|
//! | `noref` | no referrers API (404): clients must use the fallback tag |
//! | `auth` | 401 with a Bearer challenge; the token service hands out anonymous tokens |
//! | `private` | the token service wants user `sig` and password `bed`, or the refresh token `sig-bed` |
//! | `basic` | wants user `sig` and password `bed` itself |
//! | `redir` | blobs answer 307 to another path, as object stores do |
//! | `fault/K` | manifests of signatures and referrers misbehave in way K ([`FAULTS`]) |
//! | `bad/K` | every manifest does |

mod serve;
mod store;

pub use serve::{FAULTS, RegistryServer};
pub use store::Store;
