//! Where requests may go.

use crate::RegistryError;
use reqwest::Url;
use std::net::IpAddr;

/// Whether a host is this machine: docker talks to such registries without TLS, too.
pub(crate) fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback())
}

/// This machine, its link, or no place at all: where nobody else's registry has anything to send us.
fn is_near(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let near = |ip: IpAddr| match ip.to_canonical() {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_link_local() || ip.is_unspecified(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unicast_link_local() || ip.is_unspecified(),
    };
    host == "localhost" || host.ends_with(".localhost") || bare.parse::<IpAddr>().is_ok_and(near)
}

/// Scheme, host and port.
pub(crate) fn same_origin(one: &Url, other: &Url) -> bool {
    one.origin() == other.origin()
}

/// Whether secrets may go there.
pub(crate) fn is_private(url: &Url) -> bool {
    url.scheme() == "https" || url.host_str().is_some_and(is_loopback)
}

/// The place that an answer from `from` points to.
pub(crate) fn follow(from: &Url, location: &str, what: &str) -> Result<Url, RegistryError> {
    let refuse = |why| {
        let to = location.chars().take(200).filter(|c| !c.is_control()).collect();
        Err(RegistryError::Redirect { what: what.to_owned(), to, why })
    };
    let Ok(to) = from.join(location) else { return refuse("which is no URL") };
    let (Some(here), Some(there)) = (from.host_str(), to.host_str()) else {
        return refuse("which has no host");
    };
    match (from.scheme(), to.scheme()) {
        (_, "https") => {}
        ("http", "http") => {}
        ("https", "http") => return refuse("without TLS"),
        _ => return refuse("which is neither https nor http"),
    }
    if is_near(there) && !is_near(here) {
        return refuse("which is this machine or its link");
    }
    if !to.username().is_empty() || to.password().is_some() {
        return refuse("with credentials in it");
    }
    Ok(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(from: &str, location: &str) -> String {
        match follow(&from.parse().unwrap(), location, "x") {
            Ok(url) => url.to_string(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn redirects() {
        let told = |location| told("https://r.example/v2/a/blobs/x", location);
        assert_eq!(told("/other?at=store"), "https://r.example/other?at=store");
        assert_eq!(told("https://cdn.example/b"), "https://cdn.example/b");
        let refused = [
            ("http://cdn.example/b", "without TLS"),
            ("http://r.example/b", "without TLS"),
            ("https://127.0.0.1/b", "this machine"),
            ("https://localhost:8080/", "this machine"),
            ("https://a.localhost/", "this machine"),
            ("https://169.254.169.254/latest/meta-data", "this machine or its link"),
            ("https://[::1]/", "this machine"),
            ("https://[::ffff:127.0.0.1]/", "this machine"),
            ("https://0.0.0.0/", "this machine"),
            ("file:///etc/passwd", "no host"),
            ("ftp://r.example/", "neither https nor http"),
            ("https://me:pw@r.example/", "credentials"),
            ("https://[", "no URL"),
        ];
        for (location, why) in refused {
            assert!(told(location).contains(why), "{location}: {}", told(location));
        }
    }

    #[test]
    fn a_registry_of_this_machine_may_point_anywhere() {
        let from = "http://127.0.0.1:5000/v2/";
        assert_eq!(told(from, "http://localhost:9000/b"), "http://localhost:9000/b");
        assert_eq!(told(from, "https://cdn.example/b"), "https://cdn.example/b");
        assert_eq!(told(from, "http://cdn.example/b"), "http://cdn.example/b");
    }

    #[test]
    fn secrets_go_over_tls_or_stay() {
        for (url, private) in [
            ("https://a.example/token", true),
            ("http://a.example/token", false),
            ("http://127.8.9.1:5000/token", true),
            ("http://[::1]/token", true),
            ("http://localhost.example/token", false),
        ] {
            assert_eq!(is_private(&url.parse().unwrap()), private, "{url}");
        }
    }
}
