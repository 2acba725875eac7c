#!/usr/bin/env bash
# Writes groupwise/v1 from the proto files. The generator is pinned and not the newest: what it writes runs with every protobuf
# from 4.25 on, whereas newer ones refuse any runtime that is older than themselves. Needs Python up to 3.12.
set -euo pipefail
package="$(cd "$(dirname "$0")/.." && pwd)"
proto="$package/../../proto"
venv="$(mktemp -d)"
trap 'rm -rf "$venv"' EXIT
"${PYTHON:-python3}" -m venv "$venv"
"$venv/bin/pip" install --quiet --only-binary :all: 'grpcio-tools==1.62.3' 'setuptools<81'
"$venv/bin/python" -m grpc_tools.protoc -I"$proto" \
  --python_out="$package" --pyi_out="$package" --grpc_python_out="$package" \
  groupwise/v1/types.proto groupwise/v1/rewards.proto groupwise/v1/environment.proto
# Its file for messages alone has no services, and says nothing.
rm "$package/groupwise/v1/types_pb2_grpc.py"
