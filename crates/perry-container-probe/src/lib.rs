//! Finds the runtimes of this machine and picks one. It installs none.
