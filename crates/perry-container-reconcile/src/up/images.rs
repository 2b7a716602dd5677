//! Images of the units that get a new container.

use super::Planner;
use crate::{Action, Cause, ImageSource, PullPolicy, ReconcileError, UpOptions};
use perry_container_plan::Edge;
use perry_container_spec::ImagePull;

/// What has to be done for an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fetch {
    Nothing,
    Pull(bool),
    Build(bool),
    Absent,
}

/// `there`: whether the runtime has it. The flag says that it was asked for although it is there.
pub(super) fn fetch(image: &ImageSource, there: bool, options: &UpOptions) -> Fetch {
    if options.fetched.contains(&image.reference) {
        return Fetch::Nothing;
    }
    let policy = options.pull.unwrap_or(image.policy);
    if image.build.is_some() {
        let wanted = options.build || policy == PullPolicy::Build;
        return match (options.no_build, there) {
            (false, true) if wanted => Fetch::Build(true),
            (_, true) => Fetch::Nothing,
            (false, false) => Fetch::Build(false),
            (true, false) => Fetch::Absent,
        };
    }
    match policy {
        PullPolicy::Always => Fetch::Pull(there),
        _ if there => Fetch::Nothing,
        PullPolicy::Never => Fetch::Absent,
        PullPolicy::Missing | PullPolicy::Build | PullPolicy::Every(_) => Fetch::Pull(false),
    }
}

/// The action that does it.
pub(super) fn action(image: &ImageSource, fetch: Fetch) -> Option<(Action, Cause)> {
    let cause = |again| if again { Cause::Requested } else { Cause::Missing };
    match fetch {
        Fetch::Nothing | Fetch::Absent => None,
        Fetch::Pull(again) => {
            let pull =
                ImagePull { reference: image.reference.clone(), platform: image.platform.clone() };
            Some((Action::Pull(pull), cause(again)))
        }
        Fetch::Build(again) => Some((Action::Build(image.build.clone()?), cause(again))),
    }
}

impl Planner<'_> {
    /// One node per image and platform, however many units use it.
    pub(super) fn images(&mut self) -> Result<(), ReconcileError> {
        for id in self.scope.levels.iter().flatten() {
            if !self.choices[id].fresh {
                continue;
            }
            let image = &self.unit(id).image;
            let key = (image.reference.as_str(), image.platform.as_deref());
            if self.images.contains_key(&key) {
                continue;
            }
            let fetch =
                fetch(image, self.observed.images.contains_key(&image.reference), self.options);
            if fetch == Fetch::Absent {
                let why = if image.build.is_some() {
                    "and building was forbidden"
                } else {
                    "and its pull policy is never"
                };
                let (service, image) = (id.service.clone(), image.reference.clone());
                return Err(ReconcileError::ImageAbsent { service, image, why });
            }
            if let Some((action, cause)) = action(image, fetch) {
                let node = self.plan().act(0, action, cause, &[]);
                self.images.insert(key, node);
            }
        }
        let leaving = self.choices.values().any(|choice| !choice.away.is_empty());
        if leaving && !self.images.is_empty() {
            let after = self.images.values().map(|node| (*node, Edge::Needs)).collect();
            self.images_ready = Some((self.plan().barrier(0, after), Edge::Needs));
        }
        Ok(())
    }
}
