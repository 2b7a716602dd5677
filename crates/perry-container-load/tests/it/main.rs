//! Files in, a model or a message out.
