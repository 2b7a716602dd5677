//! Templates and environment files, as text. Expected results were asked of docker compose 2.40.3.

mod dotenv;
mod property;
mod template;
