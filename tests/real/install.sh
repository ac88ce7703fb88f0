#!/usr/bin/env bash
# Builds the real bd, gt and dolt that the tests of Beads and Gas Town run against, from the versions that tools/ pins.
#
# usage: tests/real/install.sh [--others] [FOLDER]     FOLDER/bin gets the programs; default: $CONDUCTOR_REAL, else
#                                                      ~/.cache/conductor-ci/town
#
# --others: beside it the pairs that people have, for what is said to them; eight minutes more, the first time:
#   FOLDER-gt-released   gt 1.2.1 as it was released, with bd 1.0.5: they make no town
#   FOLDER-bd-1.0.0      the same gt with bd 1.0.0
#   FOLDER-bd-1.1.0      our gt with bd 1.1.0
#
# Needs Go 1.26 with a Go module proxy and a C compiler. What is there in the pinned version is left alone, in milliseconds; the
# first time takes five minutes on two cores, a change with Go's caches kept half a minute.
#
# Each folder of tools/ is a module that requires its tool: go.sum says what every source must be. `go install tool@version` is
# no way, for it asks the proxy for all versions, and some proxies have only those that are asked for by name.
#   bd    1.0.5  the version that this project is written for
#   dolt  2.1.4  the least that gt takes is 2.0.7; the Go module of dolt has no tags for 2.x, so the commit is named
#   gt    1.2.1  its own go.mod takes the library of beads 1.0.0, which makes a database that bd 1.0.5 refuses; tools/gt takes
#                that of 1.0.5. So this pair is ours; tools/gt-released is the one that people have.
set -euo pipefail
cd "$(dirname "$0")/tools"
others=; if [ "${1-}" = --others ]; then others=1; shift; fi
folder=${1:-${CONDUCTOR_REAL:-$HOME/.cache/conductor-ci/town}}
versions=(bd:1.0.5 gt:1.2.1 dolt:2.1.4)

# gms_pure_go: dolt's regular expressions without ICU, whose headers few machines have. CGO: bd's embedded database.
export CGO_ENABLED=1 GOTOOLCHAIN=local GOWORK=off GOFLAGS=-mod=readonly
flags=(-trimpath -buildvcs=false -tags gms_pure_go -ldflags '-s -w')

fail() { printf 'install.sh: %s\n' "$1" >&2; exit 1; }

# What decides which program comes out: the pinned sources and how they are built.
digest() { cat "$1/go.mod" "$1/go.sum" <(echo "${flags[@]}" "$(go env GOVERSION)") | sha256sum | cut -d' ' -f1; }

# A tool says its version without a home folder to write into, and asks nobody whether there is a newer one.
said() {
    local home; home=$(mktemp -d)
    HOME=$home DO_NOT_TRACK=1 BD_DISABLE_METRICS=1 DOLT_DISABLE_EVENT_FLUSH=1 "$1" version 2>/dev/null </dev/null || true
    rm -rf "$home"
}

PATH=$PATH:/usr/local/go/bin
command -v go >/dev/null || fail 'there is no Go here; Go 1.26 builds the tools (https://go.dev/dl)'
command -v gcc >/dev/null || fail 'there is no C compiler here; `gcc` builds the database in bd and dolt'
mkdir -p "$folder/bin"
folder=$(cd "$folder" && pwd)
# Two at once would write the same files.
exec 9>"$folder/.lock"
if command -v flock >/dev/null; then flock 9; fi

# build MODULE TOOL VERSION FOLDER
build() {
    local module=$1 tool=$2 version=$3 into=$4 began=$SECONDS
    local program=$into/bin/$tool stamp=$into/$tool.stamp wanted
    wanted="$version $(digest "$module")"
    if [ -x "$program" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then return; fi
    rm -f "$stamp"
    go -C "$module" build "${flags[@]}" -o "$program.new" tool
    [[ "$(said "$program.new")" == *"$version"* ]] || fail "$tool does not say that it is $version: $(said "$program.new")"
    mv -f "$program.new" "$program"
    echo "$wanted" >"$stamp"
    echo "install.sh: $tool $version, $((SECONDS - began)) s"
}

for pair in "${versions[@]}"; do build "${pair%:*}" "${pair%:*}" "${pair#*:}" "$folder"; done
echo "install.sh: ${versions[*]} in $folder/bin"
[ -n "$others" ] || exit 0

# MODULE:TOOL:VERSION, and the folder that the other two are from. A released gt makes a town with bd 1.0.0 alone.
for other in gt-released:gt:1.2.1: bd-1.0.0:bd:1.0.0:-gt-released bd-1.1.0:bd:1.1.0:; do
    IFS=: read -r module tool version from <<<"$other"
    mkdir -p "$folder-$module/bin"
    for pair in "${versions[@]}"; do
        [ "${pair%:*}" = "$tool" ] || ln -sf "$folder$from/bin/${pair%:*}" "$folder-$module/bin/"
    done
    build "$module" "$tool" "$version" "$folder-$module"
    echo "install.sh: $tool $version in $folder-$module/bin"
done
