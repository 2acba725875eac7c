"""The books of a run, counted since it was opened, across restarts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class LeaseAccounts:
    """completed + expired + released + quarantined + open = leased."""

    leased: int
    completed: int
    expired: int
    released: int
    quarantined: int
    open: int


@dataclass(frozen=True)
class GroupAccounts:
    """issued = completed + quarantined + in_progress."""

    total: int
    issued: int
    completed: int
    quarantined: int
    in_progress: int


@dataclass(frozen=True)
class CompletionAccounts:
    """submitted = scored + unscorable + in_flight."""

    submitted: int
    scored: int
    unscorable: int
    in_flight: int
    unscorable_by_cause: Mapping[str, int]
    truncated: int
    repeats: int
    """Submits that repeated one of before and got its result."""


@dataclass(frozen=True)
class CacheAccounts:
    """Verdicts of judges that were known, and that were asked for."""

    hits: int
    misses: int


@dataclass(frozen=True)
class AuditAccounts:
    """How the verdicts of one scorer, on answers of one kind, stood up to a judge's."""

    scorer: str
    domain: str
    answer_type: str
    both_yes: int
    only_scorer: int
    only_judge: int
    both_no: int
    unjudged: int
    agreement: float | None
    precision: float | None
    recall: float | None


@dataclass(frozen=True)
class Accounting:
    """Shares and means are None before there is something to take them of."""

    leases: LeaseAccounts
    groups: GroupAccounts
    completions: CompletionAccounts
    mean_reward: float | None
    pass_rate: float | None
    pass_threshold: float
    zero_variance_groups: int
    zero_variance_share: float | None
    insufficient_valid_groups: int
    cache: CacheAccounts
    cost_usd: float | None
    """What judges cost. None when a price was unknown."""
    drift: Mapping[int, int]
    """Completions by drift in policy versions."""
    audits: tuple[AuditAccounts, ...]
    judge_prompt_tokens: int
    judge_completion_tokens: int
