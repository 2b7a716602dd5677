//! Verbs that take more than one call, or more than a glance at what comes back.

pub(crate) mod copy;
pub(crate) mod create;
pub(crate) mod health;
pub(crate) mod inspect;
pub(crate) mod network;
pub(crate) mod observe;
pub(crate) mod remove;
pub(crate) mod start;
