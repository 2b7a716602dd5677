//! The few regular expressions the schema uses, by hand: a regex engine would be the largest part
//! of this crate. A test fails when the schema brings a new one.

/// A known expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pattern {
    /// `^x-`
    Extension,
    /// `.+` and `^.+$`
    Anything,
    /// `^[a-z]+$`
    LowerCase,
    /// `^[a-zA-Z0-9._-]+$`
    Name,
    /// `[a-zA-Z0-9][a-zA-Z0-9_.-]+`, anywhere in the text.
    ContainerName,
    /// Words of `pull_policy`, anywhere in the text.
    PullPolicy,
}

const POLICIES: &str =
    "always|never|build|if_not_present|missing|refresh|daily|weekly|every_([0-9]+[wdhms])+";

impl Pattern {
    pub(super) fn of(text: &str) -> Option<Self> {
        Some(match text {
            "^x-" => Self::Extension,
            ".+" | "^.+$" => Self::Anything,
            "^[a-z]+$" => Self::LowerCase,
            "^[a-zA-Z0-9._-]+$" => Self::Name,
            "[a-zA-Z0-9][a-zA-Z0-9_.-]+" => Self::ContainerName,
            POLICIES => Self::PullPolicy,
            _ => return None,
        })
    }

    pub(super) fn fits(self, text: &str) -> bool {
        let name = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
        match self {
            Self::Extension => text.starts_with("x-"),
            Self::Anything => !text.is_empty() && text != "\n",
            Self::LowerCase => {
                !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase())
            }
            Self::Name => !text.is_empty() && text.bytes().all(name),
            Self::ContainerName => text
                .as_bytes()
                .windows(2)
                .any(|pair| pair[0].is_ascii_alphanumeric() && name(pair[1])),
            Self::PullPolicy => {
                POLICIES.split('|').any(|word| text.contains(word))
                    || text.match_indices("every_").any(|(at, word)| {
                        let rest = &text.as_bytes()[at + word.len()..];
                        let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
                        digits > 0 && rest.get(digits).is_some_and(|unit| b"wdhms".contains(unit))
                    })
            }
        }
    }

    /// What fits, for a hint.
    pub(super) fn wants(self) -> &'static str {
        match self {
            Self::Extension => "names that begin with `x-`",
            Self::Anything => "a name that is not empty",
            Self::LowerCase => "small letters only",
            Self::Name => "letters, digits, `.`, `_` and `-` only",
            Self::ContainerName => {
                "two or more letters, digits, `_`, `.` or `-`, beginning with a letter or digit"
            }
            Self::PullPolicy => {
                "always, never, missing, build, refresh, daily, weekly or every_<n><w|d|h|m|s>"
            }
        }
    }
}
