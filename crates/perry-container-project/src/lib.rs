//! Finds a Compose project's files and reads what they name. It interprets none of it.
