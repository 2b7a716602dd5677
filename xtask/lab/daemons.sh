# What the host needs without systemd, and the daemons. Sourced by up.sh.
# Only what is not there already is started; the pid of what we started is in $LAB_STATE/pid.
# shellcheck shell=bash

prepare_host(){
  # cgroups: nothing mounted at all -> v2; v1 hierarchy -> crun also wants hugetlb
  if ! grep -qs ' /sys/fs/cgroup' /proc/mounts; then
    mount -t cgroup2 none /sys/fs/cgroup 2>/dev/null || true
  fi
  if grep -qs '^tmpfs /sys/fs/cgroup tmpfs' /proc/mounts && grep -q '^hugetlb' /proc/cgroups \
     && ! grep -qsE ' /sys/fs/cgroup/hugetlb cgroup ' /proc/mounts; then
    mkdir -p /sys/fs/cgroup/hugetlb
    mount -t cgroup -o hugetlb cgroup /sys/fs/cgroup/hugetlb && say "host: mounted the v1 hugetlb cgroup (crun needs it)"
  fi
  sysctl -qw net.ipv4.ip_forward=1 2>/dev/null || true
  [ "$do_podman" = 0 ] || prepare_podman
}

prepare_podman(){
  local conf=/etc/containers/containers.conf.d/perry-lab.conf registries=/etc/containers/registries.conf.d/perry-lab.conf nf np want
  mkdir -p /etc/containers/registries.conf.d /etc/containers/containers.conf.d
  if ! grep -rqs default_ulimits /etc/containers/containers.conf /etc/containers/containers.conf.d; then
    # podman asks the runtime for limits above this machine's hard limits, and without
    # CAP_SYS_RESOURCE raising them fails; name values every shell here surely has
    nf=$(ulimit -Hn); np=$(ulimit -Hu)
    { [ "$nf" = unlimited ] || [ "$nf" -gt 20000 ]; } && nf=20000
    { [ "$np" = unlimited ] || [ "$np" -gt 20000 ]; } && np=20000
    # After an exec through its API podman leaves two processes of conmon for five minutes, in case somebody asks
    # for the exit code once more.
    printf '[containers]\ndefault_ulimits = ["nofile=%s:%s","nproc=%s:%s"]\n[network]\nnetwork_backend = "netavark"\n[engine]\nexit_command_delay = 5\n' \
      "$nf" "$nf" "$np" "$np" > $conf; made $conf
    say "host: podman ulimits set to nofile=$nf nproc=$np"
  fi
  # short names: the lab's registry first, so lab/<name>:1 resolves without a second tag
  want="unqualified-search-registries = [\"$LAB_REGISTRY\", \"docker.io\"]
[[registry]]
location = \"$LAB_REGISTRY\"
insecure = true
[[registry]]
location = \"localhost:${LAB_REGISTRY##*:}\"
insecure = true"
  if [ "$(cat $registries 2>/dev/null)" != "$want" ]; then echo "$want" > $registries; made $registries; fi
  if [ ! -e /etc/containers/policy.json ]; then
    echo '{"default":[{"type":"insecureAcceptAnything"}]}' > /etc/containers/policy.json; made /etc/containers/policy.json
  fi
}

spawn(){ # name cmd...   detached from us, own session, logged, pid recorded
  local name=$1; shift
  setsid nohup "$@" >"$LAB_STATE/log/$name.log" 2>&1 </dev/null 9>&- &
  echo $! > "$LAB_STATE/pid/$name"
}
wait_for(){ local i; for ((i=0;i<$2*10;i++)); do "$1" && return 0; sleep 0.1; done; return 1; }

start_registry(){
  if reg_up; then say "registry: already up on $LAB_REGISTRY"; return; fi
  cat > "$LAB_STATE/registry.yml" <<YML
version: 0.1
log: {level: warn, accesslog: {disabled: true}}
storage:
  filesystem: {rootdirectory: $LAB_STATE/registry}
  delete: {enabled: true}
http: {addr: $LAB_REGISTRY}
YML
  spawn registry docker-registry serve "$LAB_STATE/registry.yml"
  wait_for reg_up 20 || die "registry did not come up (is $LAB_REGISTRY taken?): $(tail -3 "$LAB_STATE/log/registry.log")"
  say "registry: started on $LAB_REGISTRY"
}

