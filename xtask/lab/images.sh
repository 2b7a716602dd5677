# The lab's images, built from Debian packages and the files under images/. Sourced by up.sh.
# They are rebuilt when those files change, when one is missing, or with --rebuild; never because
# this script changed.
# shellcheck shell=bash disable=SC2086
IMAGES_DIR=$LAB_DIR/images
CTX=$LAB_STATE/ctx
LIGHT=(httpd sick latebloomer exit stubborn graceful usr1 chatty nonroot seeded nginx)
ALL=(base "${LIGHT[@]}" redis)
[ "$do_postgres" = 0 ] || ALL+=(postgres)
img(){ echo "$LAB_REGISTRY/lab/$1:1"; }

# well-known names -> stand-ins, so that documentation examples run unchanged
ALIASES="docker.io/library/alpine:3.19=base docker.io/library/alpine:latest=base docker.io/library/busybox:latest=base
cgr.dev/chainguard/alpine-base:latest=base cgr.dev/chainguard/busybox:latest=base
docker.io/library/nginx:latest=nginx docker.io/library/nginx:alpine=nginx
docker.io/library/redis:7-alpine=redis docker.io/library/redis:7=redis docker.io/library/redis:latest=redis
docker.io/library/postgres:16-alpine=postgres docker.io/library/postgres:16=postgres docker.io/library/postgres:15=postgres"
tags_for(){
  local pair; img "$1"; echo "lab/$1:1"; [ "$do_aliases" = 1 ] || return 0
  for pair in $ALIASES; do [ "${pair##*=}" = "$1" ] && echo "${pair%%=*}"; done; true; }

# --- packages as material ------------------------------------------------------------------------
# One pool of unpacked bookworm packages feeds both fat images; copy_bin stops if a library is missing.
DEB_REDIS="redis-server redis-tools libjemalloc2 liblzf1 libatomic1 libstdc++6 libsystemd0 libcap2 libgcrypt20
  libgpg-error0 liblz4-1 liblzma5 libzstd1 libssl3 libgcc-s1 libc6"
DEB_PG="postgresql-15 postgresql-client-15 libpq5 libicu72 libxml2 libldap-2.5-0 libsasl2-2 libgssapi-krb5-2 libkrb5-3
  libk5crypto3 libkrb5support0 libcom-err2 libkeyutils1 libpam0g libaudit1 libcap-ng0 libedit2 libbsd0 libmd0 libtinfo6
  libreadline8 libgnutls30 libp11-kit0 libidn2-0 libunistring2 libtasn1-6 libnettle8 libhogweed6 libgmp10 libffi8
  libselinux1 libpcre2-8-0 libcrypt1 zlib1g tzdata"
