//! What each runtime can do, as tables, and how a desired container is fitted to them. It asks no runtime.
