"""What both clients need of gRPC: the options of a channel, a status as our error, and when a call that failed is
made again: when it found nobody (if it may be repeated) or no room (then nothing was done), under one deadline."""

from __future__ import annotations

import random
import re
import time
from typing import Any
from urllib.parse import unquote

from groupwise.errors import GroupwiseError

MESSAGE_BYTES_MAX = 64 * 1024 * 1024

OPTIONS = [
    ("grpc.max_receive_message_length", MESSAGE_BYTES_MAX),
    ("grpc.max_send_message_length", MESSAGE_BYTES_MAX),
    # Finds out that the server is gone while a call waits for its scores.
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    # The library's own second to two minutes would outlast the retries of a call.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2_000),
]

ATTEMPTS_MAX = 8
FIRST_PAUSE_S = 0.05
PAUSE_S_MAX = 1.0


def check_address(address: str) -> str:
    # Without a port gRPC would go to 443.
    if "://" in address or re.search(r":\d+\Z", address) is None:
        raise ValueError(f'The address must be HOST:PORT of the gRPC door, not "{address}"')
    return address


def metadata(token: str | None) -> list[tuple[str, str]]:
    return [] if token is None else [("authorization", f"Bearer {token}")]


def error_of(failed: Any) -> GroupwiseError:
    """A gRPC status as the caller's error."""
    trailing = {key: value for key, value in failed.trailing_metadata() or ()}
    field, retry_after_ms = trailing.get("groupwise-field"), trailing.get("retry-after-ms")
    return GroupwiseError(
        failed.code().name.lower(),
        failed.details() or "",
        None if field is None else unquote(field),
        None if retry_after_ms is None else float(retry_after_ms) / 1000,
        trailing.get("groupwise-request-id"),
    )


class Attempts:
    """The attempts at one call."""

    def __init__(self, timeout_s: float, *, may_repeat: bool) -> None:
        self._until = time.monotonic() + timeout_s
        self._may_repeat = may_repeat
        self._tried = 0

    @property
    def seconds_left(self) -> float:
        return max(0.0, self._until - time.monotonic())

    def pause_s(self, error: GroupwiseError) -> float | None:
        """How long to wait before the next attempt. None: there is none."""
        self._tried += 1
        found_nobody = error.code == "unavailable" and self._may_repeat
        found_no_room = error.code == "resource_exhausted" and error.retry_after_s is not None
        if self._tried == ATTEMPTS_MAX or not (found_nobody or found_no_room):
            return None
        doubled = min(PAUSE_S_MAX, FIRST_PAUSE_S * 2 ** (self._tried - 1))
        pause = doubled if error.retry_after_s is None else error.retry_after_s
        # Clients that were sent away together shall not come back together.
        pause *= 1 + random.random()
        return pause if pause < self.seconds_left else None
