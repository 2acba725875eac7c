from google.protobuf import timestamp_pb2 as _timestamp_pb2
from groupwise.v1 import types_pb2 as _types_pb2
from groupwise.v1 import rewards_pb2 as _rewards_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RunState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RUN_STATE_UNSPECIFIED: _ClassVar[RunState]
    RUN_STATE_OPEN: _ClassVar[RunState]
    RUN_STATE_EXHAUSTED: _ClassVar[RunState]
    RUN_STATE_CLOSED: _ClassVar[RunState]

class EmptyReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EMPTY_REASON_UNSPECIFIED: _ClassVar[EmptyReason]
    EMPTY_REASON_EXHAUSTED: _ClassVar[EmptyReason]
    EMPTY_REASON_ALL_LEASED: _ClassVar[EmptyReason]
    EMPTY_REASON_BACKPRESSURE: _ClassVar[EmptyReason]

class GroupState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    GROUP_STATE_UNSPECIFIED: _ClassVar[GroupState]
    GROUP_STATE_PENDING: _ClassVar[GroupState]
    GROUP_STATE_PARTIAL: _ClassVar[GroupState]
    GROUP_STATE_SCORING: _ClassVar[GroupState]
    GROUP_STATE_AWAITING_BATCH: _ClassVar[GroupState]
    GROUP_STATE_COMPLETED: _ClassVar[GroupState]
    GROUP_STATE_QUARANTINED: _ClassVar[GroupState]
RUN_STATE_UNSPECIFIED: RunState
RUN_STATE_OPEN: RunState
RUN_STATE_EXHAUSTED: RunState
RUN_STATE_CLOSED: RunState
EMPTY_REASON_UNSPECIFIED: EmptyReason
EMPTY_REASON_EXHAUSTED: EmptyReason
EMPTY_REASON_ALL_LEASED: EmptyReason
EMPTY_REASON_BACKPRESSURE: EmptyReason
GROUP_STATE_UNSPECIFIED: GroupState
GROUP_STATE_PENDING: GroupState
GROUP_STATE_PARTIAL: GroupState
GROUP_STATE_SCORING: GroupState
GROUP_STATE_AWAITING_BATCH: GroupState
GROUP_STATE_COMPLETED: GroupState
GROUP_STATE_QUARANTINED: GroupState

class ListDatasetsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListDatasetsResponse(_message.Message):
    __slots__ = ("datasets",)
    DATASETS_FIELD_NUMBER: _ClassVar[int]
    datasets: _containers.RepeatedCompositeFieldContainer[Dataset]
    def __init__(self, datasets: _Optional[_Iterable[_Union[Dataset, _Mapping]]] = ...) -> None: ...

class GetDatasetRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class Dataset(_message.Message):
    __slots__ = ("name", "version", "description", "created_at", "splits", "answer_types", "domains", "reward", "provenance")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    SPLITS_FIELD_NUMBER: _ClassVar[int]
    ANSWER_TYPES_FIELD_NUMBER: _ClassVar[int]
    DOMAINS_FIELD_NUMBER: _ClassVar[int]
    REWARD_FIELD_NUMBER: _ClassVar[int]
    PROVENANCE_FIELD_NUMBER: _ClassVar[int]
    name: str
    version: str
    description: str
    created_at: _timestamp_pb2.Timestamp
    splits: _containers.RepeatedCompositeFieldContainer[NamedCount]
    answer_types: _containers.RepeatedCompositeFieldContainer[NamedCount]
    domains: _containers.RepeatedCompositeFieldContainer[NamedCount]
    reward: _types_pb2.Reward
    provenance: Provenance
    def __init__(self, name: _Optional[str] = ..., version: _Optional[str] = ..., description: _Optional[str] = ..., created_at: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., splits: _Optional[_Iterable[_Union[NamedCount, _Mapping]]] = ..., answer_types: _Optional[_Iterable[_Union[NamedCount, _Mapping]]] = ..., domains: _Optional[_Iterable[_Union[NamedCount, _Mapping]]] = ..., reward: _Optional[_Union[_types_pb2.Reward, _Mapping]] = ..., provenance: _Optional[_Union[Provenance, _Mapping]] = ...) -> None: ...

