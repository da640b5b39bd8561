// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// The contracts that may take stakes, each in its own way, and the one that says which terms a round may have.
struct Modules {
    /// Rejects and slashes by proof.
    address disputes;
    /// Rejects and slashes for silence.
    address questions;
    /// Rejects what a panel refuted.
    address evaluations;
    /// Certifies, and burns.
    address availability;
    /// Says which terms a round may have.
    address floors;
}

/// Whether the chain's sequencer is up, and for how many seconds after an outage nothing runs out; zero for none.
struct Uptime {
    /// In Chainlink's form; 0: none.
    address uptimeFeed;
    /// Seconds after an outage in which nothing runs out.
    uint32 grace;
}
