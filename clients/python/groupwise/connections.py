"""What the shims share: one connection a process and place, as trainers fork and gRPC does not survive that; and patience for
faults that pass, for trainers that have no word for "unscorable"."""

from __future__ import annotations

import asyncio
import functools
import os
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from groupwise._tls import Tls
from groupwise.async_environment import AsyncEnvironment
from groupwise.environment import Environment
from groupwise.errors import GroupwiseError, UnscorableError
from groupwise.inputs import RewardSpec, ScoreGroup
from groupwise.replies import CompletionResult, Scores

PASSING_CAUSES = frozenset(
    ("judge_unavailable", "judge_unreadable", "reward_model_unavailable", "deadline_exceeded")
)
PASSING_CODES = frozenset(("unavailable", "resource_exhausted", "deadline_exceeded"))
FIRST_PAUSE_S = 0.25
PAUSE_S_MAX = 8.0

Reply = TypeVar("Reply")


@dataclass(frozen=True)
class Place:
    """Where the server is, as a trainer's configuration can say it. What is None is taken from the environment, see `of`."""

    address: str
    token: str | None
    tls: Tls

    @classmethod
    def of(cls, address: str | None = None, token: str | None = None, tls: Tls | None = None) -> Place:
        """
        Args:
            address: HOST:PORT; None: GROUPWISE_ADDRESS, else 127.0.0.1:50051.
            token: None: GROUPWISE_TOKEN, else no token.
            tls: As `Environment` takes it; None: GROUPWISE_TLS_CA, the path of a PEM file, else no TLS.
        """
        return cls(
            address or os.environ.get("GROUPWISE_ADDRESS") or "127.0.0.1:50051",
            token or os.environ.get("GROUPWISE_TOKEN") or None,
            tls if tls is not None else os.environ.get("GROUPWISE_TLS_CA") or False,
        )

    def environment(self) -> Environment:
        """The connection of this process."""
        return _connect(self, os.getpid())

    def async_environment(self) -> AsyncEnvironment:
        """The connection of the event loop that runs."""
        return _connect_async(self, os.getpid(), asyncio.get_running_loop())


@functools.lru_cache(maxsize=None)
def _connect(place: Place, _process: int) -> Environment:
    return Environment(place.address, token=place.token, tls=place.tls)


# Few: a trainer's process has one loop, and those of the past need not be kept.
@functools.lru_cache(maxsize=8)
def _connect_async(place: Place, _process: int, _loop: asyncio.AbstractEventLoop) -> AsyncEnvironment:
    return AsyncEnvironment(place.address, token=place.token, tls=place.tls)


def score_one(
    place: Place, group: ScoreGroup, *, reward: RewardSpec | None, timeout_s: float, hold_s: float
) -> CompletionResult:
    """Scores a group of one completion; its ``reward`` is a number.

    While a fault may pass it tries again with growing pauses, until ``hold_s`` is over (0: one try).

    Raises:
        UnscorableError: there is no valid score.
        GroupwiseError: the server refused, or nobody answered.
    """
    return patiently(
        lambda: _only_result(place.environment().score([group], reward=reward, timeout_s=timeout_s)), hold_s
    )


async def score_one_async(
    place: Place, group: ScoreGroup, *, reward: RewardSpec | None, timeout_s: float, hold_s: float
) -> CompletionResult:
    """`score_one` for an event loop."""

    async def ask() -> CompletionResult:
        return _only_result(
            await place.async_environment().score([group], reward=reward, timeout_s=timeout_s)
        )

    return await patiently_async(ask, hold_s)


def patiently(ask: Callable[[], Reply], hold_s: float) -> Reply:
    """Asks again while the fault may pass and ``hold_s`` is not over. The last try may end as much later as it takes."""
    patience = _Patience(hold_s)
    while True:
        try:
            return ask()
        except GroupwiseError as error:
            pause_s = patience.pause_s(error)
            if pause_s is None:
                raise
        time.sleep(pause_s)


async def patiently_async(ask: Callable[[], Awaitable[Reply]], hold_s: float) -> Reply:
    """`patiently` for an event loop."""
    patience = _Patience(hold_s)
    while True:
        try:
            return await ask()
        except GroupwiseError as error:
            pause_s = patience.pause_s(error)
            if pause_s is None:
                raise
        await asyncio.sleep(pause_s)


def may_pass(error: GroupwiseError) -> bool:
    """Whether the same question may be answered a moment later."""
    if isinstance(error, UnscorableError):
        return error.cause in PASSING_CAUSES
    return error.code in PASSING_CODES


class _Patience:
    def __init__(self, hold_s: float) -> None:
        self._until = time.monotonic() + hold_s
        self._most_s = FIRST_PAUSE_S

    def pause_s(self, error: GroupwiseError) -> float | None:
        """How long to wait before the next try. None: there is none."""
        # Requests that failed together shall not come back together.
        pause_s = max(self._most_s * random.uniform(0.5, 1), error.retry_after_s or 0)
        self._most_s = min(PAUSE_S_MAX, self._most_s * 2)
        return pause_s if may_pass(error) and time.monotonic() + pause_s < self._until else None


def _only_result(scores: Scores) -> CompletionResult:
    result = scores.groups[0].completions[0]
    if result.unscorable is not None:
        raise UnscorableError(result.unscorable.cause, result.unscorable.scorer, result.unscorable.detail)
    return result


def scores_by_scorer(result: CompletionResult) -> dict[str, float]:
    """Without those that were not given, and those that a second opinion replaced."""
    return {
        each.scorer: each.score for each in result.scores if each.score is not None and each.replaced_by is None
    }
