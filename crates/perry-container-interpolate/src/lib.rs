//! Templates with variables and the grammar of .env files over an environment value. It reads no process environment and no file.
