//! Every lane's backend keeps the contract of backends: the same script has the same transcript everywhere, but for what
//! the runtime's capability table says that it lacks.

use perry_container_lab_tests::project::image;
use perry_container_lab_tests::{Project, every_lane};
use perry_container_testkit::contract::{Ground, expected, run};

use super::container_lifecycle_test::Seam;

fn backends_behave_alike(project: &Project) {
    let seam = Seam::new(project.lane);
    let ground = Ground::new(project.name.clone(), image("base"));
    let said = seam.runtime.block_on(run(&*seam.backend, &ground));
    snapbox::assert_data_eq!(said, expected(seam.backend.capabilities()));
}

every_lane!(backends_behave_alike);