start_dockerd(){
  if docker_up; then say "dockerd: already up ($(dk version --format '{{.Server.Version}}'))"; return; fi
  # a pid file left by a dead daemon makes dockerd refuse to start
  local pf=/var/run/docker.pid extra=
  if [ -f $pf ] && ! kill -0 "$(cat $pf)" 2>/dev/null; then rm -f $pf; fi
  [ "${LAB_REGISTRY%%.*}" = 127 ] || extra="--insecure-registry=$LAB_REGISTRY"
  # shellcheck disable=SC2086
  spawn dockerd dockerd -H "unix://$LAB_DOCKER_SOCK" $extra $LAB_DOCKERD_ARGS
  wait_for docker_up 60 || die "dockerd did not come up: $(tail -5 "$LAB_STATE/log/dockerd.log")"
  say "dockerd: started ($(dk version --format '{{.Server.Version}}'))"
}

start_podman_service(){
  if podman_up; then say "podman API: already up"; return; fi
  mkdir -p "$(dirname "$LAB_PODMAN_SOCK")"; rm -f "$LAB_PODMAN_SOCK"
  spawn podman-api podman system service --time=0 "unix://$LAB_PODMAN_SOCK"
  wait_for podman_up 15 || die "podman API did not come up: $(tail -3 "$LAB_STATE/log/podman-api.log")"
  say "podman API: unix://$LAB_PODMAN_SOCK"
}

# --- nerdctl: no daemon of its own, it talks to the containerd that dockerd runs ------------------
NERDCTL_MARK='written by the lab of perry-container'
unpack_nerdctl(){ # the file that $PERRY_LAB_NERDCTL names, where the PATH has none
  local from=${PERRY_LAB_NERDCTL:-} to=/usr/local/bin/nerdctl
  [ -n "$from" ] && ! have nerdctl || return 0
  [ -f "$from" ] || { say "nerdctl: \$PERRY_LAB_NERDCTL names $from, which is no file; going on without nerdctl"; return 0; }
  case $from in
    *.xz) have xz || return 0; xz -dc "$from" > $to.new ;;      # a bare machine gets xz with the packages
    *) cp "$from" $to.new ;;
  esac
  chmod 755 $to.new; mv $to.new $to; : > "$LAB_STATE/nerdctl-unpacked"; made $to
  say "nerdctl: unpacked to $to"
}
use_nerdctl(){ [ "$do_nerdctl" = 1 ] && [ "$do_docker" = 1 ] && { have nerdctl || [ -f "${PERRY_LAB_NERDCTL:-/nonexistent}" ]; }; }

start_nerdctl(){ # configuration, then the images out of the registry
  local c=/etc/nerdctl/nerdctl.toml sock=/var/run/docker/containerd/containerd.sock want n got
  if ! have nerdctl; then say "nerdctl: SKIPPED, there is none (PATH or \$PERRY_LAB_NERDCTL)"; return; fi
  [ -S $sock ] || { say "nerdctl: SKIPPED, this Docker Engine runs no containerd of its own at $sock"; return; }
  want="# $NERDCTL_MARK
address = \"$sock\"
namespace = \"default\"
cni_path = \"/usr/lib/cni\"
insecure_registry = true"
  mkdir -p /etc/nerdctl
  if [ -e $c ] && ! grep -qE 'written by (the lab of perry-container|lab-up.sh)' $c && ! grep -q 'docker/containerd/containerd.sock' $c; then
    say "nerdctl: $c is not ours, left alone"; return; fi
  [ -e $c ] || { echo "$want" > $c; made $c; }
  got=" $(nerdctl images --format '{{.Repository}}:{{.Tag}}' 2>/dev/null | tr '\n' ' ')"
  for n in "${ALL[@]}"; do
    if [[ $got != *" $(img "$n") "* ]] || [ "$do_rebuild" = 1 ]; then
      nerdctl pull -q "$(img "$n")" >/dev/null 2>"$LAB_STATE/log/nerdctl-pull.log" \
        || { say "nerdctl: cannot pull lab/$n (see log/nerdctl-pull.log)"; return; }
    fi
    if [[ $got != *" lab/$n:1 "* ]] || [ "$do_rebuild" = 1 ]; then nerdctl tag "$(img "$n")" "lab/$n:1" 2>/dev/null || true; fi
  done
  say "nerdctl: $(nerdctl --version | awk '{print $3}') on docker's containerd"
}
