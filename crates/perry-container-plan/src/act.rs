//! What a plan has to know of an action. All of it is data: an executor reads, it never decides.

use std::{fmt, time::Duration};

/// An action that a plan can hold.
pub trait Act: Clone + fmt::Debug + fmt::Display {
    /// Why an action is in a plan.
    type Cause: Clone + fmt::Debug + fmt::Display;
    /// The name of a value that an action finds out.
    type Ref: Clone + fmt::Debug + Ord;

    /// How it is taken back.
    fn undo(&self) -> Undo<Self>;

    /// What limits how many like it run at once.
    fn lane(&self) -> Lane;

    /// What an interrupt does to it while it is under way.
    fn interrupt(&self) -> Interrupt;

    /// A pause of this length, for strategies that want one between levels.
    fn settle(pause: Duration) -> Option<Self> {
        let _ = pause;
        None
    }
}

/// How an action is taken back.
#[derive(Debug, Clone)]
pub enum Undo<A> {
    /// By another action.
    By(A),
    /// It leaves nothing that matters.
    Nothing,
    /// Nothing brings it back, so it waits behind the commit point.
    Final,
}

/// What limits how much runs at once; the limits are data too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    /// Barriers and the commit point: never limited.
    Order,
    /// Pulling and pushing images.
    Image,
    /// Building images.
    Build,
    /// Calls on containers, networks and volumes.
    Container,
    /// Waiting.
    Wait,
}

/// What an interrupt does to an action under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interrupt {
    /// It ends now (waits, pulls, builds).
    AtOnce,
    /// It is short and may finish.
    LetFinish,
}
