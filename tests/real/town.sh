#!/usr/bin/env bash
# Makes a whole Gas Town on this machine for a test, offline, with a script in place of every agent, and takes it away again.
#
# usage: tests/real/town.sh FOLDER [KEY=VALUE…]
#
# FOLDER must be empty or not there. `ready` on standard output says that the town is up. It stands until standard input ends: a
# test holds that pipe, so the town goes when the test closes it, fails, or is killed. By hand: Ctrl-D. Then every process with this
# town's home folder is killed, and FOLDER removed; KEEP=1 leaves the files. Several towns at once don't know of each other.
#
# In FOLDER:   project/       the person's clone with conductor/, pushed     remotes/RIG.git   what the rig and the project clone
#              home/gt/       the town, where Gas Town's documents put it    home/             HOME of everything
#              ctl/           what the agents and the refinery are to do     log/              what everything printed
#              env            the variables to work in the town: `set -a; . FOLDER/env; cd "$TOWN"`
#
# Keys:  TOOLS    where install.sh put the tools              PROJECT   a folder whose content becomes the project; default examples/shop
#        RIG      the rig's name, default shop                PREFIX    of its beads, default sp
#        PORT     of the Dolt server, default a free one      BRIDGE=0  bd as it is, without town/bd
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
fail() { printf 'town.sh: %s\n' "$1" >&2; exit 1; }
folder=${1:?usage: town.sh FOLDER [KEY=VALUE…]}
# Nothing of the caller's variables reaches gt and bd: they would work in the caller's own town.
if [ -z "${TOWN_OF_ITS_OWN-}" ]; then
    tools=${CONDUCTOR_REAL:-$HOME/.cache/conductor-ci/town}
    exec env -i TOWN_OF_ITS_OWN=1 PATH=/usr/local/bin:/usr/bin:/bin TOOLS="$tools" "${@:2}" "$BASH" "${BASH_SOURCE[0]}" "$folder"
fi

mkdir -p "$folder"
folder=$(cd "$folder" && pwd -P)
[ -z "$(ls -A "$folder")" ] || fail "$folder is not empty"
for tool in bd gt dolt; do [ -x "$TOOLS/bin/$tool" ] || fail "there is no $TOOLS/bin/$tool; tests/real/install.sh makes it"; done
for tool in tmux jq git lsof ps ss; do command -v "$tool" >/dev/null || fail "there is no $tool, which Gas Town needs"; done
rig=${RIG:-shop} prefix=${PREFIX:-sp}

# Below the numbers that the system hands out for outgoing connections, else one of these could take it before Dolt does.
free_port() {
    local port
    while port=$(shuf -n1 -i 20000-32000); ss -Hltn "sport = :$port" | grep -q .; do :; done
    echo "$port"
}
port=${PORT:-$(free_port)}

mkdir -p "$folder"/{home,bin,ctl,log,remotes}
cat >"$folder/env" <<ENV
HOME=$folder/home
PATH=$folder/bin:$TOOLS/bin:/usr/local/bin:/usr/bin:/bin
TOWN=$folder/home/gt
RIG=$rig
PROJECT=$folder/project
REMOTE=$folder/remotes/$rig.git
DOLT_PORT=$port
LANG=C.UTF-8
LC_ALL=C.UTF-8
NO_COLOR=1
GT_STALE_WARNED=1
DO_NOT_TRACK=1
BD_DISABLE_METRICS=1
BD_NON_INTERACTIVE=1
DOLT_DISABLE_EVENT_FLUSH=1
ENV
from=${PROJECT:-$here/../../examples/shop}
unset TOWN_OF_ITS_OWN
set -a; . "$folder/env"; set +a

# Whatever was started in this town has its home folder in the environment, even what `conductor` started.
ours() {
    local pid
    for pid in $(grep -lzxF "HOME=$HOME" /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3); do
        # The search found itself; it has ended.
        if [ "$pid" != $$ ] && [ -d "/proc/$pid" ]; then echo "$pid"; fi
    done
}

