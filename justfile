# What one does with this repository. `just` lists it.

_list:
    @just --list --unsorted

# All tests; those that need the real Claude Code client or other tools say so and skip where these are missing.
test *ARGS:
    cargo test --workspace {{ARGS}}

# The tests with the real bd, gt and dolt, which are built first where they are not there.
real *ARGS:
    tests/real/install.sh
    CONDUCTOR_REQUIRE_REAL=1 cargo test --workspace --test town {{ARGS}}

# Every way through Gas Town, one town after the other: an hour on two cores, and a quarter of an hour more the first time.
real-all *ARGS:
    tests/real/install.sh --others
    CONDUCTOR_REQUIRE_REAL=1 cargo test --workspace --test dispatch_town --test migrate_town -- --include-ignored --test-threads 1 {{ARGS}}

# Rebuilds the bundled plugins as components into host/builtin/.
guests *ARGS:
    plugins/build.sh {{ARGS}}

# What CI checks beside the tests.
check:
    cargo fmt --check
    cargo clippy --workspace --all-targets -- -D warnings
    cargo deny check bans licenses sources
    plugins/build.sh --check

# Rewrites what tests compare with: cases, schemas, the corpus table. Read the difference before you commit it.
bless:
    BLESS=1 cargo test --workspace

# Ours, the same code natively, and the floor, in one run. CONDUCTOR_CORPUS adds the real plans.
bench *ARGS:
    cargo build --release --bin conductor --bin conductor-bench --bin native-status
    target/release/conductor-bench {{ARGS}}

# A live status beside its slowest call, on a real Gas Town (tests/real/install.sh builds its tools).
bench-live:
    cargo test --release --workspace --test town --test dispatch_town -- --ignored --nocapture how_long
