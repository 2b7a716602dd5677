//! Runs a protocol's command lines as processes that end with their caller. It knows no tool.
