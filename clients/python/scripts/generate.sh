#!/usr/bin/env bash
# Writes groupwise/v1 from the proto files; with --check, says whether it is what they make. The generators are pinned and not the
# newest: what they write runs with every protobuf from 4.25 on, whereas newer ones refuse any runtime that is older than
# themselves. Needs Python 3.10 to 3.12 (PYTHON names it). GROUPWISE_GENERATORS is where they are kept; without it they are not.
set -euo pipefail
package="$(cd "$(dirname "$0")/.." && pwd)"
proto="$package/../../proto"
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
venv="${GROUPWISE_GENERATORS:-$scratch/venv}"
if [ ! -x "$venv/bin/protoc-gen-mypy_grpc" ]; then
  "${PYTHON:-python3}" -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: -r "$package/scripts/generators.txt"
fi
mkdir "$scratch/out"
PATH="$venv/bin:$PATH" "$venv/bin/python" -W ignore -m grpc_tools.protoc -I"$proto" \
  --python_out="$scratch/out" --mypy_out=quiet:"$scratch/out" \
  --grpc_python_out="$scratch/out" --mypy_grpc_out=quiet:"$scratch/out" \
  groupwise/v1/types.proto groupwise/v1/rewards.proto groupwise/v1/environment.proto
# Those for messages alone have no services, and say nothing.
rm "$scratch/out/groupwise/v1/"types_pb2_grpc.py*
if [ "${1:-}" = --check ]; then
  if ! diff -rq --exclude=__init__.py --exclude=__pycache__ "$scratch/out/groupwise/v1" "$package/groupwise/v1" >&2; then
    echo 'The proto files have changed: run clients/python/scripts/generate.sh' >&2
    exit 1
  fi
else
  cp "$scratch/out/groupwise/v1/"* "$package/groupwise/v1/"
fi
