#!/usr/bin/env bash
# up.sh - a hermetic container lab on a Debian 12 machine (root, no systemd needed): Docker Engine with
# compose and buildx, podman with its API socket, nerdctl where there is one, an image registry on
# loopback, and a small family of images that live in all of them.
#
# Idempotent: each step first looks whether its result is already there. A daemon that runs already is
# used and never recorded; what this script starts is recorded under $LAB_STATE for down.sh.
#
#   up.sh [--no-install] [--no-docker] [--no-podman] [--no-postgres] [--no-aliases]
#         [--no-podman-service] [--no-nerdctl] [--rebuild] [--status] [--quiet]
#
# The environment it reads is listed in lib.sh.
set -euo pipefail
LAB_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
LAB_VERSION=3            # of the layout under $LAB_STATE and of the images' names
# shellcheck source-path=SCRIPTDIR
. "$LAB_DIR/lib.sh"

do_install=1 do_docker=1 do_podman=1 do_postgres=1 do_aliases=1 do_podman_service=1 do_nerdctl=1 do_rebuild=0
status_only=0 quiet=0
for a in "$@"; do case $a in
  --no-install) do_install=0;;  --no-docker) do_docker=0;;  --no-podman) do_podman=0;;
  --no-postgres) do_postgres=0;; --no-aliases) do_aliases=0;; --no-podman-service) do_podman_service=0;;
  --no-nerdctl) do_nerdctl=0;;  --rebuild) do_rebuild=1;;  --status) status_only=1;;  --quiet) quiet=1;;
  -h|--help) sed -n '2,13p' "$0"; exit 0;;
  *) echo "lab: unknown option $a" >&2; exit 64;;
esac; done

T0=$(date +%s%N)
say(){ [ $quiet = 1 ] || { local ms=$(( ($(date +%s%N) - T0) / 1000000 )); printf '%4d.%ds  %s\n' $((ms/1000)) $((ms%1000/100)) "$*"; }; }
die(){ echo "lab: $*" >&2; exit 1; }
[ "$(id -u)" = 0 ] || die "needs root: it installs packages and starts daemons"

# one lab at a time on a machine: a second caller waits and then finds it all there
mkdir -p "$LAB_STATE"/{log,pid,ctx,registry,debs}
if [ "${LAB_LOCKED:-}" != 1 ] && [ $status_only = 0 ] && have flock; then
  # -o: the daemons we leave behind must not inherit the lock
  exec env LAB_LOCKED=1 flock -o "$LAB_STATE/lock" "$0" "$@"
fi
. "$LAB_DIR/packages.sh"
. "$LAB_DIR/daemons.sh"
. "$LAB_DIR/images.sh"

row(){ printf '%-12s %-22s %-9s %s\n' "$@"; }
status(){ # prints what is there; fails when something that is asked for is not
  local n ok=0
  row COMPONENT VERSION STATE WHERE
  if [ $do_docker = 1 ]; then
    if docker_up; then row dockerd "$(dk version --format '{{.Server.Version}}')" up "unix://$LAB_DOCKER_SOCK"
    else row dockerd - down "unix://$LAB_DOCKER_SOCK"; ok=1; fi
    row compose "$("$DOCKER" compose version --short 2>/dev/null || echo -)" '' "$DOCKER compose"
    row buildx "$("$DOCKER" buildx version 2>/dev/null | awk '{print $2}')" '' "$DOCKER buildx"
  fi
  if [ $do_podman = 1 ]; then
    if podman version >/dev/null 2>&1; then
      row podman "$(podman --version | awk '{print $3}')" ok "$(podman info -f '{{.Host.OCIRuntime.Name}}, {{.Host.NetworkBackend}}, cgroups {{.Host.CgroupsVersion}}' 2>/dev/null)"
    else row podman - missing ''; ok=1; fi
    if podman_up; then row podman-api '' up "unix://$LAB_PODMAN_SOCK"; else row podman-api '' down "unix://$LAB_PODMAN_SOCK"; ok=1; fi
  fi
  if have nerdctl; then row nerdctl "$(nerdctl --version | awk '{print $3}')" "$(nerdctl ps -q >/dev/null 2>&1 && echo up || echo broken)" "docker's containerd"
  else row nerdctl - SKIPPED "none on PATH, none in \$PERRY_LAB_NERDCTL"; fi
  if reg_up; then row registry "$(docker-registry --version 2>/dev/null | awk '{print $3}')" up "http://$LAB_REGISTRY"
  else row registry - down "http://$LAB_REGISTRY"; ok=1; fi
  scan
  printf '\n%-38s %-7s %-7s\n' IMAGE docker podman
  for n in "${ALL[@]}"; do
    printf '%-38s %-7s %-7s\n' "$(img "$n")" "$(dkhas "$(img "$n")" && echo yes || echo -)" "$(pmhas "$(img "$n")" && echo yes || echo -)"
  done
  [ $do_docker = 0 ] || dkhas "$(img base)" || ok=1
  [ $do_podman = 0 ] || pmhas "$(img base)" || ok=1
  printf '\n(also tagged lab/<name>:1%s)\n' "$([ $do_aliases = 1 ] && echo ' and alpine:3.19, redis:7-alpine, postgres:16-alpine, nginx:alpine, ...')"
  return $ok
}

if [ $status_only = 1 ]; then status; exit; fi
[ $do_install = 0 ] || install_packages
[ $do_nerdctl = 0 ] || unpack_nerdctl
prepare_host
start_registry
[ $do_docker = 0 ] || start_dockerd
if [ $do_podman = 1 ] && [ $do_podman_service = 1 ]; then start_podman_service; fi
make_images
if [ $do_nerdctl = 1 ] && [ $do_docker = 1 ]; then start_nerdctl; fi
say "lab is up"
