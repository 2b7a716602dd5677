//! Every piece of the container subsystem behind a feature. It adds no behaviour of its own.
