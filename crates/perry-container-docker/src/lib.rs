//! The command language of docker and podman. It starts no process.
