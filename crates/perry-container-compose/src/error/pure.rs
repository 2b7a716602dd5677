//! What can be wrong before any runtime is asked.

use super::ComposeError;
use crate::{
    graph::GraphError,
    load::{LoadError, ProblemKind},
    project::ProjectError,
    reconcile::{LowerError, ReconcileError},
};

impl From<GraphError> for ComposeError {
    fn from(error: GraphError) -> Self {
        match error {
            GraphError::Cycle(cycle) => Self::DependencyCycle { cycle },
            other => Self::InvalidConfig(other.to_string()),
        }
    }
}

impl From<LoadError> for ComposeError {
    fn from(error: LoadError) -> Self {
        let first = error.problems().first();
        match first.filter(|problem| problem.kind == ProblemKind::Cycle) {
            Some(problem) => {
                let ring = problem.message.rsplit(": ").next().unwrap_or_default();
                let cycle = ring.split(" -> ").map(str::to_owned).collect();
                Self::DependencyCycle { cycle }
            }
            None => Self::InvalidConfig(error.to_string()),
        }
    }
}

impl From<ProjectError> for ComposeError {
    fn from(error: ProjectError) -> Self {
        match error {
            ProjectError::Load(error) => error.into(),
            other => Self::InvalidConfig(other.to_string()),
        }
    }
}

impl From<LowerError> for ComposeError {
    fn from(error: LowerError) -> Self {
        Self::InvalidConfig(error.to_string())
    }
}

impl From<ReconcileError> for ComposeError {
    fn from(error: ReconcileError) -> Self {
        match error {
            ReconcileError::Graph(error) => error.into(),
            other if other.code() == 404 => Self::NotFound(other.to_string()),
            other => Self::InvalidConfig(other.to_string()),
        }
    }
}
