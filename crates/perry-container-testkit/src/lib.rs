//! A runtime in memory, a decorator for every backend, recordings and generators for tests. Not for production.