deb(){ find "$LAB_STATE/debs" -maxdepth 1 -name "${1}_*.deb" 2>/dev/null | sort | tail -1; }
fetch_debs(){ # pool-dir pkgs...
  local dir=$1 p todo=() cache=$LAB_STATE/debs; shift; mkdir -p "$cache" "$dir"/{proc,tmp}
  for p in "$@"; do [ -n "$(deb "$p")" ] || todo+=("$p"); done
  [ ${#todo[@]} = 0 ] || (cd "$cache" && apt-get -qq -o APT::Sandbox::User=root download "${todo[@]}") >"$LAB_STATE/log/debs.log" 2>&1 \
    || { tail -3 "$LAB_STATE/log/debs.log" >&2; return 1; }
  for p in "$@"; do [ -e "$dir/.have-$p" ] || { dpkg -x "$(deb "$p")" "$dir" && : > "$dir/.have-$p"; }; done
}
copy_bin(){ # src-root dst-root binary...   binaries plus exactly the libraries they load
  local src=$1 dst=$2 b l list; shift 2
  for b in "$@"; do
    mkdir -p "$dst/$(dirname "$b")"; cp -L "$src/$b" "$dst/$b"
    list=$(chroot "$src" /lib64/ld-linux-x86-64.so.2 --list "/$b" 2>&1 || true)
    case $list in *'not found'*) die "missing libraries for $b: $(grep 'not found' <<<"$list")";; esac
    while read -r l; do [ -e "$dst/$l" ] || { mkdir -p "$dst/$(dirname "$l")"; cp -L "$src/$l" "$dst/$l"; }
    done < <(awk '$2=="=>"&&$3~/^\//{print $3} $1~/^\/lib.*ld-linux/{print $1}' <<<"$list")
  done
}

# --- contexts ------------------------------------------------------------------------------------
ctx_base(){
  local d=$CTX/base r=$CTX/base/rootfs a bb=/bin/busybox
  rm -rf "$d"; mkdir -p "$r"/{bin,sbin,etc,root,tmp,var/tmp,var/run,run,usr/bin,home/app,www,data,proc,sys,dev}
  cp "$IMAGES_DIR/base/Dockerfile" "$d/"
  cp "$IMAGES_DIR"/base/{passwd,group} "$r/etc/"
  chmod 1777 "$r/tmp" "$r/var/tmp"; chmod 700 "$r/root"; chown 10001:10001 "$r/home/app"
  # Debian's busybox-static: on the machine already, or taken out of its .deb (the package
  # itself conflicts with "busybox", so it is never installed for our sake).
  # This build's "wget -T N" crashes (SIGSEGV); scripts use "timeout N wget".
  if [ ! -x $bb ] || grep -qa 'ld-linux-x86-64' $bb; then
    fetch_debs "$LAB_STATE/pool-bb" busybox-static || die "cannot fetch busybox-static"
    bb=$LAB_STATE/pool-bb/bin/busybox
  fi
  cp $bb "$r/bin/busybox"
  for a in $($bb --list); do [ "$a" = busybox ] || ln -sf busybox "$r/bin/$a"; done
  ln -s ../../bin/env "$r/usr/bin/env"
  printf 'hosts: files dns\n' > "$r/etc/nsswitch.conf"
  printf 'NAME="Lab userland (busybox)"\nID=perrylab\nVERSION_ID=%s\n' "$LAB_VERSION" > "$r/etc/os-release"
}
ctx_light(){ rm -rf "$CTX/light"; mkdir -p "$CTX"; cp -r "$IMAGES_DIR/light" "$CTX/light"; chmod 755 "$CTX"/light/s/*; }
ctx_redis(){
  local d=$CTX/redis; rm -rf "$d"; mkdir -p "$d/rootfs"
  fetch_debs "$LAB_STATE/pool" $DEB_REDIS || return 1
  copy_bin "$LAB_STATE/pool" "$d/rootfs" usr/bin/redis-server usr/bin/redis-cli
  cp "$IMAGES_DIR"/redis/* "$d/"
}
ctx_postgres(){
  local d=$CTX/postgres src=$LAB_STATE/pool P=usr/lib/postgresql/15 z b
  rm -rf "$d"; mkdir -p "$d/rootfs"
  fetch_debs "$src" $DEB_PG || return 1
  copy_bin "$src" "$d/rootfs" $P/bin/{postgres,initdb,psql,pg_isready,pg_ctl,pg_dump} $P/lib/{plpgsql,dict_snowball,libpqwalreceiver}.so
  mkdir -p "$d"/rootfs/usr/{share/postgresql/15/extension,share/zoneinfo/Etc,bin}
  (cd "$src/usr/share/postgresql/15" \
    && cp -r ./*.bki ./*.sql ./*.conf.sample ./*.txt timezonesets tsearch_data "$d/rootfs/usr/share/postgresql/15/" \
    && cp extension/plpgsql* "$d/rootfs/usr/share/postgresql/15/extension/")
  for z in UTC Etc/UTC; do cp -L "$src/usr/share/zoneinfo/$z" "$d/rootfs/usr/share/zoneinfo/$z"; done
  for b in postgres initdb psql pg_isready pg_ctl pg_dump; do ln -sf /$P/bin/$b "$d/rootfs/usr/bin/$b"; done
  cp "$IMAGES_DIR"/postgres/* "$d/"
}

# --- building ------------------------------------------------------------------------------------
DKLIST='' PMLIST=''      # one listing per engine instead of one process per question
scan(){
  DKLIST=' ' PMLIST=' '
  [ "$do_docker" = 0 ] || DKLIST=" $(dk image ls --format '{{.Repository}}:{{.Tag}}' 2>/dev/null | sed -E 's#^([a-z]+:)#docker.io/library/\1#; s#^lab/#docker.io/lab/#' | tr '\n' ' ' || true)"
  [ "$do_podman" = 0 ] || PMLIST=" $(podman image ls --format '{{.Repository}}:{{.Tag}}' 2>/dev/null | tr '\n' ' ' || true)"
}
dkhas(){ [[ $DKLIST == *" $1 "* ]]; }
pmhas(){ [[ $PMLIST == *" $1 "* ]]; }
builder(){ [ "$do_docker" = 1 ] && echo docker || echo podman; }

build_log(){ tail -8 "$LAB_STATE/log/build.log" >&2; die "$1"; }
build(){ # name target-or-"" ctxdir
  local a=(--build-arg "BASE=$(img base)") t; [ -z "$2" ] || a+=(--target "$2")
  if [ "$(builder)" = docker ]; then
    for t in $(tags_for "$1"); do a+=(-t "$t"); done
    dk build -q "${a[@]}" "$3" >>"$LAB_STATE/log/build.log" 2>&1
  else
    podman build -q --format docker --isolation chroot "${a[@]}" -t "$(img "$1")" "$3" >>"$LAB_STATE/log/build.log" 2>&1
  fi || build_log "building lab/$1 failed"
}
bake_light(){ # all light images in one BuildKit solve
  local n f=$CTX/bake.json sep=''
  { printf '{"group":{"default":{"targets":["%s"]}},"target":{' "$(echo "${LIGHT[@]}" | sed 's/ /","/g')"
    for n in "${LIGHT[@]}"; do
      printf '%s"%s":{"context":"%s","target":"%s","args":{"BASE":"%s"},"tags":["%s"],"output":["type=docker"]}' \
        "$sep" "$n" "$CTX/light" "$n" "$(img base)" "$(tags_for "$n" | paste -sd, | sed 's/,/","/g')"; sep=,
    done; printf '}}'; } > "$f"
  BUILDX_BAKE_ENTITLEMENTS_FS=0 dk buildx bake --progress quiet -f "$f" >>"$LAB_STATE/log/build.log" 2>&1 || build_log "docker buildx bake failed"
}

stamp(){ # what the images are made of, and nothing else
  { echo "$LAB_VERSION ${ALL[*]}"; echo $DEB_REDIS $DEB_PG
    cd "$IMAGES_DIR" && find . -type f | LC_ALL=C sort | xargs sha256sum; } | sha256sum | cut -c1-16
}

images_wanted(){ # true when they have to be built
  local n
  [ "$do_rebuild" = 0 ] || return 0
  for n in "${ALL[@]}"; do
    if [ "$(builder)" = docker ]; then dkhas "$(img "$n")"; else pmhas "$(img "$n")"; fi || return 0
  done
  # images that an earlier lab of this version made are taken over as they are
  if [ ! -e "$LAB_STATE/images.sha" ] && grep -qs "^$LAB_VERSION " "$LAB_STATE/images.stamp"; then stamp > "$LAB_STATE/images.sha"; fi
  [ "$(cat "$LAB_STATE/images.sha" 2>/dev/null)" != "$(stamp)" ]
}

build_images(){
  local n fat
  : > "$LAB_STATE/log/build.log"
  ctx_base; ctx_light
  # the two fat contexts come from .deb files: fetch them while the light images build
  rm -f "$CTX"/*.ok
  ( fetch_debs "$LAB_STATE/pool" $DEB_REDIS $([ "$do_postgres" = 0 ] || echo $DEB_PG) && ctx_redis && touch "$CTX/redis.ok" \
      && { [ "$do_postgres" = 0 ] || { ctx_postgres && touch "$CTX/postgres.ok"; }; } ) 2>"$LAB_STATE/log/fat.log" & fat=$!
  ready(){
    while [ ! -e "$CTX/$1.ok" ]; do
      kill -0 $fat 2>/dev/null || { [ -e "$CTX/$1.ok" ] && return 0; tail -5 "$LAB_STATE/log/fat.log" >&2; return 1; }
      sleep 0.1
    done; }
  build base "" "$CTX/base"
  if [ "$(builder)" = docker ]; then bake_light; else for n in "${LIGHT[@]}"; do build "$n" "$n" "$CTX/light"; done; fi
  say "images: ${#LIGHT[@]} light images built with $(builder)"
  ready redis || die "redis context failed"; build redis "" "$CTX/redis"
  if [ "$do_postgres" = 1 ]; then ready postgres || die "postgres context failed"; build postgres "" "$CTX/postgres"; fi
  say "images: redis$([ "$do_postgres" = 1 ] && echo ' and postgres') built"
  push_images
  stamp > "$LAB_STATE/images.sha"
  say "images: pushed to $LAB_REGISTRY"
  do_rebuild=1     # the other engines take the new ones
}
push_images(){
  local n
  if [ "$(builder)" = docker ]; then
    for n in "${ALL[@]}"; do img "$n"; done | DOCKER_HOST=unix://$LAB_DOCKER_SOCK xargs -P4 -n1 "$DOCKER" push -q >/dev/null 2>"$LAB_STATE/log/push.log" \
      || { cat "$LAB_STATE/log/push.log" >&2; die "docker push failed"; }
  else for n in "${ALL[@]}"; do podman push -q --tls-verify=false "$(img "$n")" >/dev/null; done; fi
}

make_images(){
  local n to need=() pm=()
  scan
  if images_wanted; then build_images; else say "images: already built"; fi
  # the registry of a machine whose engine kept the images but whose registry is new
  if ! registry_has "${ALL[-1]}"; then push_images; say "images: pushed to $LAB_REGISTRY"; fi
  # the other engine pulls them from the registry: same digests on both
  if [ "$do_docker" = 1 ] && [ "$do_podman" = 1 ]; then
    for n in "${ALL[@]}"; do if [ "$do_rebuild" = 1 ] || ! pmhas "$(img "$n")"; then need+=("$(img "$n")"); fi; done
    if [ ${#need[@]} -gt 0 ]; then
      podman pull -q "${need[@]}" >/dev/null 2>"$LAB_STATE/log/podman-pull.log" || { tail -3 "$LAB_STATE/log/podman-pull.log" >&2; die "podman pull failed"; }
      say "images: pulled into podman"
    fi
  fi
  # further names (docker got them at build time unless something removed them)
  scan
  for n in "${ALL[@]}"; do
    pm=()
    while read -r to; do
      case $to in lab/*) to=docker.io/$to;; esac
      if [ "$do_docker" = 1 ] && ! dkhas "$to"; then dk tag "$(img "$n")" "$to"; fi
      case $to in docker.io/lab/*) continue;; esac          # podman finds lab/<name>:1 through the search list
      if [ "$do_podman" = 1 ] && { [ "$do_rebuild" = 1 ] || ! pmhas "$to"; }; then pm+=("$to"); fi
    done < <(tags_for "$n" | tail -n +2)
    [ ${#pm[@]} = 0 ] || podman tag "$(img "$n")" "${pm[@]}"
  done
  [ "$do_aliases" = 0 ] || say "images: stand-in names tagged (alpine, busybox, nginx, redis, postgres, chainguard)"
}
registry_has(){
  local hp=$LAB_REGISTRY
  (exec 3<>"/dev/tcp/${hp%:*}/${hp##*:}"; printf 'GET /v2/lab/%s/tags/list HTTP/1.0\r\n\r\n' "$1" >&3; head -1 <&3 | grep -q ' 200 ') 2>/dev/null; }
