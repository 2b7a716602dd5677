//! `ls`.

use crate::{app::App, failure::Failure, grammar::Ls, ps::go_json, say::harmless, table::List};
use perry_container_compose::engine::LsRow;
use regex::Regex;

/// Shows the projects of a runtime; no compose file is needed.
pub(crate) async fn ls(app: &App, how: &Ls) -> Result<(), Failure> {
    let (list, filter) = (List::parse(&how.format)?, filter(&how.filter)?);
    let mut rows = app.session("ls").await?.ls(how.all).await?;
    rows.retain(|row| {
        filter.as_ref().is_none_or(|any| any.iter().any(|re| re.is_match(&row.name)))
    });
    app.print(&text(how.quiet, list, &rows))
}

fn text(quiet: bool, list: List, rows: &[LsRow]) -> String {
    if quiet {
        return rows.iter().map(|row| format!("{}\n", row.name)).collect();
    }
    match list {
        List::Json => go_json(&rows) + "\n",
        List::Table => {
            let cells = |row: &LsRow| {
                [&row.name, &row.status, &row.config_files].map(|cell| harmless(cell).into_owned())
            };
            List::table(["NAME", "STATUS", "CONFIG FILES"], rows.iter().map(cells))
        }
    }
}

/// The expressions of `name=EXPRESSION`; none: no filter. As with docker compose, what is no expression fits nothing.
fn filter(texts: &[String]) -> Result<Option<Vec<Regex>>, Failure> {
    let mut names = Vec::new();
    for text in texts {
        match text.split_once('=') {
            Some(("name", name)) => names.extend(Regex::new(name.trim()).ok()),
            Some((key, _)) => return Err(Failure::error(format!("invalid filter '{key}'"))),
            None => {
                return Err(Failure::usage(format!(
                    "invalid argument \"{text}\" for \"--filter\" flag: bad format of filter (expected name=value)"
                )));
            }
        }
    }
    Ok((!texts.is_empty()).then_some(names))
}

#[cfg(test)]
mod tests {
    use super::filter;

    fn fits(texts: &[&str], name: &str) -> Result<bool, String> {
        let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        let any = filter(&texts).map_err(|failure| failure.to_string())?;
        Ok(any.is_none_or(|any| any.iter().any(|re| re.is_match(name))))
    }

    #[test]
    fn filters_are_expressions_and_any_of_them_will_do() {
        assert_eq!(fits(&[], "shop"), Ok(true));
        assert_eq!(fits(&["name=ho"], "shop"), Ok(true));
        assert_eq!(fits(&["name=^ho"], "shop"), Ok(false));
        assert_eq!(fits(&["name=^ho", "name=op$"], "shop"), Ok(true));
        assert_eq!(fits(&["name=("], "shop"), Ok(false));
        assert_eq!(fits(&["foo=bar"], "shop"), Err("error: invalid filter 'foo'".to_owned()));
        assert_eq!(
            fits(&["name"], "shop"),
            Err("invalid argument \"name\" for \"--filter\" flag: bad format of filter (expected name=value)".to_owned())
        );
    }
}
