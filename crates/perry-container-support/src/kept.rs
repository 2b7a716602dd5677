//! What a runtime made otherwise than it was asked to, and only what it made shows.

use crate::{Act, Capabilities, Feature, Level, Note, rules::Template};
use perry_container_spec::ImageInfo;

/// Whether it takes a look at what was made to know what became of a template: there is something in it that the runtime
/// accepts and may not keep.
pub fn may_differ(template: &Template, can: &Capabilities) -> bool {
    wanted(template).is_some() && can.level(Feature::MultiArchPull) == Level::Partial
}

/// What of a template was not kept, told by the image that its container was made of. Nothing where the runtime keeps it, or
/// shows nothing.
///
/// ```
/// use perry_container_spec::{ContainerSpec, ImageInfo, Late};
/// use perry_container_support::{Capabilities, kept};
///
/// let mut template = ContainerSpec::<Late>::new(Late::known("lab/base:1"));
/// template.platform = Some("linux/arm64".to_owned());
/// let image = ImageInfo { platform: "linux/amd64".to_owned(), ..ImageInfo::default() };
/// let notes = kept(&template, &image, &Capabilities::podman("4.3.1"));
/// assert_eq!(
///     notes[0].to_string(),
///     "platform: linux/arm64 was asked for and linux/amd64 is there; \
///      podman takes an image of another platform when there is none of that one",
/// );
/// ```
pub fn kept(template: &Template, image: &ImageInfo, can: &Capabilities) -> Vec<Note> {
    let Some(from) = wanted(template).filter(|_| may_differ(template, can)) else {
        return Vec::new();
    };
    let to = image.platform.as_str();
    if to.is_empty() || is_of(to, from) {
        return Vec::new();
    }
    let (feature, path) = (Feature::MultiArchPull, "platform".to_owned());
    let text = format!("{from} was asked for and {to} is there; {}", can.text(feature));
    let act = Act::Translated { from: from.to_owned(), to: to.to_owned() };
    vec![Note { feature, path, act, text }]
}

fn wanted(template: &Template) -> Option<&str> {
    template.platform.as_deref().filter(|platform| !platform.is_empty())
}

/// Whether an image of platform `is` is one of platform `wanted`: what was not said may be anything, and a word without a
/// system is an architecture of Linux.
fn is_of(is: &str, wanted: &str) -> bool {
    let wanted = if wanted.contains('/') { wanted.to_owned() } else { format!("linux/{wanted}") };
    let usual = |part: &str| match part {
        "x86_64" | "x86-64" => "amd64".to_owned(),
        "aarch64" => "arm64".to_owned(),
        other => other.to_ascii_lowercase(),
    };
    // v8 is the only variant of arm64 that images have, and many do not say it.
    let says = |parts: &[String], n: usize| match parts.get(n) {
        Some(part) => Some(part.clone()),
        None => (n == 2 && parts[1] == "arm64").then(|| "v8".to_owned()),
    };
    let (is, wanted): (Vec<_>, Vec<_>) =
        (is.split('/').map(usual).collect(), wanted.split('/').map(usual).collect());
    if is.len() < 2 {
        return true;
    }
    (0..wanted.len()).all(|n| says(&is, n).is_none_or(|is| says(&wanted, n) == Some(is)))
}

#[cfg(test)]
mod tests {
    use super::is_of;

    #[test]
    fn platforms_are_compared_by_what_is_said() {
        for (is, wanted, same) in [
            ("linux/amd64", "linux/amd64", true),
            ("linux/amd64", "amd64", true),
            ("linux/amd64", "linux/x86_64", true),
            ("linux/amd64", "linux/arm64", false),
            ("linux/arm64", "linux/arm64/v8", true),
            ("linux/arm64/v8", "linux/aarch64", true),
            ("linux/arm/v7", "linux/arm", true),
            ("linux/arm/v6", "linux/arm/v7", false),
            ("linux/amd64", "windows/amd64", false),
            ("linux/amd64", "bogus", false),
            ("linux/amd64", "", false),
        ] {
            assert_eq!(is_of(is, wanted), same, "{is} for {wanted}");
        }
    }
}
