# What up.sh and down.sh share: parameters, the engines, the daemons' records. Sourced, never run.
#
#   LAB_STATE=/var/lib/perry-lab           pids, logs, registry data, build contexts
#   LAB_REGISTRY=127.0.0.1:5000            address of the image registry
#   LAB_DOCKER_SOCK=/var/run/docker.sock   socket of the Docker Engine
#   LAB_PODMAN_SOCK=/run/podman/podman.sock
#   LAB_DOCKERD_ARGS=                      further arguments of dockerd
#   LAB_DEBIAN_MIRROR=                     default: the one apt uses already
#   PERRY_LAB_NERDCTL=                     a nerdctl binary, raw or .xz, for a machine that has none on its PATH
# shellcheck shell=bash disable=SC2034
export LC_ALL=C DEBIAN_FRONTEND=noninteractive
export PATH=/usr/bin:/usr/local/sbin:/usr/sbin:/sbin:$PATH

LAB_STATE=${LAB_STATE:-/var/lib/perry-lab}
LAB_REGISTRY=${LAB_REGISTRY:-127.0.0.1:5000}
LAB_DOCKER_SOCK=${LAB_DOCKER_SOCK:-/var/run/docker.sock}
LAB_PODMAN_SOCK=${LAB_PODMAN_SOCK:-/run/podman/podman.sock}
LAB_DOCKERD_ARGS=${LAB_DOCKERD_ARGS:-}

have(){ command -v "$1" >/dev/null 2>&1; }

# Debian's client where it is installed: an older one may come first on the PATH and know no compose.
if [ -x /usr/bin/docker ]; then DOCKER=/usr/bin/docker; else DOCKER=docker; fi
dk(){ DOCKER_HOST=unix://$LAB_DOCKER_SOCK DOCKER_CONTEXT='' "$DOCKER" "$@"; }
docker_up(){ [ -S "$LAB_DOCKER_SOCK" ] && dk version --format '{{.Server.Version}}' >/dev/null 2>&1; }
podman_up(){ # the API answers, not only the socket file is there
  [ -S "$LAB_PODMAN_SOCK" ] || return 1
  if have curl; then curl -sf -m 5 --unix-socket "$LAB_PODMAN_SOCK" http://d/_ping >/dev/null 2>&1
  else timeout 5 podman --remote --url "unix://$LAB_PODMAN_SOCK" version >/dev/null 2>&1; fi; }
reg_up(){
  local hp=$LAB_REGISTRY
  (exec 3<>"/dev/tcp/${hp%:*}/${hp##*:}"; printf 'GET /v2/ HTTP/1.0\r\n\r\n' >&3; head -1 <&3 | grep -q ' 200 ') 2>/dev/null; }

# A file or mount of ours is written down, so that down.sh --purge finds it.
made(){ grep -qxsF "$1" "$LAB_STATE/made" || echo "$1" >> "$LAB_STATE/made"; }
