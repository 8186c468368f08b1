#!/bin/sh
# Installs what lacks from Debian's packages: Node and npm for the widgets,
# PostgreSQL and Chromium for the tests, or the commands that are named, as in  system_packages.sh make git
set -eu

fail() {
    echo "$1" >&2
    exit 1
}
has() { command -v "$1" >/dev/null 2>&1; }

missing=""
if [ "$#" -gt 0 ]; then
    for name in "$@"; do
        has "$name" || missing="$missing $name"
    done
else
    ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || has postgres || missing="$missing postgresql"
    has chromium || has chromium-browser || missing="$missing chromium"
    has node || missing="$missing nodejs"
    has npm || missing="$missing npm"
fi
[ -n "$missing" ] || exit 0

has apt-get || fail "This needs$missing: install them with this system's package manager, then run it again."
as_root=""
if [ "$(id -u)" != 0 ]; then
    has sudo || fail "This needs$missing, and only root may install: run  apt-get install$missing  as root, then run it again."
    as_root="sudo"
fi
echo "installing$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# sudo forgets the environment, so it is given behind it.
apt="$as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq"
# A source that cannot be reached is no reason to stop: the packages may be known already.
$apt update >"$log" 2>&1 || true
# shellcheck disable=SC2086
if ! $apt install -y --no-install-recommends $missing >>"$log" 2>&1; then
    why=$(grep '^E:' "$log" | tail -n 1 | cut -c4-)
    fail "apt-get could not install$missing (${why:-no reason given}): install them by hand, then run it again."
fi
