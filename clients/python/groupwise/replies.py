"""What the server answers, as data. Times are aware datetimes in UTC; G is the group size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Message:
    """One chat message of a prompt."""

    role: str
    """"system", "user" or "assistant"."""
    content: str


@dataclass(frozen=True)
class Estimator:
    """The advantage estimator that made the numbers, with all its constants."""

    name: str
    ddof: int | None
    """Delta degrees of freedom of the standard deviation: 0 population, 1 sample."""
    epsilon: float | None
    k: int | None
    weights: Mapping[str, float]


@dataclass(frozen=True)
class Run:
    """A seeded walk over one split of a dataset."""

    run_id: str
    state: str
    """"open", "exhausted" or "closed"."""
    dataset: str
    dataset_version: str
    split: str
    group_size: int
    seed: int
    epochs: int
    reward: str | Mapping[str, Any] | None
    """None: what each row names."""
    estimator: Estimator
    sampling: Mapping[str, Any]
    lease_ttl_s: float
    max_attempts: int
    max_drift: int | None
    prompt_template: str
    created_at: datetime
    groups_total: int
    groups_completed: int
    policy_version: int | None


@dataclass(frozen=True)
class LeasedGroup:
    """One prompt, held until ``expires_at``, for which G completions are wanted."""

    group_id: str
    lease_id: str
    batch_id: str
    pair_id: str
    prompt: tuple[Message, ...]
    group_size: int
    attempt: int
    """1 at first; each expired lease of the group adds one."""
    expires_at: datetime
    epoch: int

    @property
    def messages(self) -> list[dict[str, str]]:
        """The prompt as chat templates take it."""
        return [{"role": message.role, "content": message.content} for message in self.prompt]


@dataclass(frozen=True)
class Lease:
    """Groups handed out together; none, and then why."""

    batch_id: str
    groups: tuple[LeasedGroup, ...]
    empty_reason: str | None
    """"exhausted": nothing is left, now or later. "all_leased", "backpressure": ask again."""
    retry_after_s: float | None

    @property
    def is_exhausted(self) -> bool:
        return self.empty_reason == "exhausted"


@dataclass(frozen=True)
class Heartbeat:
    """Which leases hold, and until when."""

    expires_at: Mapping[str, datetime]
    """By lease id."""
    lost: tuple[str, ...]
    """Leases that expired, were released or completed."""


@dataclass(frozen=True)
class Unscorable:
    """Why a completion has no valid score. It is left out of the baseline and has advantage 0."""

    cause: str
    """A closed set: "verifier_timeout", "judge_unavailable", "ground_truth_unusable", …"""
    scorer: str
    detail: str


@dataclass(frozen=True)
class ScoreCost:
    """What a judge's verdict cost."""

    usd: float | None
    """None: the model's price is unknown."""
    is_cached: bool
    prompt_tokens: int
    completion_tokens: int
    verdicts_asked: int | None
    verdicts_known: int | None


@dataclass(frozen=True)
class ScorerScore:
    """What one scorer said of one completion."""

    scorer: str
    score: float | None
    """In [0, 1]; None where it could not tell, and then ``unscorable`` says why."""
    unscorable: Unscorable | None
    answer: str | None
    """The answer that was compared."""
    answer_source: str | None
    reason: str | None
    replaced_by: str | None
    """The scorer whose second opinion stands in for this score."""
    cost: ScoreCost | None


@dataclass(frozen=True)
class CompletionResult:
    """What became of one completion."""

    member_index: int
    reward: float | None
    """None: unscorable, never 0 in its place."""
    unscorable: Unscorable | None
    advantage: float | None
    """None until all that the estimator needs is known."""
    scores: tuple[ScorerScore, ...]
    drift: int | None
    """Policy versions between this completion and the newest that the server has heard of."""


@dataclass(frozen=True)
class ScoredGroup:
    """The completions of one group, in order."""

    flags: tuple[str, ...]
    """"zero_variance", "insufficient_valid"."""
    completions: tuple[CompletionResult, ...]
    """[G]"""

    @property
    def rewards(self) -> list[float | None]:
        """[G]; None where unscorable."""
        return [completion.reward for completion in self.completions]

    @property
    def advantages(self) -> list[float | None]:
        """[G]"""
        return [completion.advantage for completion in self.completions]


@dataclass(frozen=True)
class GroupResult(ScoredGroup):
    """What became of a leased group. ``completions`` are those that have been scored, by member index."""

    group_id: str
    lease_id: str
    batch_id: str
    state: str
    """"pending", "partial", "scoring", "awaiting_batch", "completed" or "quarantined"."""
    missing: tuple[int, ...]
    """Member indexes that were not handed in."""
    estimator: Estimator | None
    batch_owed: int | None
    """Groups that this batch is owed because of zero-variance ones. Only under ``refill``."""


@dataclass(frozen=True)
class Scores:
    """Groups in the order of the request."""

    estimator: Estimator
    groups: tuple[ScoredGroup, ...]
