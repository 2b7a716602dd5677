//! For every property path of the schema: each form, wrong types, null, a near miss, an override by each form, a
//! `!reset`, an `!override`, and values of typed properties that come from a variable.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};

use super::document::{Yaml, companions, files, key, project};
use super::samples::scalars;
use super::{case, words};
use crate::conformance::case::{Case, Content};
use crate::workspace;

/// One path a line: the path, its JSON types, and `v5` where docker compose 2.40.3 does not know it.
const PATHS: &str = "fixtures/compose/schema-paths.txt";

struct Property<'a> {
    path: &'a str,
    forms: Vec<&'a str>,
    v5: bool,
}

struct Schema<'a>(BTreeMap<&'a str, Property<'a>>);

pub(super) fn cases() -> Result<Vec<Case>> {
    let text = std::fs::read_to_string(workspace::path(PATHS))
        .with_context(|| format!("reading {PATHS}"))?;
    let property = |line: &'_ str| -> Option<_> {
        let mut columns = line.split('\t');
        let (path, forms) = (columns.next()?, columns.next()?);
        Some((path.to_owned(), forms.to_owned(), columns.next().is_some()))
    };
    let rows: Vec<_> =
        text.lines().filter(|line| !line.starts_with('#')).filter_map(property).collect();
    let schema = Schema(
        rows.iter()
            .map(|(path, forms, v5)| {
                let forms = forms.split(',').collect();
                (path.as_str(), Property { path, forms, v5: *v5 })
            })
            .collect(),
    );
    let mut all = Vec::new();
    for property in schema.0.values() {
        schema.forms(property, &mut all);
        if property.v5 {
            continue;
        }
        schema.wrong(property, &mut all);
        schema.neighbours(property, &mut all);
        schema.overrides(property, &mut all);
        schema.tags(property, &mut all);
        typed(property, &mut all);
    }
    Ok(all)
}

/// A path as part of an id.
fn slug(path: &str) -> String {
    path.replace(".*", "-k").replace(".[]", "-i").replace('.', "-")
}

impl Schema<'_> {
    fn children(&self, path: &str) -> Vec<&str> {
        let start = format!("{path}.");
        let names = self.0.keys().filter_map(|other| other.strip_prefix(start.as_str()));
        names.filter(|rest| !rest.contains('.')).collect()
    }

    /// Names that the schema gives to children.
    fn named(&self, path: &str) -> Vec<&str> {
        let mut all = self.children(path);
        all.retain(|name| !matches!(*name, "*" | "[]"));
        all
    }

    /// The first or the second value of a form.
    fn value(&self, path: &str, form: &str, which: usize) -> Yaml {
        let below = |path: &str| {
            let forms = self.0.get(path).map(|property| property.forms.clone()).unwrap_or_default();
            let best = ["string", "object", "array"];
            let form = best.iter().find(|form| forms.contains(form)).or(forms.first());
            self.value(path, form.copied().unwrap_or("string"), which)
        };
        match form {
            "array" => Yaml::Seq(vec![below(&format!("{path}.[]"))]),
            "object" if self.0.contains_key(format!("{path}.*").as_str()) => {
                let child = format!("{path}.*");
                let mut entries = vec![(key(path).to_owned(), below(&child))];
                if which == 1 && key(path) == "K" {
                    entries.push(("L".to_owned(), below(&child)));
                }
                Yaml::Map(entries)
            }
            "object" => {
                let named = self.named(path);
                let Some(child) = named.get(which).or(named.first()) else {
                    return Yaml::raw("{}");
                };
                let own = below(&format!("{path}.{child}"));
                let mut entries: Vec<_> = companions(path, child)
                    .iter()
                    .filter(|(name, _)| name != child)
                    .map(|(name, text)| ((*name).to_owned(), Yaml::raw(text)))
                    .collect();
                entries.push(((*child).to_owned(), own));
                Yaml::Map(entries)
            }
            _ => Yaml::raw(scalars(path, form).unwrap_or(["one", "two"])[which]),
        }
    }

    fn forms(&self, property: &Property<'_>, all: &mut Vec<Case>) {
        let rule = if property.v5 { "v5" } else { "form" };
        for form in &property.forms {
            let value = self.value(property.path, form, 0);
            all.push(one(rule, property.path, form, &value));
            if *form == "string" && property.path.ends_with(".[]") {
                let value = self.value(property.path, form, 1);
                all.push(one(rule, property.path, "string-2", &value));
            }
        }
        if property.v5 {
            return;
        }
        for (form, empty) in [("array", "[]"), ("object", "{}"), ("string", "''")] {
            if property.forms.contains(&form) {
                all.push(one("empty", property.path, form, &Yaml::raw(empty)));
            }
        }
    }

    /// Types that a property does not take, alone and as what a second file says about it.
    fn wrong(&self, property: &Property<'_>, all: &mut Vec<Case>) {
        let types = [
            ("object", "{bogus: {a: 1}}"),
            ("array", "[[a]]"),
            ("string", "bogus"),
            ("boolean", "true"),
            ("number", "1.5"),
        ];
        let not = types.iter().filter(|(name, _)| !property.forms.contains(name));
        for (name, text) in not.take(2) {
            all.push(one("wrong-type", property.path, name, &Yaml::raw(text)));
            if let Some(form) = property.forms.iter().find(|form| **form != "null") {
                let base = project(property.path, self.value(property.path, form, 0)).text();
                let over = over_only(property.path, Yaml::raw(text)).text();
                let form = format!("{name}-over-{form}");
                all.push(two("wrong-override", property.path, &form, &base, &over));
            }
        }
        if !property.forms.contains(&"null") {
            all.push(one("null", property.path, "null", &Yaml::raw("null")));
        }
    }

    /// A key that is nearly right, and one that begins with `x-`.
    fn neighbours(&self, property: &Property<'_>, all: &mut Vec<Case>) {
        let named = self.named(property.path);
        let Some(name) = named.last() else { return };
        let mut near: String = (*name).to_owned();
        near.push_str(&name[name.len() - 1..]);
        let unknown = format!("{}.{near}", property.path);
        let value = self.value(&format!("{}.{name}", property.path), "string", 0);
        all.push(one("near-miss", &unknown, "unknown", &value));
        let own = format!("{}.x-own", property.path);
        all.push(one("extension", &own, "x", &Yaml::raw("{a: [1, $${V}]}")));
    }

    /// Every form over every form.
    fn overrides(&self, property: &Property<'_>, all: &mut Vec<Case>) {
        // Where any scalar goes, text and number tell all.
        let scalar = property.forms.iter().all(|form| !matches!(*form, "array" | "object"));
        let forms: Vec<&str> = match property.forms.len() {
            3.. if scalar => vec!["string", "number"],
            _ => property.forms.clone(),
        };
        for base in &forms {
            for over in &forms {
                let base_text = project(property.path, self.value(property.path, base, 0)).text();
                let over_text = over_only(property.path, self.value(property.path, over, 1)).text();
                let form = format!("{over}-over-{base}");
                all.push(two("override", property.path, &form, &base_text, &over_text));
            }
        }
    }

    fn tags(&self, property: &Property<'_>, all: &mut Vec<Case>) {
        let Some(form) = property.forms.iter().find(|form| **form != "null") else { return };
        let base = project(property.path, self.value(property.path, form, 0)).text();
        let over = over_only(property.path, Yaml::raw("!reset null")).text();
        all.push(two("reset", property.path, "reset", &base, &over));
        let value = self.value(property.path, form, 1);
        let tagged = match value {
            Yaml::Raw(text) => Yaml::Raw(format!("!override {text}")),
            // The tag stands behind the key, the value in the lines below.
            other => Yaml::Tagged("!override", Box::new(other)),
        };
        let over = over_only(property.path, tagged).text();
        all.push(two("override-tag", property.path, "override", &base, &over));
    }
}

