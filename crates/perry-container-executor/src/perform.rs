//! What an executor needs of whoever does the work.

use perry_container_plan::{Act, Facts, Outcome};
use std::pin::Pin;

/// The doing of one action.
pub type Doing<A, E> = Pin<Box<dyn Future<Output = Outcome<A, E>> + Send>>;

/// Turns actions into their doing.
pub trait Perform<A: Act> {
    /// Why an action failed.
    type Error;

    /// Binds late values now, which is pure; the future is the doing. Dropping the future may leave its effect in doubt.
    fn perform(&self, action: &A, facts: &Facts<A>) -> Doing<A, Self::Error>;

    /// The error of an action that panicked; without one the outcome in doubt carries none, the event still tells.
    fn panicked(&self, text: &str) -> Option<Self::Error> {
        let _ = text;
        None
    }
}
