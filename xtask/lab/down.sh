#!/usr/bin/env bash
# down.sh - undo up.sh. Stops only the daemons that up.sh started (pids under $LAB_STATE/pid).
#   down.sh                    the containers left in its own engines; the lab's daemons
#   down.sh --only A,B         only these daemons of ours: dockerd, podman-api, registry
#   down.sh --keep-objects     leave containers, networks and volumes alone
#   down.sh --images           also the lab's images and the registry's data
#   down.sh --purge            also $LAB_STATE and every file that up.sh wrote elsewhere
# Containers are removed only in engines that up.sh started, and only those of the lab's images.
set -uo pipefail
LAB_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR
. "$LAB_DIR/lib.sh"
images=0 purge=0 objects=1 only=dockerd,podman-api,registry
while [ $# -gt 0 ]; do case $1 in
  --images) images=1;; --purge) images=1; purge=1;; --keep-objects) objects=0;; --only) only=${2?--only needs names}; shift;;
  *) echo "lab: unknown option $1" >&2; exit 64;;
esac; shift; done
[ "$(id -u)" = 0 ] || { echo "lab: needs root" >&2; exit 1; }

on(){ local e=$1; shift; if [ "$e" = docker ]; then dk "$@"; else "$e" "$@"; fi; }
list(){ on "$@" 2>/dev/null | sort -u | tr '\n' ' '; }
sweep(){ # engine: what tests left
  local e=$1 ids k
  ids=$(list "$e" ps -aq --filter label=dev.perry.lab)
  # shellcheck disable=SC2086
  [ -z "$ids" ] || { on "$e" rm -f -v $ids >/dev/null 2>&1; echo "$e: removed $(wc -w <<<"$ids") lab containers"; }
  for k in network volume; do
    ids=$(list "$e" $k ls -q --filter label=dev.perry.lab)
    # shellcheck disable=SC2086
    [ -z "$ids" ] || on "$e" $k rm $ids >/dev/null 2>&1
  done
}
drop_images(){
  local e=$1 ids
  ids=$(list "$e" images -q --filter label=dev.perry.lab)
  # shellcheck disable=SC2086
  [ -z "$ids" ] || { on "$e" rmi -f $ids >/dev/null 2>&1; echo "$e: removed the lab's images"; }
}
# Only in an engine that this lab started and now stops: one that was there before, or that belongs to
# another lab, may hold containers of others made from the same images.
ours(){ [[ ,$only, == *,$1,* ]] && [ -f "$LAB_STATE/pid/$1" ]; }
engines=()
if ours dockerd && docker_up; then
  engines+=(docker)
  # nerdctl is set to the containerd of the machine's own dockerd
  if [ "$LAB_DOCKER_SOCK" = /var/run/docker.sock ] && have nerdctl && nerdctl ps -q >/dev/null 2>&1; then engines+=(nerdctl); fi
fi
if ours podman-api && have podman; then engines+=(podman); fi
for e in ${engines[@]+"${engines[@]}"}; do
  [ $objects = 0 ] || sweep "$e"
  [ $images = 0 ] || drop_images "$e"
done

rc=0
stop(){ # name what-its-command-line-holds   only if the pid is still the process we started
  local f=$LAB_STATE/pid/$1 p i
  ours "$1" || return 0
  p=$(cat "$f")
  if [ -r "/proc/$p/cmdline" ] && tr '\0' ' ' < "/proc/$p/cmdline" | grep -q "$2"; then
    kill "$p" 2>/dev/null
    for ((i=0;i<150;i++)); do kill -0 "$p" 2>/dev/null || break; sleep 0.1; done
    if kill -0 "$p" 2>/dev/null; then kill -9 "$p"; rc=1; echo "killed $1 ($p): it did not stop within 15 s" >&2; else echo "stopped $1 ($p)"; fi
  fi
  rm -f "$f"
}
end_waiters(){ # conmon waits for whoever may ask for an exec's exit code, even when the container is gone
  local root p id
  root=$(podman info -f '{{.Store.GraphRoot}}' 2>/dev/null) && [ -n "$root" ] || return 0
  for p in $(pgrep -U 0 -x conmon); do
    id=$(tr '\0' '\n' < "/proc/$p/cmdline" 2>/dev/null | awk -v root="$root" '
      prev=="-c"{id=$0} $0=="--exec-attach"{exec=1} $0==root{ours=1} {prev=$0} END{if(exec&&ours)print id}')
    if [ -n "$id" ] && ! podman container exists "$id"; then kill "$p" 2>/dev/null; fi
  done
}
if ours podman-api; then end_waiters; fi
stop podman-api 'podman system service'
stop dockerd 'dockerd'
stop registry 'docker-registry'
[ $images = 0 ] || rm -rf "$LAB_STATE/registry" "$LAB_STATE/images.sha" "$LAB_STATE/images.stamp" "$LAB_STATE/ctx"
if [ $purge = 1 ]; then
  if [ -f "$LAB_STATE/made" ]; then while read -r f; do case $f in /etc/*|/usr/local/bin/nerdctl) rm -f "$f";; esac; done < "$LAB_STATE/made"; fi
  case $LAB_STATE in /|/usr*|/etc*|/root|/home|"") ;; *) rm -rf "$LAB_STATE";; esac
  echo "purged (packages stay installed)"
fi
exit $rc
