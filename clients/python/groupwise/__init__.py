"""Client of the Groupwise environment server: groups of prompts are leased, completions scored, rewards and group-relative
advantages returned. A completion that could not be scored has the reward ``None`` and a cause, never 0."""

from groupwise.async_environment import AsyncEnvironment
from groupwise.environment import Environment
from groupwise.errors import GroupwiseError, UnscorableError
from groupwise.inputs import Completion, EstimatorSpec, Prompt, RewardSpec, SamplingSpec, ScoreGroup
from groupwise.labels import Label
from groupwise.replies import (
    CompletionResult,
    Estimator,
    GroupResult,
    Heartbeat,
    Lease,
    LeasedGroup,
    Message,
    Run,
    ScoreCost,
    ScoredGroup,
    ScorerScore,
    Scores,
    Unscorable,
)
from groupwise.accounts import Accounting

__all__ = [
    "Accounting",
    "AsyncEnvironment",
    "Completion",
    "CompletionResult",
    "Environment",
    "Estimator",
    "EstimatorSpec",
    "GroupResult",
    "GroupwiseError",
    "Heartbeat",
    "Label",
    "Lease",
    "LeasedGroup",
    "Message",
    "Prompt",
    "RewardSpec",
    "Run",
    "SamplingSpec",
    "ScoreCost",
    "ScoreGroup",
    "ScoredGroup",
    "ScorerScore",
    "Scores",
    "Unscorable",
    "UnscorableError",
]