class NamedCount(_message.Message):
    __slots__ = ("name", "count")
    NAME_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    name: str
    count: int
    def __init__(self, name: _Optional[str] = ..., count: _Optional[int] = ...) -> None: ...

class Provenance(_message.Message):
    __slots__ = ("source", "license", "generator")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    LICENSE_FIELD_NUMBER: _ClassVar[int]
    GENERATOR_FIELD_NUMBER: _ClassVar[int]
    source: str
    license: str
    generator: str
    def __init__(self, source: _Optional[str] = ..., license: _Optional[str] = ..., generator: _Optional[str] = ...) -> None: ...

class OpenRunRequest(_message.Message):
    __slots__ = ("run_id", "dataset", "split", "group_size", "seed", "epochs", "reward", "estimator", "sampling", "lease_ttl_ms", "max_attempts", "max_drift", "prompt_template")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    DATASET_FIELD_NUMBER: _ClassVar[int]
    SPLIT_FIELD_NUMBER: _ClassVar[int]
    GROUP_SIZE_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    EPOCHS_FIELD_NUMBER: _ClassVar[int]
    REWARD_FIELD_NUMBER: _ClassVar[int]
    ESTIMATOR_FIELD_NUMBER: _ClassVar[int]
    SAMPLING_FIELD_NUMBER: _ClassVar[int]
    LEASE_TTL_MS_FIELD_NUMBER: _ClassVar[int]
    MAX_ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    MAX_DRIFT_FIELD_NUMBER: _ClassVar[int]
    PROMPT_TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    dataset: str
    split: str
    group_size: int
    seed: int
    epochs: int
    reward: _types_pb2.Reward
    estimator: _types_pb2.Estimator
    sampling: Sampling
    lease_ttl_ms: int
    max_attempts: int
    max_drift: int
    prompt_template: str
    def __init__(self, run_id: _Optional[str] = ..., dataset: _Optional[str] = ..., split: _Optional[str] = ..., group_size: _Optional[int] = ..., seed: _Optional[int] = ..., epochs: _Optional[int] = ..., reward: _Optional[_Union[_types_pb2.Reward, _Mapping]] = ..., estimator: _Optional[_Union[_types_pb2.Estimator, _Mapping]] = ..., sampling: _Optional[_Union[Sampling, _Mapping]] = ..., lease_ttl_ms: _Optional[int] = ..., max_attempts: _Optional[int] = ..., max_drift: _Optional[int] = ..., prompt_template: _Optional[str] = ...) -> None: ...

class Sampling(_message.Message):
    __slots__ = ("kind", "refill", "pools", "unseen_weight")
    KIND_FIELD_NUMBER: _ClassVar[int]
    REFILL_FIELD_NUMBER: _ClassVar[int]
    POOLS_FIELD_NUMBER: _ClassVar[int]
    UNSEEN_WEIGHT_FIELD_NUMBER: _ClassVar[int]
    kind: str
    refill: bool
    pools: _containers.RepeatedCompositeFieldContainer[CurriculumPool]
    unseen_weight: float
    def __init__(self, kind: _Optional[str] = ..., refill: bool = ..., pools: _Optional[_Iterable[_Union[CurriculumPool, _Mapping]]] = ..., unseen_weight: _Optional[float] = ...) -> None: ...

class CurriculumPool(_message.Message):
    __slots__ = ("name", "pass_rate_max", "weight")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PASS_RATE_MAX_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_FIELD_NUMBER: _ClassVar[int]
    name: str
    pass_rate_max: float
    weight: float
    def __init__(self, name: _Optional[str] = ..., pass_rate_max: _Optional[float] = ..., weight: _Optional[float] = ...) -> None: ...

