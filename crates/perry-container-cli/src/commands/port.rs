//! `port`.

use crate::{app::App, failure::Failure, grammar::Port};

/// Shows where a port of a service's container is published.
pub(crate) async fn port(app: &App, how: &Port) -> Result<(), Failure> {
    let [service, port] = how.words.as_slice() else {
        return Err(Failure::usage(format!(
            "requires 2 arguments, SERVICE and PRIVATE_PORT, not {}",
            how.words.len()
        )));
    };
    let port: u16 = port.parse().map_err(|_| {
        Failure::usage(format!("invalid port \"{port}\": a number up to {}", u16::MAX))
    })?;
    let found = app.project_or_name(&app.project_options(&[])?)?;
    let index = how.index.and_then(|index| u32::try_from(index).ok()).filter(|index| *index > 0);
    let protocol = how.protocol.to_lowercase();
    let session = app.session("port").await?;
    let address = session.port(found.name(), service, index, port, &protocol).await?;
    app.print(&format!("{address}\n"))
}
