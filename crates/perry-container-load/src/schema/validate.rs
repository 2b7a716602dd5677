//! A document against the schema.

use std::collections::BTreeMap;

use perry_container_yaml::{Kind, Map, Node, Span};

use super::{Rule, SCHEMA, Schema, Type, nearest::nearest, pattern::Pattern};
use crate::{
    ProblemKind, PropertyPath,
    bind::to_json,
    problem::{Fault, Faults, found},
};

/// Everything in the document that the schema does not allow.
pub(crate) fn validate(document: &Node) -> Result<(), Faults> {
    let mut walk = Walk { schema: &SCHEMA, path: PropertyPath::root(), faults: Vec::new() };
    walk.check(0, document, Span::default());
    if walk.faults.is_empty() { Ok(()) } else { Err(walk.faults) }
}

struct Walk<'a> {
    schema: &'a Schema,
    path: PropertyPath,
    faults: Faults,
}

impl<'a> Walk<'a> {
    /// The rule itself, or the one it refers to.
    fn rule(&self, mut number: usize) -> &'a Rule {
        loop {
            let rule = &self.schema.rules[number];
            match rule.reference.as_ref().and_then(|name| self.schema.named.get(name)) {
                Some(next) => number = *next,
                None => return rule,
            }
        }
    }

    fn fault(&mut self, span: Span, message: impl Into<String>) -> &mut Fault {
        self.faults.push(Fault::new(ProblemKind::Schema, &self.path, span, message));
        let last = self.faults.len() - 1;
        &mut self.faults[last]
    }

    /// `key` is the place of the key the node stands under, for nodes that are not written.
    fn check(&mut self, number: usize, node: &Node, key: Span) {
        let rule = self.rule(number);
        let span = if node.span.is_known() { node.span } else { key };
        if !rule.one_of.is_empty() {
            self.one_of(rule, node, key, span);
            return;
        }
        if !rule.types.is_empty() && !rule.types.iter().any(|wanted| is(node, *wanted)) {
            self.wrong_type(&rule.types, node, span);
            return;
        }
        match &node.kind {
            Kind::Map(map) => self.map(rule, map, span),
            Kind::Seq(items) => {
                if let Some(items_rule) = rule.items {
                    for (number, item) in items.iter().enumerate() {
                        self.path.push(number.to_string());
                        self.check(items_rule, item, span);
                        self.path.pop();
                    }
                }
                if rule.unique {
                    self.unique(items);
                }
            }
            Kind::Str(text) => {
                if !rule.allowed.is_empty() && !rule.allowed.contains(text) {
                    let message = format!("{text:?} is not allowed here");
                    let near = nearest(text, rule.allowed.iter().map(String::as_str));
                    let hint = match near {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("one of {}", rule.allowed.join(", ")),
                    };
                    self.fault(span, message).hint = Some(hint);
                }
                if let Some(pattern) = rule.pattern
                    && !pattern.fits(text)
                {
                    let hint = format!("write {}", pattern.wants());
                    self.fault(span, format!("{text:?} is not allowed here")).hint = Some(hint);
                }
            }
            Kind::Int(_) | Kind::Float(_) => self.bounds(rule, node, span),
            Kind::Null | Kind::Bool(_) | Kind::Timestamp(_) => {}
        }
    }

    fn map(&mut self, rule: &'a Rule, map: &Map, span: Span) {
        for (name, entry) in map {
            self.path.push(name.as_str());
            let mut known = false;
            if let Some(member) = rule.properties.get(name) {
                self.check(*member, &entry.value, entry.key);
                known = true;
            }
            for (pattern, member) in &rule.patterns {
                if pattern.fits(name) {
                    self.check(*member, &entry.value, entry.key);
                    known = true;
                }
            }
            self.path.pop();
            if known {
                continue;
            }
            match rule.additional {
                Some(member) => {
                    self.path.push(name.as_str());
                    self.check(member, &entry.value, entry.key);
                    self.path.pop();
                }
                None if rule.closed => self.unknown(rule, name, entry.key),
                None => {}
            }
        }
        for name in &rule.required {
            if !map.contains_key(name) {
                self.fault(span, format!("the property `{name}` is missing"));
            }
        }
    }

    fn unknown(&mut self, rule: &Rule, name: &str, key: Span) {
        let near = nearest(name, rule.properties.keys().map(String::as_str));
        let mut patterns = rule.patterns.iter().map(|(pattern, _)| *pattern);
        let names = patterns.rfind(|pattern| *pattern != Pattern::Extension);
        let hint = match (near, names) {
            (Some(near), _) => Some(format!("did you mean `{near}`?")),
            (None, Some(pattern)) => Some(format!("names hold {}", pattern.wants())),
            (None, None) if rule.properties.len() <= 12 => {
                let known: Vec<&str> = rule.properties.keys().map(String::as_str).collect();
                Some(format!("known are {}", known.join(", ")))
            }
            (None, None) => {
                Some("no such property is known; name your own with `x-` in front".to_owned())
            }
        };
        self.fault(key, format!("additional property `{name}` is not allowed")).hint = hint;
    }

    fn unique(&mut self, items: &[Node]) {
        let mut seen = BTreeMap::new();
        for (later, item) in items.iter().enumerate() {
            if let Some(first) = seen.insert(to_json(item).to_string(), later) {
                let related = (items[first].span, "the first one".to_owned());
                self.fault(item.span, format!("items at {first} and {later} are equal")).related =
                    Some(related);
                return;
            }
        }
    }

    fn bounds(&mut self, rule: &Rule, node: &Node, span: Span) {
        let value = match node.kind {
            Kind::Int(int) => int as f64,
            Kind::Float(float) => float,
            _ => return,
        };
        if let Some(minimum) = rule.minimum.filter(|minimum| value < *minimum) {
            self.fault(span, format!("must not be less than {minimum}"));
        }
        if let Some(maximum) = rule.maximum.filter(|maximum| value > *maximum) {
            self.fault(span, format!("must not be more than {maximum}"));
        }
    }

    /// Alternatives: when one of them is of the value's type, its complaints are the useful ones.
    fn one_of(&mut self, rule: &'a Rule, node: &Node, key: Span, span: Span) {
        let mut wanted = Vec::new();
        let before = self.faults.len();
        let mut complaints: Option<Faults> = None;
        for alternative in &rule.one_of {
            let fits = self.fits(*alternative, node, &mut wanted);
            self.check(*alternative, node, key);
            let own = self.faults.split_off(before);
            if own.is_empty() {
                return;
            }
            if fits && complaints.is_none() {
                complaints = Some(own);
            }
        }
        match complaints {
            Some(own) => self.faults.extend(own),
            None => self.wrong_type(&wanted, node, span),
        }
    }

    /// Whether a rule takes values of the node's type; all types it takes are added to `wanted`.
    fn fits(&self, number: usize, node: &Node, wanted: &mut Vec<Type>) -> bool {
        let rule = self.rule(number);
        for known in &rule.types {
            if !wanted.contains(known) {
                wanted.push(*known);
            }
        }
        let nested = rule.one_of.iter().filter(|next| self.fits(**next, node, wanted)).count() > 0;
        nested || rule.types.iter().any(|known| is(node, *known))
    }

    fn wrong_type(&mut self, wanted: &[Type], node: &Node, span: Span) {
        let mut names: Vec<&str> = wanted.iter().map(|known| known.name()).collect();
        names.dedup();
        let list = match names.split_last() {
            Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
            _ => names.concat(),
        };
        let found = found(&node.kind);
        let takes = |known| wanted.contains(&known);
        let scalar = !matches!(node.kind, Kind::Map(_) | Kind::Seq(_) | Kind::Null);
        let hint = match &node.kind {
            Kind::Timestamp(text) => Some(format!("put it in quotes: \"{text}\"")),
            Kind::Int(_) | Kind::Float(_) | Kind::Bool(_) if takes(Type::String) => {
                Some("put it in quotes".to_owned())
            }
            Kind::Map(_) if takes(Type::Array) => Some("begin each item with `- `".to_owned()),
            Kind::Seq(_) if takes(Type::Object) => {
                Some("write `name: value`, without `- `".to_owned())
            }
            _ if scalar && takes(Type::Array) => {
                Some("write a list: `[value]`, or `- value` on a line of its own".to_owned())
            }
            _ if scalar && takes(Type::Object) => {
                Some("write `name: value` on the lines below, indented".to_owned())
            }
            _ => None,
        };
        self.fault(span, format!("must be {list}, found {found}")).hint = hint;
    }
}

fn is(node: &Node, wanted: Type) -> bool {
    match (&node.kind, wanted) {
        (Kind::Null, Type::Null)
        | (Kind::Bool(_), Type::Boolean)
        | (Kind::Int(_), Type::Integer | Type::Number)
        | (Kind::Float(_), Type::Number)
        | (Kind::Str(_), Type::String)
        | (Kind::Seq(_), Type::Array)
        | (Kind::Map(_), Type::Object) => true,
        (Kind::Float(float), Type::Integer) => float.fract() == 0.0,
        _ => false,
    }
}