class Run(_message.Message):
    __slots__ = ("run_id", "state", "dataset", "dataset_version", "split", "group_size", "seed", "epochs", "reward", "estimator", "sampling", "lease_ttl_ms", "max_attempts", "max_drift", "prompt_template", "created_at", "groups_total", "groups_completed", "policy_version")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    DATASET_FIELD_NUMBER: _ClassVar[int]
    DATASET_VERSION_FIELD_NUMBER: _ClassVar[int]
    SPLIT_FIELD_NUMBER: _ClassVar[int]
    GROUP_SIZE_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    EPOCHS_FIELD_NUMBER: _ClassVar[int]
    REWARD_FIELD_NUMBER: _ClassVar[int]
    ESTIMATOR_FIELD_NUMBER: _ClassVar[int]
    SAMPLING_FIELD_NUMBER: _ClassVar[int]
    LEASE_TTL_MS_FIELD_NUMBER: _ClassVar[int]
    MAX_ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    MAX_DRIFT_FIELD_NUMBER: _ClassVar[int]
    PROMPT_TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    GROUPS_TOTAL_FIELD_NUMBER: _ClassVar[int]
    GROUPS_COMPLETED_FIELD_NUMBER: _ClassVar[int]
    POLICY_VERSION_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    state: RunState
    dataset: str
    dataset_version: str
    split: str
    group_size: int
    seed: int
    epochs: int
    reward: _types_pb2.Reward
    estimator: _types_pb2.Estimator
    sampling: Sampling
    lease_ttl_ms: int
    max_attempts: int
    max_drift: int
    prompt_template: str
    created_at: _timestamp_pb2.Timestamp
    groups_total: int
    groups_completed: int
    policy_version: int
    def __init__(self, run_id: _Optional[str] = ..., state: _Optional[_Union[RunState, str]] = ..., dataset: _Optional[str] = ..., dataset_version: _Optional[str] = ..., split: _Optional[str] = ..., group_size: _Optional[int] = ..., seed: _Optional[int] = ..., epochs: _Optional[int] = ..., reward: _Optional[_Union[_types_pb2.Reward, _Mapping]] = ..., estimator: _Optional[_Union[_types_pb2.Estimator, _Mapping]] = ..., sampling: _Optional[_Union[Sampling, _Mapping]] = ..., lease_ttl_ms: _Optional[int] = ..., max_attempts: _Optional[int] = ..., max_drift: _Optional[int] = ..., prompt_template: _Optional[str] = ..., created_at: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., groups_total: _Optional[int] = ..., groups_completed: _Optional[int] = ..., policy_version: _Optional[int] = ...) -> None: ...

class ListRunsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListRunsResponse(_message.Message):
    __slots__ = ("runs",)
    RUNS_FIELD_NUMBER: _ClassVar[int]
    runs: _containers.RepeatedCompositeFieldContainer[Run]
    def __init__(self, runs: _Optional[_Iterable[_Union[Run, _Mapping]]] = ...) -> None: ...

class GetRunRequest(_message.Message):
    __slots__ = ("run_id",)
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    def __init__(self, run_id: _Optional[str] = ...) -> None: ...

class CloseRunRequest(_message.Message):
    __slots__ = ("run_id",)
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    def __init__(self, run_id: _Optional[str] = ...) -> None: ...

class LeaseGroupsRequest(_message.Message):
    __slots__ = ("run_id", "groups", "batch_id", "policy_version")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    BATCH_ID_FIELD_NUMBER: _ClassVar[int]
    POLICY_VERSION_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    groups: int
    batch_id: str
    policy_version: int
    def __init__(self, run_id: _Optional[str] = ..., groups: _Optional[int] = ..., batch_id: _Optional[str] = ..., policy_version: _Optional[int] = ...) -> None: ...

class LeaseGroupsResponse(_message.Message):
    __slots__ = ("batch_id", "groups", "empty_reason", "retry_after_ms")
    BATCH_ID_FIELD_NUMBER: _ClassVar[int]
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    EMPTY_REASON_FIELD_NUMBER: _ClassVar[int]
    RETRY_AFTER_MS_FIELD_NUMBER: _ClassVar[int]
    batch_id: str
    groups: _containers.RepeatedCompositeFieldContainer[LeasedGroup]
    empty_reason: EmptyReason
    retry_after_ms: int
    def __init__(self, batch_id: _Optional[str] = ..., groups: _Optional[_Iterable[_Union[LeasedGroup, _Mapping]]] = ..., empty_reason: _Optional[_Union[EmptyReason, str]] = ..., retry_after_ms: _Optional[int] = ...) -> None: ...

