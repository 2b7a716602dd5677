//! Lists that are printed as a table or as one piece of JSON.

use crate::{failure::Failure, ps::columns};

/// How a list is printed: `ls` and `images` know no templates, as with docker compose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum List {
    Table,
    Json,
}

impl List {
    /// Reads `--format`.
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        match text {
            "" | "table" | "pretty" => Ok(Self::Table),
            "json" => Ok(Self::Json),
            _ => Err(Failure::error(format!(
                "format value \"{text}\" could not be parsed: parsing failed"
            ))),
        }
    }

    /// Columns of at least 20 under headings.
    pub(crate) fn table<const N: usize>(
        headings: [&str; N],
        rows: impl Iterator<Item = [String; N]>,
    ) -> String {
        let rows = rows.map(Vec::from);
        let headings = headings.map(str::to_owned).to_vec();
        columns(20, 3, &std::iter::once(headings).chain(rows).collect::<Vec<_>>())
    }
}
