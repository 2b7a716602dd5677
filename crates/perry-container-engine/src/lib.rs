//! Sessions: lock, observe, plan, execute, undo. It knows no tool and decides nothing itself.
