//! Where a value came from: file and line, what it overrode, which variables went into it.

use std::path::PathBuf;

use perry_container_yaml::{Kind, Node, Span};
use serde_json::Value;

use crate::{
    Change, Loaded, Place, PropertyPath, Used,
    bind::to_json,
    trail::{Gone, Trail},
};

/// One value and its way into the model.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// Where it is in the model.
    pub path: PropertyPath,
    /// What it is in the model; none when it was taken away.
    pub value: Option<Value>,
    /// Where it is written; none when it follows from something else. Of a value that was taken away: by what.
    pub place: Option<Place>,
    /// The environment or label file that it stands in, with the line; [`Self::place`] then names the file.
    pub file: Option<(PathBuf, usize)>,
    /// The text as it is written, when there are variables in it.
    pub written: Option<String>,
    /// The variables that went into it.
    pub variables: Vec<Used>,
    /// What was there before, the last one first.
    pub before: Vec<Before>,
}

/// A value that is no more.
#[derive(Debug, Clone, PartialEq)]
pub struct Before {
    /// What it was.
    pub value: Value,
    /// Where it is written.
    pub place: Option<Place>,
    /// The environment or label file that it stood in, with the line; [`Self::place`] then names the file.
    pub file: Option<(PathBuf, usize)>,
    /// How it went.
    pub how: Change,
}

impl Loaded {
    /// Tells of the property at a path, and of all below it, where its values came from. A value that one text says
    /// whole, such as a port in its short form, is told of once. Empty when nothing is there and nothing was.
    ///
    /// The path is dotted, list items by number, keys with dots allowed. What was there before, and variables, are
    /// known when the project was loaded with [`Options::trail`](crate::Options).
    #[must_use]
    pub fn explain(&self, path: &str) -> Vec<Explanation> {
        let model = serde_json::to_value(&self.spec).unwrap_or_default();
        let mut teller = Teller { loaded: self, trail: &self.trail, model, told: Vec::new() };
        match locate(&self.tree.root, path, &[]) {
            Some((segments, key, node)) => {
                let path = PropertyPath::from_iter(segments);
                teller.above(&path);
                teller.tell(&path, key, node);
                teller.taken(|gone| below(gone.path.segments(), path.segments()));
            }
            None => teller.taken(|gone| {
                let gone = gone.path.to_string();
                gone == path || gone.strip_prefix(path).is_some_and(|rest| rest.starts_with('.'))
            }),
        }
        teller.told
    }
}

struct Teller<'a> {
    loaded: &'a Loaded,
    trail: &'a Trail,
    model: Value,
    told: Vec<Explanation>,
}

