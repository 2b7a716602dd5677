//! Archives through the way into the machine: nerdctl copies files and folders only, so they are laid out there.

use crate::{Guest, hand};
use perry_container_protocol::Invocation;

/// Unpacks an archive into the container `$1` at `$2`.
///
/// Each path by itself, so that folders that are there keep their mode and owner: nerdctl gives a folder that it copies
/// those of its source. Where the folder that something belongs into is missing, that one is copied with all that is
/// below it, and so on upwards.
const UNPACK: &str = r#"cat >"$perry_d/a" && mkdir "$perry_d/f" && (umask 022; tar -xpf "$perry_d/a" -C "$perry_d/f") || exit 1
tar --quoting-style=literal -tf "$perry_d/a" >"$perry_d/n" 2>/dev/null || tar -tf "$perry_d/a" >"$perry_d/n" || exit 1
sed 's#^\(\.*/\)*##; s#/*$##' "$perry_d/n" >"$perry_d/m" && LC_ALL=C sort -u "$perry_d/m" >"$perry_d/l" || exit 1
perry_last=
while IFS= read -r perry_p; do
  case $perry_p in ''|.) continue;; esac
  case $perry_p in "$perry_last"/*) [ "$perry_last" ] && continue;; esac
  perry_last=$perry_p
  while :; do
    case $perry_p in */*) perry_t=${perry_p%/*};; *) perry_t=;; esac
    perry_e=$(nerdctl cp "$perry_d/f/$perry_p" "$1:${2%/}/$perry_t${perry_t:+/}" 2>&1 </dev/null) && break
    case $perry_t,$perry_e in ?*,*"must exist"*|?*,*"does not exist"*) perry_p=$perry_t;; *) printf '%s\n' "$perry_e" >&2; exit 1;; esac
  done
done <"$perry_d/l""#;

/// Packs what is at `$2` in the container `$1`.
const PACK: &str = r#"mkdir "$perry_d/f" && nerdctl cp "$1:$2" "$perry_d/f/" >&2 </dev/null || exit 1
cd "$perry_d/f" || exit 1
set --
for perry_p in * .[!.]* ..?*; do if [ -e "$perry_p" ] || [ -L "$perry_p" ]; then set -- "$@" "$perry_p"; fi; done
tar -cf - -- "$@""#;

/// A call that takes an archive.
pub(crate) fn unpack(guest: &Guest, id: &str, path: &str) -> Invocation {
    hand::shell(guest, &with_directory(UNPACK), [id, path])
}

/// A call that prints an archive.
pub(crate) fn pack(guest: &Guest, id: &str, path: &str) -> Invocation {
    hand::shell(guest, &with_directory(PACK), [id, path])
}

fn with_directory(program: &str) -> String {
    format!("{}{program}", hand::DIRECTORY)
}
