//! Walks a plan. It makes no decision.
