from groupwise.v1 import types_pb2 as _types_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ScoreRequest(_message.Message):
    __slots__ = ("reward", "estimator", "groups")
    REWARD_FIELD_NUMBER: _ClassVar[int]
    ESTIMATOR_FIELD_NUMBER: _ClassVar[int]
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    reward: _types_pb2.Reward
    estimator: _types_pb2.Estimator
    groups: _containers.RepeatedCompositeFieldContainer[ScoreGroup]
    def __init__(self, reward: _Optional[_Union[_types_pb2.Reward, _Mapping]] = ..., estimator: _Optional[_Union[_types_pb2.Estimator, _Mapping]] = ..., groups: _Optional[_Iterable[_Union[ScoreGroup, _Mapping]]] = ...) -> None: ...

class ScoreGroup(_message.Message):
    __slots__ = ("prompt", "ground_truth", "pair_id", "aliases", "choices", "dataset", "completions")
    PROMPT_FIELD_NUMBER: _ClassVar[int]
    GROUND_TRUTH_FIELD_NUMBER: _ClassVar[int]
    PAIR_ID_FIELD_NUMBER: _ClassVar[int]
    ALIASES_FIELD_NUMBER: _ClassVar[int]
    CHOICES_FIELD_NUMBER: _ClassVar[int]
    DATASET_FIELD_NUMBER: _ClassVar[int]
    COMPLETIONS_FIELD_NUMBER: _ClassVar[int]
    prompt: _containers.RepeatedCompositeFieldContainer[_types_pb2.Message]
    ground_truth: str
    pair_id: str
    aliases: _containers.RepeatedScalarFieldContainer[str]
    choices: _containers.RepeatedScalarFieldContainer[str]
    dataset: str
    completions: _containers.RepeatedCompositeFieldContainer[_types_pb2.Completion]
    def __init__(self, prompt: _Optional[_Iterable[_Union[_types_pb2.Message, _Mapping]]] = ..., ground_truth: _Optional[str] = ..., pair_id: _Optional[str] = ..., aliases: _Optional[_Iterable[str]] = ..., choices: _Optional[_Iterable[str]] = ..., dataset: _Optional[str] = ..., completions: _Optional[_Iterable[_Union[_types_pb2.Completion, _Mapping]]] = ...) -> None: ...

class ScoreResponse(_message.Message):
    __slots__ = ("estimator", "groups", "problem")
    ESTIMATOR_FIELD_NUMBER: _ClassVar[int]
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    estimator: _types_pb2.Estimator
    groups: _containers.RepeatedCompositeFieldContainer[ScoredGroup]
    problem: Problem
    def __init__(self, estimator: _Optional[_Union[_types_pb2.Estimator, _Mapping]] = ..., groups: _Optional[_Iterable[_Union[ScoredGroup, _Mapping]]] = ..., problem: _Optional[_Union[Problem, _Mapping]] = ...) -> None: ...

class ScoredGroup(_message.Message):
    __slots__ = ("flags", "completions")
    FLAGS_FIELD_NUMBER: _ClassVar[int]
    COMPLETIONS_FIELD_NUMBER: _ClassVar[int]
    flags: _containers.RepeatedScalarFieldContainer[str]
    completions: _containers.RepeatedCompositeFieldContainer[_types_pb2.CompletionResult]
    def __init__(self, flags: _Optional[_Iterable[str]] = ..., completions: _Optional[_Iterable[_Union[_types_pb2.CompletionResult, _Mapping]]] = ...) -> None: ...

class Problem(_message.Message):
    __slots__ = ("code", "detail", "field", "retry_after_ms")
    CODE_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    RETRY_AFTER_MS_FIELD_NUMBER: _ClassVar[int]
    code: str
    detail: str
    field: str
    retry_after_ms: int
    def __init__(self, code: _Optional[str] = ..., detail: _Optional[str] = ..., field: _Optional[str] = ..., retry_after_ms: _Optional[int] = ...) -> None: ...

class ComputeAdvantagesRequest(_message.Message):
    __slots__ = ("estimator", "groups")
    ESTIMATOR_FIELD_NUMBER: _ClassVar[int]
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    estimator: _types_pb2.Estimator
    groups: _containers.RepeatedCompositeFieldContainer[RewardGroup]
    def __init__(self, estimator: _Optional[_Union[_types_pb2.Estimator, _Mapping]] = ..., groups: _Optional[_Iterable[_Union[RewardGroup, _Mapping]]] = ...) -> None: ...

class RewardGroup(_message.Message):
    __slots__ = ("rewards", "lengths", "components")
    class ComponentsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: RewardValues
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[RewardValues, _Mapping]] = ...) -> None: ...
    REWARDS_FIELD_NUMBER: _ClassVar[int]
    LENGTHS_FIELD_NUMBER: _ClassVar[int]
    COMPONENTS_FIELD_NUMBER: _ClassVar[int]
    rewards: _containers.RepeatedCompositeFieldContainer[RewardValue]
    lengths: _containers.RepeatedScalarFieldContainer[int]
    components: _containers.MessageMap[str, RewardValues]
    def __init__(self, rewards: _Optional[_Iterable[_Union[RewardValue, _Mapping]]] = ..., lengths: _Optional[_Iterable[int]] = ..., components: _Optional[_Mapping[str, RewardValues]] = ...) -> None: ...

class RewardValue(_message.Message):
    __slots__ = ("value",)
    VALUE_FIELD_NUMBER: _ClassVar[int]
    value: float
    def __init__(self, value: _Optional[float] = ...) -> None: ...

class RewardValues(_message.Message):
    __slots__ = ("values",)
    VALUES_FIELD_NUMBER: _ClassVar[int]
    values: _containers.RepeatedCompositeFieldContainer[RewardValue]
    def __init__(self, values: _Optional[_Iterable[_Union[RewardValue, _Mapping]]] = ...) -> None: ...

class ComputeAdvantagesResponse(_message.Message):
    __slots__ = ("estimator", "groups")
    ESTIMATOR_FIELD_NUMBER: _ClassVar[int]
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    estimator: _types_pb2.Estimator
    groups: _containers.RepeatedCompositeFieldContainer[AdvantageGroup]
    def __init__(self, estimator: _Optional[_Union[_types_pb2.Estimator, _Mapping]] = ..., groups: _Optional[_Iterable[_Union[AdvantageGroup, _Mapping]]] = ...) -> None: ...

class AdvantageGroup(_message.Message):
    __slots__ = ("advantages", "flags")
    ADVANTAGES_FIELD_NUMBER: _ClassVar[int]
    FLAGS_FIELD_NUMBER: _ClassVar[int]
    advantages: _containers.RepeatedScalarFieldContainer[float]
    flags: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, advantages: _Optional[_Iterable[float]] = ..., flags: _Optional[_Iterable[str]] = ...) -> None: ...