impl Teller<'_> {
    fn tell(&mut self, path: &PropertyPath, key: Span, node: &Node) {
        let children: Vec<(String, Span, &Node)> = match &node.kind {
            Kind::Map(map) if !said_whole(node) => {
                map.iter().map(|(name, entry)| (name.clone(), entry.key, &entry.value)).collect()
            }
            Kind::Seq(items) if !said_whole(node) => (0..)
                .zip(items)
                .map(|(n, item): (usize, _)| (n.to_string(), item.span, item))
                .collect(),
            _ => Vec::new(),
        };
        let told = self.one(path, key, node);
        if children.is_empty() || !told.before.is_empty() {
            self.told.push(told);
        }
        for (name, key, child) in children {
            self.tell(&path.join(name), key, child);
        }
    }

    fn one(&self, path: &PropertyPath, key: Span, node: &Node) -> Explanation {
        let span = if node.span.is_known() { node.span } else { key };
        let written = self.trail.templates.get(&span);
        let mut told = Explanation {
            path: path.clone(),
            value: Some(self.value(path, node)),
            place: self.loaded.tree.files.place(span),
            file: self.trail.read.get(path).cloned(),
            written: written.map(|template| template.text.clone()),
            variables: written.map(|template| template.used.clone()).unwrap_or_default(),
            before: self.before(path, span),
        };
        if written.is_none() {
            told.variables.extend(self.passed(path, span));
        }
        told
    }

    /// What took the place of something whole and holds what is asked about.
    fn above(&mut self, path: &PropertyPath) {
        let mut node = &self.loaded.tree.root;
        let mut way = PropertyPath::root();
        for segment in path.segments().iter().rev().skip(1).rev() {
            let Some((_, key, next)) = locate(node, segment, &[]) else { return };
            way.push(segment.as_str());
            node = next;
            let told = self.one(&way, key, node);
            if !told.before.is_empty() {
                self.told.push(told);
            }
        }
    }

    /// The model's value, which is what is printed; the document's where the model has it elsewhere.
    fn value(&self, path: &PropertyPath, node: &Node) -> Value {
        let step = |value: &Value, segment: &String| match value {
            Value::Object(map) => map.get(segment).cloned(),
            Value::Array(items) => items.get(segment.parse::<usize>().ok()?).cloned(),
            _ => None,
        };
        let mut at = Some(self.model.clone());
        for segment in path.segments() {
            at = at.and_then(|value| step(&value, segment));
        }
        at.unwrap_or_else(|| to_json(node))
    }

    /// A key without a value has the one of the variable of its name.
    fn passed(&self, path: &PropertyPath, span: Span) -> Option<Used> {
        let name = path.last()?;
        let takes =
            path.matches("services.*.environment.*") || path.matches("services.*.build.args.*");
        let place = self.loaded.tree.files.place(span).filter(|_| takes)?;
        let line = self.loaded.tree.files.line(&place)?;
        let from = (span.column.max(1) - 1) as usize;
        let written: String = line.chars().skip(from).collect();
        let written = written.trim_start_matches(['"', '\'']);
        let rest = written.strip_prefix(name)?;
        let alone =
            !rest.starts_with('=') && rest.chars().next().is_none_or(|c| !c.is_alphanumeric());
        let value = self.loaded.env.get(name).map(str::to_owned);
        (alone && value.is_some()).then(|| Used { name: name.to_owned(), value })
    }

    /// What the value at a place took the place of, and what that one did.
    fn before(&self, path: &PropertyPath, mut span: Span) -> Vec<Before> {
        let mut chain = Vec::new();
        let mut seen = vec![span];
        while let Some(gone) = self.replaced(path, span) {
            chain.push(self.was(gone, path));
            span = gone.was.span;
            if seen.contains(&span) {
                break;
            }
            seen.push(span);
        }
        chain
    }

    /// What went for the value at a place. An alias may stand in several services, and a base in all that extend it:
    /// the one of the same service counts first.
    fn replaced(&self, path: &PropertyPath, span: Span) -> Option<&Gone> {
        let fits = |gone: &&Gone| gone.by == span && gone.how != Change::Reset && span.is_known();
        let all = || self.trail.gone.iter().rev().filter(fits);
        let (own, base) = (path.segments(), path.segments().get(2));
        all()
            .find(|gone| gone.path.segments().iter().take(2).eq(own.iter().take(2)))
            .or_else(|| all().find(|gone| base.is_some() && gone.path.segments().get(2) == base))
    }

    fn was(&self, gone: &Gone, path: &PropertyPath) -> Before {
        let place = self.loaded.tree.files.place(gone.was.span);
        let mut value = to_json(&gone.was);
        // Of `NAME=value` in a list.
        if let (Value::String(text), Some(name)) = (&mut value, path.last())
            && let Some(rest) = text.strip_prefix(name).and_then(|rest| rest.strip_prefix('='))
        {
            *text = rest.to_owned();
        }
        Before { value, place, file: gone.file.clone(), how: gone.how }
    }

    /// What was taken away and did not come back.
    fn taken(&mut self, asked: impl Fn(&Gone) -> bool) {
        for gone in self.trail.gone.iter().filter(|gone| gone.how == Change::Reset && asked(gone)) {
            if locate(&self.loaded.tree.root, &gone.path.to_string(), &[]).is_none() {
                self.told.push(Explanation {
                    path: gone.path.clone(),
                    value: None,
                    place: self.loaded.tree.files.place(gone.by),
                    file: None,
                    written: None,
                    variables: Vec::new(),
                    before: vec![self.was(gone, &gone.path)],
                });
            }
        }
    }
}

fn below(path: &[String], of: &[String]) -> bool {
    path.len() > of.len() && path.starts_with(of)
}

/// Whether one text says all of it: everything in it is written where it is written.
fn said_whole(node: &Node) -> bool {
    fn all(node: &Node, span: Span) -> bool {
        match &node.kind {
            Kind::Map(map) => {
                map.values().all(|entry| entry.value.span == span && all(&entry.value, span))
            }
            Kind::Seq(items) => items.iter().all(|item| item.span == span && all(item, span)),
            _ => true,
        }
    }
    all(node, node.span)
}

/// The node at a dotted path, where keys may hold dots themselves.
fn locate<'a>(node: &'a Node, rest: &str, way: &[String]) -> Option<(Vec<String>, Span, &'a Node)> {
    let ends = rest.match_indices('.').map(|(at, _)| at).chain([rest.len()]);
    for end in ends {
        let (segment, next) = (&rest[..end], rest.get(end + 1..));
        let (key, value) = match &node.kind {
            Kind::Map(map) => match map.get(segment) {
                Some(entry) => (entry.key, &entry.value),
                None => continue,
            },
            Kind::Seq(items) => match segment.parse().ok().and_then(|n: usize| items.get(n)) {
                Some(item) => (item.span, item),
                None => continue,
            },
            _ => return None,
        };
        let mut way = way.to_vec();
        way.push(segment.to_owned());
        let found = match next {
            None => Some((way, key, value)),
            Some(next) => locate(value, next, &way),
        };
        if found.is_some() {
            return found;
        }
    }
    None
}
