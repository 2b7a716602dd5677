//! `WWW-Authenticate`: what a registry wants before it answers.

use indexmap::IndexMap;

/// One challenge: its scheme in lower case and its parameters, names in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Challenge {
    pub(crate) scheme: String,
    pub(crate) params: IndexMap<String, String>,
}

/// All challenges of a header (RFC 9110, 11.6.1). What is not understood is left out.
pub(crate) fn parse(header: &str) -> Vec<Challenge> {
    let mut all: Vec<Challenge> = Vec::new();
    for part in split(header) {
        // `Bearer realm="x"`, `service="y"`, `Basic`
        let (scheme, param) = match part.split_once(char::is_whitespace) {
            Some((scheme, rest)) if !scheme.contains('=') => (Some(scheme), rest.trim()),
            _ if part.contains('=') => (None, part),
            _ => (Some(part), ""),
        };
        if let Some(scheme) = scheme {
            let scheme = scheme.to_ascii_lowercase();
            all.push(Challenge { scheme, params: IndexMap::new() });
        }
        if let (Some((name, value)), Some(last)) = (param.split_once('='), all.last_mut()) {
            let name = name.trim().to_ascii_lowercase();
            last.params.entry(name).or_insert_with(|| unquoted(value.trim()));
        }
    }
    all
}

/// At commas outside of quotes.
fn split(header: &str) -> Vec<&str> {
    let (mut parts, mut from, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (at, c) in header.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ',' if !quoted => {
                parts.push(header[from..at].trim());
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(header[from..].trim());
    parts.retain(|part| !part.is_empty());
    parts
}

fn unquoted(value: &str) -> String {
    let Some(inner) = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return value.to_owned();
    };
    let mut text = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        text.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(header: &str) -> String {
        let params = |c: &Challenge| {
            c.params.iter().map(|(name, value)| format!(" {name}={value}")).collect::<String>()
        };
        let all: Vec<String> =
            parse(header).iter().map(|c| format!("{}{}", c.scheme, params(c))).collect();
        all.join(" | ")
    }

    #[test]
    fn challenges() {
        assert_eq!(
            told(
                r#"Bearer realm="https://a.example/token",service="r",scope="repository:a/b:pull,push""#
            ),
            "bearer realm=https://a.example/token service=r scope=repository:a/b:pull,push"
        );
        assert_eq!(told(r#"BASIC realm="x \"y\"""#), r#"basic realm=x "y""#);
        assert_eq!(told(r#"Basic, bearer Realm=z"#), "basic | bearer realm=z");
        assert_eq!(
            told(r#"Bearer realm="never closed, x=y"#),
            r#"bearer realm="never closed, x=y"#
        );
        assert_eq!(told(" , ,"), "");
        assert_eq!(told("=x"), "");
    }
}
