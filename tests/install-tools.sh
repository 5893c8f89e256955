#!/bin/sh
# Installs the Debian packages named, those that are missing; says what is in the way.
set -eu
missing=""
for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q "ok installed" || missing="$missing $package"
done
if [ -z "$missing" ]; then
    echo "test-tools: all there: $*"
    exit 0
fi
if ! command -v apt-get >/dev/null; then
    echo "test-tools: no apt-get here: install$missing by other means, their programs on the PATH" >&2
    exit 1
fi
if [ "$(id -u)" = 0 ]; then
    as_root="env"
elif command -v sudo >/dev/null; then
    as_root="sudo env"
else
    echo "test-tools: installing$missing needs root: run as root, or install sudo" >&2
    exit 1
fi
# A service that a package would start takes ports that nobody asked for.
$as_root DEBIAN_FRONTEND=noninteractive apt-get update -q
$as_root DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -q -y --no-install-recommends $missing
