# Packages from Debian: podman and the registry from bookworm; Docker Engine, compose, buildx and
# the CNI plugins from forky, because bookworm's are too old. Sourced by up.sh.
# shellcheck shell=bash
PK_BASE=(ca-certificates iproute2 iptables procps tmux util-linux xz-utils docker-registry)
PK_DOCKER=(docker.io docker-cli docker-compose docker-buildx containerd cosign)      # forky
PK_CNI=(containernetworking-plugins)                                                 # forky, for nerdctl
PK_DOCKER_BASE=(runc tini-static)
PK_PODMAN=(podman netavark aardvark-dns crun conmon fuse-overlayfs uidmap
           slirp4netns catatonit golang-github-containers-image golang-github-containers-common)

missing(){ # one dpkg-query for all of them: this is most of what a second run costs
  [ $# -gt 0 ] || return 0
  local p got; got=" $(dpkg-query -W -f='${db:Status-Abbrev}${Package} ' "$@" 2>/dev/null || true) "
  for p in "$@"; do [[ $got == *"ii $p "* ]] || echo "$p"; done
}

# An engine that somebody else installed and runs is used as it is.
foreign_docker(){ docker_up && [ ! -e "$LAB_STATE/pid/dockerd" ]; }

install_packages(){
  local base=() forky=() need_base=() need_forky=()
  base=("${PK_BASE[@]}")
  if [ "$do_docker" = 1 ] && ! foreign_docker; then base+=("${PK_DOCKER_BASE[@]}"); forky+=("${PK_DOCKER[@]}"); fi
  if use_nerdctl; then forky+=("${PK_CNI[@]}"); fi
  [ "$do_podman" = 0 ] || base+=("${PK_PODMAN[@]}")
  mapfile -t need_base < <(missing "${base[@]}")
  mapfile -t need_forky < <(missing "${forky[@]}")
  if [ ${#need_base[@]} = 0 ] && [ ${#need_forky[@]} = 0 ]; then say "packages: all present"; return; fi
  have apt-get || die "packages are missing and this machine has no apt-get: ${need_base[*]} ${need_forky[*]}"
  say "packages: installing ${need_base[*]} ${need_forky[*]/%//forky}"

  if [ ${#need_forky[@]} -gt 0 ]; then add_forky; fi
  # maintainer scripts must not start daemons behind our back
  local policy=/usr/sbin/policy-rc.d own_policy=0
  if [ ! -e $policy ]; then printf '#!/bin/sh\nexit 101\n' > $policy; chmod 755 $policy; own_policy=1; fi
  # shellcheck disable=SC2064
  trap "[ $own_policy = 1 ] && rm -f $policy" EXIT
  local apt=(apt-get -qq -y --no-install-recommends -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=120
             -o Acquire::Languages=none -o Acquire::Retries=3 -o Acquire::Check-Valid-Until=false
             -o Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled=false -o Acquire::PDiffs=false
             -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold
             -o Dpkg::Options::=--force-unsafe-io)
  local wanted=("${need_base[@]}" "${need_forky[@]/%//forky}")
  # refresh the lists only if a wanted package is not known yet
  if ! lists_know; then refresh_lists; fi
  prefetch_debs
  "${apt[@]}" install "${wanted[@]}" >"$LAB_STATE/log/apt-install.log" 2>&1 \
    || { refresh_lists; "${apt[@]}" install "${wanted[@]}" >"$LAB_STATE/log/apt-install.log" 2>&1; } \
    || { tail -5 "$LAB_STATE/log/apt-install.log" >&2; die "apt-get install failed"; }
  [ -z "${prefetch:-}" ] || wait "$prefetch" || true
  [ $own_policy = 0 ] || rm -f $policy
  trap - EXIT
  say "packages: installed"
}

add_forky(){ # at priority 100: never chosen unless asked for with pkg/forky
  local list=/etc/apt/sources.list.d/perry-lab-forky.list pin=/etc/apt/preferences.d/perry-lab-forky
  local mirror=${LAB_DEBIAN_MIRROR:-}
  [ -n "$mirror" ] || mirror=$(grep -rhoE 'https?://[^ ]+/debian/?( |$)' /etc/apt/sources.list /etc/apt/sources.list.d 2>/dev/null \
    | grep -v snapshot | head -1 | tr -d ' ' || true)
  if ! grep -rqsE '^(deb .* forky |Suites:.*forky)' /etc/apt/sources.list /etc/apt/sources.list.d; then
    [ -n "$mirror" ] || die "no Debian mirror found in apt's sources: set LAB_DEBIAN_MIRROR"
    # mirrors can serve a forky Release file past its Valid-Until: say so in the source itself
    echo "deb [check-valid-until=no] $mirror forky main" > $list; made $list
  fi
  if ! grep -rqs 'n=forky' /etc/apt/preferences.d; then
    printf 'Package: *\nPin: release n=forky\nPin-Priority: 100\n' > $pin; made $pin
  fi
}

lists_know(){
  local p
  for p in "${need_forky[@]}"; do apt-cache madison "$p" 2>/dev/null | grep -q forky || return 1; done
  for p in "${need_base[@]}"; do [ -n "$(apt-cache madison "$p" 2>/dev/null)" ] || return 1; done
}

refresh_lists(){
  "${apt[@]}" update >"$LAB_STATE/log/apt-update.log" 2>&1 || die "apt-get update failed, see $LAB_STATE/log/apt-update.log"
  say "packages: lists refreshed"
}

prefetch_debs(){ # what the fat images are made of comes while apt installs
  prefetch=
  [ ! -s "$LAB_STATE/images.sha" ] || return 0
  # shellcheck disable=SC2086
  ( fetch_debs "$LAB_STATE/pool" $DEB_REDIS $([ "$do_postgres" = 0 ] || echo $DEB_PG) >/dev/null 2>&1 ) & prefetch=$!
}
