"""Leases of one client that reads ahead of its own completions: kept alive by a thread until they are done with, or given back."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable

from groupwise.connections import patiently
from groupwise.environment import Environment
from groupwise.errors import GroupwiseError
from groupwise.replies import Heartbeat, LeasedGroup, Run

log = logging.getLogger(__name__)


class HeldLeases:
    """Safe to share between threads."""

    def __init__(self, environment: Environment, run: Run, hold_s: float) -> None:
        """
        Args:
            hold_s: How long calls are tried again when nobody answers, or has no room.
        """
        self._environment = environment
        self._run = run
        self._hold_s = hold_s
        self._held: dict[str, LeasedGroup] = {}
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._keeper: threading.Thread | None = None

    def take(self, groups: int, *, policy_version: int | None = None) -> list[LeasedGroup]:
        """Up to ``groups`` more groups. None, when nothing is left, or when what is left waits for this client itself."""
        until = time.monotonic() + self._hold_s
        while not self._closed.is_set():
            # Asked again after a fault: groups of an answer that was lost come back when their leases expire.
            lease = patiently(
                lambda: self._environment.lease(self._run.run_id, groups, policy_version=policy_version),
                self._hold_s,
            )
            if lease.groups:
                with self._lock:
                    self._held.update((group.lease_id, group) for group in lease.groups)
                self._keep_alive()
                return list(lease.groups)
            if lease.is_exhausted or (lease.empty_reason == "all_leased" and self.still_held()):
                return []
            if lease.empty_reason == "backpressure" and time.monotonic() > until:
                refused = "The server holds as many groups or completions as it may"
                raise GroupwiseError("resource_exhausted", refused, None, lease.retry_after_s)
            self._closed.wait(lease.retry_after_s or 1.0)
        return []

    def still_held(self) -> list[LeasedGroup]:
        """Groups whose leases hold, extended, in the order in which they were handed out."""
        return self._extend(self._hold_s)

    def done(self, lease_ids: Iterable[str]) -> None:
        """These need not be kept alive any more."""
        with self._lock:
            for lease_id in lease_ids:
                self._held.pop(lease_id, None)

    def close(self) -> None:
        """Gives back what is still held."""
        self._closed.set()
        with self._lock:
            held, self._held = list(self._held), {}
        if held:
            self._environment.release(self._run.run_id, held)

    def _extend(self, hold_s: float) -> list[LeasedGroup]:
        with self._lock:
            asked = list(self._held)
        if not asked:
            return []

        def beat() -> Heartbeat:
            return self._environment.heartbeat(self._run.run_id, asked)

        self.done(patiently(beat, hold_s).lost)
        with self._lock:
            return list(self._held.values())

    def _keep_alive(self) -> None:
        if self._keeper is None:
            self._keeper = threading.Thread(target=self._beat, name="groupwise-leases", daemon=True)
            self._keeper.start()

    def _beat(self) -> None:
        while not self._closed.wait(self._run.lease_ttl_s / 3):
            try:
                self._extend(0)
            except GroupwiseError as error:
                log.warning("Leases could not be extended: %s", error)
