#!/usr/bin/env bash
# What the tests need from the system, beyond PyPI and npm. As root on Debian or Ubuntu it is installed; otherwise named.
# With the word `faults`: also what cuts the power of a disk in `make faults`.
set -euo pipefail

missing=()
chromium=
for name in chromium chromium-browser google-chrome; do
  command -v "$name" >/dev/null && { chromium=$name; break; }
done
[ -n "$chromium" ] || missing+=(chromium)
has_font() { command -v fc-list >/dev/null && [ -n "$(fc-list ":family=$1:lang=uk" family 2>/dev/null)" ]; }
has_font "DejaVu Sans" || missing+=(fontconfig fonts-dejavu-core)
has_font "Noto Serif" || missing+=(fontconfig fonts-noto-core)
# WebDAV's conformance suite and the clients that people have; strace kills and breaks what the fault tests run
for pair in litmus:litmus cadaver:cadaver nextcloudcmd:nextcloud-desktop-cmd curl:curl strace:strace; do
  command -v "${pair%%:*}" >/dev/null || missing+=("${pair##*:}")
done
if [ "${1:-}" = faults ]; then
  for pair in nbdkit:nbdkit nbdfuse:libnbd-bin fusermount3:fuse3 eatmydata:eatmydata mkfs.ext4:e2fsprogs; do
    command -v "${pair%%:*}" >/dev/null || missing+=("${pair##*:}")
  done
fi
[ ${#missing[@]} = 0 ] && exit 0

mapfile -t missing < <(printf '%s\n' "${missing[@]}" | sort -u)
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "Installing for the tests: ${missing[*]} ..."
  export DEBIAN_FRONTEND=noninteractive
  apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null 2>&1 \
    || { apt-get update -qq && apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null; }
else
  echo "The tests need what this machine lacks: ${missing[*]}" >&2
  echo "As root on Debian or Ubuntu: apt-get install ${missing[*]}" >&2
  exit 1
fi
