//! The manifest declares the calls that the libraries make, word for word, and none that writes.

use conductor_beads::testing::declares;
use conductor_beads::{Call, reads as beads};
use conductor_gastown::{cross_rig, reads as town};

const CALLS: [Call; 11] = [
    cross_rig::IN_RIG,
    cross_rig::IN_TOWN,
    beads::OPEN,
    beads::READY,
    beads::EPICS,
    beads::WHERE,
    town::STATUS,
    town::NOTICES,
    town::REMOTES,
    town::WORK,
    town::CHANGES,
];

#[test]
fn it_declares_what_the_libraries_call() {
    declares(include_str!("../plugin.json"), &CALLS, &[], &[]);
}