/// What an override file says about a property: nothing else.
fn over_only(path: &str, leaf: Yaml) -> Yaml {
    super::document::around(path, leaf)
}

/// Values of typed properties from variables: one that fits, one that does not, one that is not set.
fn typed(property: &Property<'_>, all: &mut Vec<Case>) {
    let typed =
        property.forms.iter().find(|form| matches!(**form, "boolean" | "integer" | "number"));
    let Some(form) = typed else { return };
    // Labels and the like take any scalar.
    if property.forms.contains(&"null") || property.path.ends_with(".*") {
        return;
    }
    let text = project(property.path, Yaml::raw("${V}")).text();
    let good = scalars(property.path, form).unwrap_or(["5", "6"])[0];
    for (name, value) in [("good", Some(good)), ("bad", Some("nope")), ("unset", None)] {
        let mut case = named("typed", property.path, name);
        case.env.extend(value.map(|value| ("V".to_owned(), value.to_owned())));
        put(&mut case, "compose.yaml", &text);
        all.push(case);
    }
}

fn named(rule: &str, path: &str, name: &str) -> Case {
    let about: Vec<&str> = path.split('.').filter(|part| !matches!(*part, "*" | "[]")).collect();
    let about = about.iter().take(2).copied().collect::<Vec<_>>().join(".");
    let id = format!("{rule}-{}-{name}", slug(path));
    let mut case = case(id, &[rule, &about], &files(path));
    case.args = words(&["--all-resources", "-f", "compose.yaml"]);
    case
}

fn put(case: &mut Case, path: &str, text: &str) {
    case.files.insert(path.to_owned(), Content::Text(text.to_owned()));
}

fn one(rule: &str, path: &str, name: &str, value: &Yaml) -> Case {
    let mut case = named(rule, path, name);
    put(&mut case, "compose.yaml", &project(path, value.clone()).text());
    case
}

fn two(rule: &str, path: &str, name: &str, base: &str, over: &str) -> Case {
    let mut case = named(rule, path, name);
    case.args.extend(words(&["-f", "over.yaml"]));
    put(&mut case, "compose.yaml", base);
    put(&mut case, "over.yaml", over);
    case
}
