//! The seam: one trait for every kind of runtime. It implements none.