class LeasedGroup(_message.Message):
    __slots__ = ("group_id", "lease_id", "batch_id", "pair_id", "prompt", "group_size", "attempt", "expires_at", "epoch")
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    LEASE_ID_FIELD_NUMBER: _ClassVar[int]
    BATCH_ID_FIELD_NUMBER: _ClassVar[int]
    PAIR_ID_FIELD_NUMBER: _ClassVar[int]
    PROMPT_FIELD_NUMBER: _ClassVar[int]
    GROUP_SIZE_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    group_id: str
    lease_id: str
    batch_id: str
    pair_id: str
    prompt: _containers.RepeatedCompositeFieldContainer[_types_pb2.Message]
    group_size: int
    attempt: int
    expires_at: _timestamp_pb2.Timestamp
    epoch: int
    def __init__(self, group_id: _Optional[str] = ..., lease_id: _Optional[str] = ..., batch_id: _Optional[str] = ..., pair_id: _Optional[str] = ..., prompt: _Optional[_Iterable[_Union[_types_pb2.Message, _Mapping]]] = ..., group_size: _Optional[int] = ..., attempt: _Optional[int] = ..., expires_at: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., epoch: _Optional[int] = ...) -> None: ...

class HeartbeatRequest(_message.Message):
    __slots__ = ("run_id", "lease_ids")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    LEASE_IDS_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    lease_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, run_id: _Optional[str] = ..., lease_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class HeartbeatResponse(_message.Message):
    __slots__ = ("leases", "lost")
    LEASES_FIELD_NUMBER: _ClassVar[int]
    LOST_FIELD_NUMBER: _ClassVar[int]
    leases: _containers.RepeatedCompositeFieldContainer[LeaseExpiry]
    lost: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, leases: _Optional[_Iterable[_Union[LeaseExpiry, _Mapping]]] = ..., lost: _Optional[_Iterable[str]] = ...) -> None: ...

