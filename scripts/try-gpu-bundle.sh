#!/usr/bin/env bash
# Unpacks a bundle of scripts/pack-gpu-bundle.ts into an empty folder and runs its check there as on a GPU machine without a network:
# no environment, no Node but the bundle's, no network but the loopback (the last needs root; without it that part is left out).
#
#   scripts/try-gpu-bundle.sh groupwise-gpu.tar.xz [webgpu|cuda|cpu] [training steps]
#
# A software driver is handed on by VK_DRIVER_FILES and LD_LIBRARY_PATH, as docs/gpu.md has them.
set -euo pipefail
bundle=$(readlink -f "$1")
device=${2:-webgpu}
steps=${3:-1}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

tar -xf "$bundle" -C "$work"
mkdir "$work/path" "$work/home"
for tool in sh cat dirname readlink mktemp rm tee; do ln -s "$(command -v "$tool")" "$work/path/$tool"; done

if [ "$(id -u)" = 0 ]; then
  alone=(unshare --net sh -c 'ip link set lo up && exec "$@"' sh)
else
  echo 'not root: the network stays' >&2
  alone=()
fi
cd "$work/groupwise-gpu"
"${alone[@]}" "$(command -v env)" -i PATH="$work/path" HOME="$work/home" \
  VK_DRIVER_FILES="${VK_DRIVER_FILES:-}" LD_LIBRARY_PATH="${LD_LIBRARY_PATH:-}" ./check "$device" "$steps"
