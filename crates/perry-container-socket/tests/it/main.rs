//! The Engine API as it is spoken: against a scripted server, and against the engines of this machine.

mod lab;