class LeaseExpiry(_message.Message):
    __slots__ = ("lease_id", "expires_at")
    LEASE_ID_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    lease_id: str
    expires_at: _timestamp_pb2.Timestamp
    def __init__(self, lease_id: _Optional[str] = ..., expires_at: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ReleaseGroupsRequest(_message.Message):
    __slots__ = ("run_id", "lease_ids")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    LEASE_IDS_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    lease_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, run_id: _Optional[str] = ..., lease_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class ReleaseGroupsResponse(_message.Message):
    __slots__ = ("released",)
    RELEASED_FIELD_NUMBER: _ClassVar[int]
    released: int
    def __init__(self, released: _Optional[int] = ...) -> None: ...

class SubmitCompletionsRequest(_message.Message):
    __slots__ = ("run_id", "groups", "wait")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    WAIT_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    groups: _containers.RepeatedCompositeFieldContainer[GroupCompletions]
    wait: bool
    def __init__(self, run_id: _Optional[str] = ..., groups: _Optional[_Iterable[_Union[GroupCompletions, _Mapping]]] = ..., wait: bool = ...) -> None: ...

class GroupCompletions(_message.Message):
    __slots__ = ("lease_id", "completions")
    LEASE_ID_FIELD_NUMBER: _ClassVar[int]
    COMPLETIONS_FIELD_NUMBER: _ClassVar[int]
    lease_id: str
    completions: _containers.RepeatedCompositeFieldContainer[_types_pb2.Completion]
    def __init__(self, lease_id: _Optional[str] = ..., completions: _Optional[_Iterable[_Union[_types_pb2.Completion, _Mapping]]] = ...) -> None: ...

class SubmitCompletionsResponse(_message.Message):
    __slots__ = ("results",)
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[GroupResult]
    def __init__(self, results: _Optional[_Iterable[_Union[GroupResult, _Mapping]]] = ...) -> None: ...

class GroupResult(_message.Message):
    __slots__ = ("group_id", "lease_id", "batch_id", "state", "completions", "missing", "flags", "estimator", "batch_owed")
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    LEASE_ID_FIELD_NUMBER: _ClassVar[int]
    BATCH_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    COMPLETIONS_FIELD_NUMBER: _ClassVar[int]
    MISSING_FIELD_NUMBER: _ClassVar[int]
    FLAGS_FIELD_NUMBER: _ClassVar[int]
    ESTIMATOR_FIELD_NUMBER: _ClassVar[int]
    BATCH_OWED_FIELD_NUMBER: _ClassVar[int]
    group_id: str
    lease_id: str
    batch_id: str
    state: GroupState
    completions: _containers.RepeatedCompositeFieldContainer[_types_pb2.CompletionResult]
    missing: _containers.RepeatedScalarFieldContainer[int]
    flags: _containers.RepeatedScalarFieldContainer[str]
    estimator: _types_pb2.Estimator
    batch_owed: int
    def __init__(self, group_id: _Optional[str] = ..., lease_id: _Optional[str] = ..., batch_id: _Optional[str] = ..., state: _Optional[_Union[GroupState, str]] = ..., completions: _Optional[_Iterable[_Union[_types_pb2.CompletionResult, _Mapping]]] = ..., missing: _Optional[_Iterable[int]] = ..., flags: _Optional[_Iterable[str]] = ..., estimator: _Optional[_Union[_types_pb2.Estimator, _Mapping]] = ..., batch_owed: _Optional[int] = ...) -> None: ...

class GetGroupRequest(_message.Message):
    __slots__ = ("run_id", "group_id")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    group_id: str
    def __init__(self, run_id: _Optional[str] = ..., group_id: _Optional[str] = ...) -> None: ...

class RolloutRequest(_message.Message):
    __slots__ = ("open", "submit", "heartbeat", "release", "update")
    OPEN_FIELD_NUMBER: _ClassVar[int]
    SUBMIT_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    RELEASE_FIELD_NUMBER: _ClassVar[int]
    UPDATE_FIELD_NUMBER: _ClassVar[int]
    open: RolloutOpen
    submit: RolloutSubmit
    heartbeat: HeartbeatRequest
    release: ReleaseGroupsRequest
    update: RolloutUpdate
    def __init__(self, open: _Optional[_Union[RolloutOpen, _Mapping]] = ..., submit: _Optional[_Union[RolloutSubmit, _Mapping]] = ..., heartbeat: _Optional[_Union[HeartbeatRequest, _Mapping]] = ..., release: _Optional[_Union[ReleaseGroupsRequest, _Mapping]] = ..., update: _Optional[_Union[RolloutUpdate, _Mapping]] = ...) -> None: ...

class RolloutOpen(_message.Message):
    __slots__ = ("run_id", "window", "policy_version", "batch_groups")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    WINDOW_FIELD_NUMBER: _ClassVar[int]
    POLICY_VERSION_FIELD_NUMBER: _ClassVar[int]
    BATCH_GROUPS_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    window: int
    policy_version: int
    batch_groups: int
    def __init__(self, run_id: _Optional[str] = ..., window: _Optional[int] = ..., policy_version: _Optional[int] = ..., batch_groups: _Optional[int] = ...) -> None: ...

class RolloutUpdate(_message.Message):
    __slots__ = ("window", "policy_version")
    WINDOW_FIELD_NUMBER: _ClassVar[int]
    POLICY_VERSION_FIELD_NUMBER: _ClassVar[int]
    window: int
    policy_version: int
    def __init__(self, window: _Optional[int] = ..., policy_version: _Optional[int] = ...) -> None: ...

class RolloutSubmit(_message.Message):
    __slots__ = ("groups",)
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    groups: _containers.RepeatedCompositeFieldContainer[GroupCompletions]
    def __init__(self, groups: _Optional[_Iterable[_Union[GroupCompletions, _Mapping]]] = ...) -> None: ...

class RolloutResponse(_message.Message):
    __slots__ = ("group", "result", "idle", "heartbeat", "problem")
    GROUP_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    IDLE_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    group: LeasedGroup
    result: GroupResult
    idle: RolloutIdle
    heartbeat: HeartbeatResponse
    problem: RolloutProblem
    def __init__(self, group: _Optional[_Union[LeasedGroup, _Mapping]] = ..., result: _Optional[_Union[GroupResult, _Mapping]] = ..., idle: _Optional[_Union[RolloutIdle, _Mapping]] = ..., heartbeat: _Optional[_Union[HeartbeatResponse, _Mapping]] = ..., problem: _Optional[_Union[RolloutProblem, _Mapping]] = ...) -> None: ...

class RolloutIdle(_message.Message):
    __slots__ = ("reason", "retry_after_ms")
    REASON_FIELD_NUMBER: _ClassVar[int]
    RETRY_AFTER_MS_FIELD_NUMBER: _ClassVar[int]
    reason: EmptyReason
    retry_after_ms: int
    def __init__(self, reason: _Optional[_Union[EmptyReason, str]] = ..., retry_after_ms: _Optional[int] = ...) -> None: ...

class RolloutProblem(_message.Message):
    __slots__ = ("problem", "lease_ids")
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    LEASE_IDS_FIELD_NUMBER: _ClassVar[int]
    problem: _rewards_pb2.Problem
    lease_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, problem: _Optional[_Union[_rewards_pb2.Problem, _Mapping]] = ..., lease_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class GetAccountingRequest(_message.Message):
    __slots__ = ("run_id",)
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    def __init__(self, run_id: _Optional[str] = ...) -> None: ...

class Accounting(_message.Message):
    __slots__ = ("leases", "groups", "completions", "mean_reward", "pass_rate", "pass_threshold", "zero_variance_groups", "zero_variance_share", "insufficient_valid_groups", "cache", "cost_usd", "drift", "audits", "judge_prompt_tokens", "judge_completion_tokens")
    LEASES_FIELD_NUMBER: _ClassVar[int]
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    COMPLETIONS_FIELD_NUMBER: _ClassVar[int]
    MEAN_REWARD_FIELD_NUMBER: _ClassVar[int]
    PASS_RATE_FIELD_NUMBER: _ClassVar[int]
    PASS_THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    ZERO_VARIANCE_GROUPS_FIELD_NUMBER: _ClassVar[int]
    ZERO_VARIANCE_SHARE_FIELD_NUMBER: _ClassVar[int]
    INSUFFICIENT_VALID_GROUPS_FIELD_NUMBER: _ClassVar[int]
    CACHE_FIELD_NUMBER: _ClassVar[int]
    COST_USD_FIELD_NUMBER: _ClassVar[int]
    DRIFT_FIELD_NUMBER: _ClassVar[int]
    AUDITS_FIELD_NUMBER: _ClassVar[int]
    JUDGE_PROMPT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    JUDGE_COMPLETION_TOKENS_FIELD_NUMBER: _ClassVar[int]
    leases: LeaseAccounts
    groups: GroupAccounts
    completions: CompletionAccounts
    mean_reward: float
    pass_rate: float
    pass_threshold: float
    zero_variance_groups: int
    zero_variance_share: float
    insufficient_valid_groups: int
    cache: CacheAccounts
    cost_usd: float
    drift: _containers.RepeatedCompositeFieldContainer[DriftCount]
    audits: _containers.RepeatedCompositeFieldContainer[AuditAccounts]
    judge_prompt_tokens: int
    judge_completion_tokens: int
    def __init__(self, leases: _Optional[_Union[LeaseAccounts, _Mapping]] = ..., groups: _Optional[_Union[GroupAccounts, _Mapping]] = ..., completions: _Optional[_Union[CompletionAccounts, _Mapping]] = ..., mean_reward: _Optional[float] = ..., pass_rate: _Optional[float] = ..., pass_threshold: _Optional[float] = ..., zero_variance_groups: _Optional[int] = ..., zero_variance_share: _Optional[float] = ..., insufficient_valid_groups: _Optional[int] = ..., cache: _Optional[_Union[CacheAccounts, _Mapping]] = ..., cost_usd: _Optional[float] = ..., drift: _Optional[_Iterable[_Union[DriftCount, _Mapping]]] = ..., audits: _Optional[_Iterable[_Union[AuditAccounts, _Mapping]]] = ..., judge_prompt_tokens: _Optional[int] = ..., judge_completion_tokens: _Optional[int] = ...) -> None: ...

class LeaseAccounts(_message.Message):
    __slots__ = ("leased", "completed", "expired", "released", "quarantined", "open")
    LEASED_FIELD_NUMBER: _ClassVar[int]
    COMPLETED_FIELD_NUMBER: _ClassVar[int]
    EXPIRED_FIELD_NUMBER: _ClassVar[int]
    RELEASED_FIELD_NUMBER: _ClassVar[int]
    QUARANTINED_FIELD_NUMBER: _ClassVar[int]
    OPEN_FIELD_NUMBER: _ClassVar[int]
    leased: int
    completed: int
    expired: int
    released: int
    quarantined: int
    open: int
    def __init__(self, leased: _Optional[int] = ..., completed: _Optional[int] = ..., expired: _Optional[int] = ..., released: _Optional[int] = ..., quarantined: _Optional[int] = ..., open: _Optional[int] = ...) -> None: ...

class GroupAccounts(_message.Message):
    __slots__ = ("total", "issued", "completed", "quarantined", "in_progress")
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    ISSUED_FIELD_NUMBER: _ClassVar[int]
    COMPLETED_FIELD_NUMBER: _ClassVar[int]
    QUARANTINED_FIELD_NUMBER: _ClassVar[int]
    IN_PROGRESS_FIELD_NUMBER: _ClassVar[int]
    total: int
    issued: int
    completed: int
    quarantined: int
    in_progress: int
    def __init__(self, total: _Optional[int] = ..., issued: _Optional[int] = ..., completed: _Optional[int] = ..., quarantined: _Optional[int] = ..., in_progress: _Optional[int] = ...) -> None: ...

class CompletionAccounts(_message.Message):
    __slots__ = ("submitted", "scored", "unscorable", "in_flight", "unscorable_by_cause", "truncated", "repeats")
    SUBMITTED_FIELD_NUMBER: _ClassVar[int]
    SCORED_FIELD_NUMBER: _ClassVar[int]
    UNSCORABLE_FIELD_NUMBER: _ClassVar[int]
    IN_FLIGHT_FIELD_NUMBER: _ClassVar[int]
    UNSCORABLE_BY_CAUSE_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    REPEATS_FIELD_NUMBER: _ClassVar[int]
    submitted: int
    scored: int
    unscorable: int
    in_flight: int
    unscorable_by_cause: _containers.RepeatedCompositeFieldContainer[NamedCount]
    truncated: int
    repeats: int
    def __init__(self, submitted: _Optional[int] = ..., scored: _Optional[int] = ..., unscorable: _Optional[int] = ..., in_flight: _Optional[int] = ..., unscorable_by_cause: _Optional[_Iterable[_Union[NamedCount, _Mapping]]] = ..., truncated: _Optional[int] = ..., repeats: _Optional[int] = ...) -> None: ...

class CacheAccounts(_message.Message):
    __slots__ = ("hits", "misses")
    HITS_FIELD_NUMBER: _ClassVar[int]
    MISSES_FIELD_NUMBER: _ClassVar[int]
    hits: int
    misses: int
    def __init__(self, hits: _Optional[int] = ..., misses: _Optional[int] = ...) -> None: ...

class AuditAccounts(_message.Message):
    __slots__ = ("scorer", "domain", "answer_type", "both_yes", "only_scorer", "only_judge", "both_no", "unjudged", "agreement", "precision", "recall")
    SCORER_FIELD_NUMBER: _ClassVar[int]
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    ANSWER_TYPE_FIELD_NUMBER: _ClassVar[int]
    BOTH_YES_FIELD_NUMBER: _ClassVar[int]
    ONLY_SCORER_FIELD_NUMBER: _ClassVar[int]
    ONLY_JUDGE_FIELD_NUMBER: _ClassVar[int]
    BOTH_NO_FIELD_NUMBER: _ClassVar[int]
    UNJUDGED_FIELD_NUMBER: _ClassVar[int]
    AGREEMENT_FIELD_NUMBER: _ClassVar[int]
    PRECISION_FIELD_NUMBER: _ClassVar[int]
    RECALL_FIELD_NUMBER: _ClassVar[int]
    scorer: str
    domain: str
    answer_type: str
    both_yes: int
    only_scorer: int
    only_judge: int
    both_no: int
    unjudged: int
    agreement: float
    precision: float
    recall: float
    def __init__(self, scorer: _Optional[str] = ..., domain: _Optional[str] = ..., answer_type: _Optional[str] = ..., both_yes: _Optional[int] = ..., only_scorer: _Optional[int] = ..., only_judge: _Optional[int] = ..., both_no: _Optional[int] = ..., unjudged: _Optional[int] = ..., agreement: _Optional[float] = ..., precision: _Optional[float] = ..., recall: _Optional[float] = ...) -> None: ...

class DriftCount(_message.Message):
    __slots__ = ("drift", "completions")
    DRIFT_FIELD_NUMBER: _ClassVar[int]
    COMPLETIONS_FIELD_NUMBER: _ClassVar[int]
    drift: int
    completions: int
    def __init__(self, drift: _Optional[int] = ..., completions: _Optional[int] = ...) -> None: ...

class WatchRunRequest(_message.Message):
    __slots__ = ("run_id", "after_sequence")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    AFTER_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    after_sequence: int
    def __init__(self, run_id: _Optional[str] = ..., after_sequence: _Optional[int] = ...) -> None: ...

class RunEvent(_message.Message):
    __slots__ = ("sequence", "at", "kind", "group_leased", "group_scored", "lease_ended", "training_step", "events_lost")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    GROUP_LEASED_FIELD_NUMBER: _ClassVar[int]
    GROUP_SCORED_FIELD_NUMBER: _ClassVar[int]
    LEASE_ENDED_FIELD_NUMBER: _ClassVar[int]
    TRAINING_STEP_FIELD_NUMBER: _ClassVar[int]
    EVENTS_LOST_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    at: _timestamp_pb2.Timestamp
    kind: str
    group_leased: LeasedGroup
    group_scored: GroupResult
    lease_ended: LeaseEnded
    training_step: TrainingStep
    events_lost: int
    def __init__(self, sequence: _Optional[int] = ..., at: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., kind: _Optional[str] = ..., group_leased: _Optional[_Union[LeasedGroup, _Mapping]] = ..., group_scored: _Optional[_Union[GroupResult, _Mapping]] = ..., lease_ended: _Optional[_Union[LeaseEnded, _Mapping]] = ..., training_step: _Optional[_Union[TrainingStep, _Mapping]] = ..., events_lost: _Optional[int] = ...) -> None: ...

class LeaseEnded(_message.Message):
    __slots__ = ("group_id", "lease_id", "attempt")
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    LEASE_ID_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    group_id: str
    lease_id: str
    attempt: int
    def __init__(self, group_id: _Optional[str] = ..., lease_id: _Optional[str] = ..., attempt: _Optional[int] = ...) -> None: ...

class ReportTrainingStepRequest(_message.Message):
    __slots__ = ("run_id", "training_step")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    TRAINING_STEP_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    training_step: TrainingStep
    def __init__(self, run_id: _Optional[str] = ..., training_step: _Optional[_Union[TrainingStep, _Mapping]] = ...) -> None: ...

class TrainingStep(_message.Message):
    __slots__ = ("number", "metrics", "policy_version")
    class MetricsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: float
        def __init__(self, key: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    METRICS_FIELD_NUMBER: _ClassVar[int]
    POLICY_VERSION_FIELD_NUMBER: _ClassVar[int]
    number: int
    metrics: _containers.ScalarMap[str, float]
    policy_version: int
    def __init__(self, number: _Optional[int] = ..., metrics: _Optional[_Mapping[str, float]] = ..., policy_version: _Optional[int] = ...) -> None: ...

class ReportTrainingStepResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListTrainingStepsRequest(_message.Message):
    __slots__ = ("run_id", "after_number", "limit")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    AFTER_NUMBER_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    after_number: int
    limit: int
    def __init__(self, run_id: _Optional[str] = ..., after_number: _Optional[int] = ..., limit: _Optional[int] = ...) -> None: ...

class ListTrainingStepsResponse(_message.Message):
    __slots__ = ("training_steps",)
    TRAINING_STEPS_FIELD_NUMBER: _ClassVar[int]
    training_steps: _containers.RepeatedCompositeFieldContainer[TrainingStep]
    def __init__(self, training_steps: _Optional[_Iterable[_Union[TrainingStep, _Mapping]]] = ...) -> None: ...
