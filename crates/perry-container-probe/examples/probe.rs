//! Shows which runtimes answer here, then which one is chosen: `cargo run --example probe`.
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use perry_container_probe::{Detector, ProbeError, detect_backend};

#[tokio::main]
async fn main() -> Result<(), ProbeError> {
    for info in Detector::current().probe_all().await? {
        println!("{}", serde_json::to_string(&info).unwrap_or_default());
    }
    let found = detect_backend().await?;
    println!("{found:?}");
    Ok(())
}
