//! The simulation keeps the contract that real engines keep.

use perry_container_testkit::{
    Script, Sim, Tap,
    contract::{Ground, TRANSCRIPT, run},
};
use snapbox::assert_data_eq;

#[tokio::test(start_paused = true)]
async fn the_simulation_keeps_the_contract() {
    let sim = Tap::new(Sim::new().with_image("lab/base:1", Script::shell()));
    let said = run(&sim, &Ground::new("simulated", "lab/base:1")).await;
    assert_data_eq!(said, TRANSCRIPT);
    assert_eq!(sim.inner().text(), "", "nothing is left");
}
