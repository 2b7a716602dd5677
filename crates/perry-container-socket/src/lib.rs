//! The Engine API of docker and podman over a socket. It starts no process.
