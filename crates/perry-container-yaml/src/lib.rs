//! YAML text to nodes that know where they stand, and back. It knows no schema.
