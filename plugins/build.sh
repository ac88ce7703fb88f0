#!/bin/sh
# Builds the bundled plugins as components and puts them, with their manifests, into host/builtin/.
#
#   plugins/build.sh           rebuild
#   plugins/build.sh --check   rebuild and compare: with the toolchain that host/builtin/index.json names the bytes must be the
#                              same; with another one the rebuilt components take their place, so that the tests run on them
#
# Uses the wasm32-wasip2 target of rustup where it is installed, and Debian's packages otherwise:
#   apt-get install rustc-web cargo-web rust-web-src wasi-libc
# (docs/maintaining.md says why and what each variable below is for).
set -eu
cd "$(dirname "$0")/.."
root=$(pwd -P)
target=$root/target/guests

# No path of this machine may end up in a component: the same sources make the same bytes everywhere.
flags="--remap-path-prefix=$root=."
for registry in "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*; do
    flags="$flags --remap-path-prefix=$registry=registry"
done

# The last two are the examples of docs/plugins.md; they are tried out by tests and not bundled.
plugins="-p conductor-status -p conductor-doctor -p conductor-dispatch-component -p conductor-migrate -p conductor-formula -p words -p standup"
build="build --locked --profile guest --target wasm32-wasip2 --target-dir $target $plugins"
sysroot=$(rustc --print sysroot)
if [ -d "$sysroot/lib/rustlib/wasm32-wasip2" ]; then
    toolchain=$(rustc --version)
    echo "building with $toolchain (rustup)"
    # shellcheck disable=SC2086
    CARGO_TARGET_WASM32_WASIP2_RUSTFLAGS="$flags" cargo $build
elif [ -x /usr/bin/cargo ] && [ -d /usr/lib/wasm32-wasi ]; then
    toolchain="$(/usr/bin/rustc --version), Debian, std built from source"
    echo "building with $toolchain"
    linkers=$sysroot/lib/rustlib/$(rustc -vV | sed -n 's/^host: //p')/bin
    # shellcheck disable=SC2086
    env -u RUSTUP_TOOLCHAIN RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 PATH="$linkers/gcc-ld:/usr/bin:$PATH" \
        CARGO_TARGET_WASM32_WASIP2_LINKER="$linkers/wasm-component-ld" \
        CARGO_TARGET_WASM32_WASIP2_RUSTFLAGS="$flags -Clink-self-contained=no -Lnative=/usr/lib/wasm32-wasi" \
        /usr/bin/cargo $build -Zbuild-std=std,panic_abort
else
    echo "error: no compiler for wasm32-wasip2 here" >&2
    echo "hint: \`rustup target add wasm32-wasip2\`, or Debian's packages: rustc-web cargo-web rust-web-src wasi-libc" >&2
    exit 1
fi
exec cargo run --quiet --example bundle -- "$target/wasm32-wasip2/guest" "$toolchain" "$@"
