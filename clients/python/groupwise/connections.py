"""What the shims share: one connection a process and place, as trainers fork and gRPC does not survive that; and patience for
faults that pass, for trainers that have no word for "unscorable"."""

from __future__ import annotations

import functools
import os
import time
from dataclasses import dataclass
from pathlib import Path

from groupwise.environment import Environment
from groupwise.errors import GroupwiseError, UnscorableError
from groupwise.inputs import RewardSpec, ScoreGroup
from groupwise.replies import CompletionResult

PASSING_CAUSES = frozenset(
    ("judge_unavailable", "judge_unreadable", "reward_model_unavailable", "deadline_exceeded")
)
PASSING_CODES = frozenset(("unavailable", "resource_exhausted", "deadline_exceeded"))
FIRST_PAUSE_S = 0.5
PAUSE_S_MAX = 15.0


@dataclass(frozen=True)
class Place:
    """Where the server is, as a trainer's configuration can say it. None is taken from the environment, see `of`."""

    address: str
    token: str | None
    tls: bool | str

    @classmethod
    def of(cls, address: str | None = None, token: str | None = None, tls: bool | str | None = None) -> Place:
        """
        Args:
            address: HOST:PORT; None: GROUPWISE_ADDRESS, else 127.0.0.1:50051.
            token: None: GROUPWISE_TOKEN, else no token.
            tls: True, or a PEM file of the certificates to believe; None: GROUPWISE_TLS_CA as such a file, else no TLS.
        """
        return cls(
            address or os.environ.get("GROUPWISE_ADDRESS") or "127.0.0.1:50051",
            token or os.environ.get("GROUPWISE_TOKEN") or None,
            tls if tls is not None else os.environ.get("GROUPWISE_TLS_CA") or False,
        )

    def environment(self) -> Environment:
        """The connection of this process."""
        return _connect(self, os.getpid())


@functools.lru_cache(maxsize=None)
def _connect(place: Place, _process: int) -> Environment:
    tls = Path(place.tls).read_bytes() if isinstance(place.tls, str) else place.tls
    return Environment(place.address, token=place.token, tls=tls)


def score_one(
    place: Place, group: ScoreGroup, *, reward: RewardSpec | None, timeout_s: float, hold_s: float
) -> CompletionResult:
    """Scores a group of one completion; its ``reward`` is a number.

    While a fault may pass it tries again with growing pauses, until ``hold_s`` is over (0: one try).

    Raises:
        UnscorableError: there is no valid score.
        GroupwiseError: the server refused, or nobody answered.
    """
    until = time.monotonic() + hold_s
    pause_s = FIRST_PAUSE_S
    while True:
        try:
            replied = place.environment().score([group], reward=reward, timeout_s=timeout_s)
            result = replied.groups[0].completions[0]
            if result.unscorable is not None:
                raise UnscorableError(
                    result.unscorable.cause, result.unscorable.scorer, result.unscorable.detail
                )
            return result
        except UnscorableError as error:
            if error.cause not in PASSING_CAUSES or time.monotonic() + pause_s >= until:
                raise
        except GroupwiseError as error:
            if error.code not in PASSING_CODES or time.monotonic() + pause_s >= until:
                raise
        time.sleep(pause_s)
        pause_s = min(PAUSE_S_MAX, pause_s * 2)