# First a request to all, so that Dolt removes its socket; then without a word. Again, since one may have started another meanwhile.
take_down() {
    local pids signal=TERM round
    cd /
    for round in {1..100}; do
        pids=$(ours)
        [ -n "$pids" ] || break
        # shellcheck disable=SC2086 # one word each
        if [ "$round" = 1 ] || [ "$round" -gt 40 ]; then kill -s "$signal" $pids 2>/dev/null || true; signal=KILL; fi
        sleep 0.05
    done
    [ -z "${TMUX_SOCKET-}" ] || rm -f "/tmp/tmux-$(id -u)/$TMUX_SOCKET"
    [ -n "${KEEP-}" ] || rm -rf "$folder"
}
trap take_down EXIT
trap 'exit 130' INT TERM HUP

# What is run for the town: bounded, and its output kept for the one who has to find out why it failed.
run() {
    local log=$folder/log/$1; shift
    timeout 120 "$@" >"$log" 2>&1 </dev/null || { tail -n 20 "$log" >&2; fail "\`$*\` failed"; }
}

git config --global user.name 'A Person'
git config --global user.email person@example.invalid
git config --global init.defaultBranch main
git config --global protocol.file.allow always
git config --global advice.detachedHead false
run dolt-name dolt config --global --add user.name 'A Person'
run dolt-email dolt config --global --add user.email person@example.invalid
run dolt-metrics dolt config --global --add metrics.disabled true

# The project and where it is pushed to. What Gas Town writes into worktrees is ignored in the repository: otherwise every `gt done`
# fails on uncommitted files.
mkdir "$PROJECT"
cp -R "$from/." "$PROJECT/"
git init --quiet --bare "$REMOTE"
cd "$PROJECT"
[ -e .git ] || git init --quiet
printf '%s\n' .beads/ .runtime/ .claude/ .opencode/ .logs/ __pycache__/ state.json CLAUDE.md CLAUDE.local.md GEMINI.md >>.gitignore
git add -A
git commit --quiet --message 'plan the work'
git remote add origin "file://$REMOTE"
git push --quiet --set-upstream origin main

# gt takes an agent whose pane shows a shell for one that has not started, so the scripts run in bash by another name.
ln -s /bin/bash "$folder/bin/agent-shell"
place() { sed "s|@SHELL@|$folder/bin/agent-shell|; s|@TOWN_FOLDER@|$folder|g; s|@BD@|$TOOLS/bin/bd|" "$here/town/$1" >"$folder/bin/$1"; chmod 755 "$folder/bin/$1"; }
place agent
# Not by that name: gt does not believe that a process called `agent` is one.
mv "$folder/bin/agent" "$folder/bin/scripted-agent"
place refinery
[ "${BRIDGE-1}" = 0 ] || place bd
: >"$folder/ctl/acts"

cd "$folder"
run install gt install "$TOWN" --name test --git --dolt-port "$port"
cd "$TOWN"
mkdir -p settings
[ -s settings/config.json ] || echo '{"type":"town-settings","version":1}' >settings/config.json
# With hooks of this kind and the prompt as an argument gt believes that the agent starts by itself, and types nothing into its pane.
jq --arg agent "$folder/bin/scripted-agent" '.default_agent = "scripted" | .agents.scripted = {
    command: $agent, args: [], prompt_mode: "arg",
    hooks: {provider: "claude", dir: ".claude", settings_file: "settings.json"},
    tmux: {process_names: ["scripted-agent"], ready_delay_ms: 50}}' settings/config.json >settings/config.new
mv settings/config.new settings/config.json
gt dolt status >"$folder/log/dolt-status" 2>&1 </dev/null || run dolt-start gt dolt start
run rig-add gt rig add "$rig" "file://$REMOTE" --prefix "$prefix"
# gt 1.2.1 gives the rig's database the rig's name as prefix, not the one that was asked for; this sets it right.
run init-rig gt dolt init-rig "$rig"
[ "$(cd "$rig" && bd config get issue_prefix </dev/null)" = "$prefix" ] || fail "beads of the rig do not begin with $prefix-"
# tmux's own server of this town, by the name of its socket.
TMUX_SOCKET=$(timeout 30 gt status --json --fast 2>/dev/null </dev/null | jq -r .tmux.socket)
echo "TMUX_SOCKET=$TMUX_SOCKET" >>"$folder/env"

echo ready
cat >/dev/null
