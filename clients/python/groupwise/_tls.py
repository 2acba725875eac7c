"""What ``tls`` may be wherever a connection is described, and the certificates that it means. What is none is refused before gRPC has
it: gRPC would take it, and every call would then fail as if the server were down."""

from __future__ import annotations

import os
import ssl
from typing import Any, TypeAlias, Union

import grpc

from groupwise.errors import GroupwiseError

Tls: TypeAlias = Union[bool, bytes, str, "os.PathLike[str]"]
"""Whether to speak TLS, or the certificates to believe instead of the system's: PEM as bytes, or the path of a PEM file."""


def credentials(tls: Tls) -> Any:
    """Those of gRPC; None without TLS.

    Raises:
        GroupwiseError: ``invalid_argument`` for a file that cannot be read, or what is no PEM of certificates.
    """
    if isinstance(tls, bool):
        return grpc.ssl_channel_credentials() if tls else None
    if isinstance(tls, bytes):
        return grpc.ssl_channel_credentials(_checked(tls, "These bytes have"))
    if isinstance(tls, (str, os.PathLike)):
        path = os.fspath(tls)
        return grpc.ssl_channel_credentials(_checked(_read(path), f'"{path}" has'))
    raise _refused(f"Must be a bool, PEM as bytes, or the path of a PEM file, not of type {type(tls).__name__}")


def _read(path: str) -> bytes:
    if "-----BEGIN" in path:
        raise _refused("A text is the path of a PEM file: PEM itself must be bytes")
    try:
        with open(path, "rb") as file:
            return file.read()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise _refused(f'Cannot read the certificates of "{path}": {reason}') from error


def _checked(pem: bytes, subject: str) -> bytes:
    try:
        # Whatever stands between certificates is a comment, in any encoding.
        text = pem.decode("ascii", "ignore")
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=text)
    except (ssl.SSLError, ValueError) as error:
        raise _refused(f"{subject} no PEM of certificates: {error}") from error
    return pem


def _refused(message: str) -> GroupwiseError:
    return GroupwiseError("invalid_argument", message, "tls")
