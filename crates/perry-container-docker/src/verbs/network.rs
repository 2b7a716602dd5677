//! Making networks.

use crate::{argv, dialect::Traits};
use perry_container_protocol::{Dialogue, Step, lost, script};
use perry_container_spec::NetworkSpec;

/// How often it is tried.
const TRIES: u32 = 4;

/// podman 4 reads the addresses of every interface of the host to find a free range, and gives up when one of them
/// vanishes meanwhile, as they do whenever a container ends (4.3.1: `route ip+net: no such network interface`). Nothing
/// was made then, so it is asked again.
pub(crate) fn create(
    spec: &NetworkSpec,
    tool: &'static Traits,
) -> impl Dialogue<Reply = ()> + Send + 'static {
    let (call, errors) = (argv::network::create(spec, tool), tool.reader());
    let mut tries = 0;
    script(move |last| {
        if let Some(out) = last.first() {
            let vanished = out.code != 0 && out.complaint().contains("no such network interface");
            if !vanished || tries == TRIES {
                return Step::Done(errors.accepted(out));
            }
        } else if tries > 0 {
            return Step::Done(Err(lost()));
        }
        tries += 1;
        match &call {
            Ok(call) => Step::Run(vec![call.clone()]),
            Err(error) => Step::Done(Err(error.clone())),
        }
    })
}
