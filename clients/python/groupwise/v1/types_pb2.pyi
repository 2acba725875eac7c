from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class FinishReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FINISH_REASON_UNSPECIFIED: _ClassVar[FinishReason]
    FINISH_REASON_STOP: _ClassVar[FinishReason]
    FINISH_REASON_LENGTH: _ClassVar[FinishReason]
FINISH_REASON_UNSPECIFIED: FinishReason
FINISH_REASON_STOP: FinishReason
FINISH_REASON_LENGTH: FinishReason

class Message(_message.Message):
    __slots__ = ("role", "content")
    ROLE_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    role: str
    content: str
    def __init__(self, role: _Optional[str] = ..., content: _Optional[str] = ...) -> None: ...

class ScorerUse(_message.Message):
    __slots__ = ("name", "weight", "required", "when", "options", "gate", "undecided_between", "time_limit_ms")
    NAME_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_FIELD_NUMBER: _ClassVar[int]
    REQUIRED_FIELD_NUMBER: _ClassVar[int]
    WHEN_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    GATE_FIELD_NUMBER: _ClassVar[int]
    UNDECIDED_BETWEEN_FIELD_NUMBER: _ClassVar[int]
    TIME_LIMIT_MS_FIELD_NUMBER: _ClassVar[int]
    name: str
    weight: float
    required: bool
    when: str
    options: _struct_pb2.Struct
    gate: float
    undecided_between: _containers.RepeatedScalarFieldContainer[float]
    time_limit_ms: int
    def __init__(self, name: _Optional[str] = ..., weight: _Optional[float] = ..., required: bool = ..., when: _Optional[str] = ..., options: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., gate: _Optional[float] = ..., undecided_between: _Optional[_Iterable[float]] = ..., time_limit_ms: _Optional[int] = ...) -> None: ...

class Recipe(_message.Message):
    __slots__ = ("scorers", "combine", "truncated", "no_answer", "undecided", "length_penalty", "floor")
    SCORERS_FIELD_NUMBER: _ClassVar[int]
    COMBINE_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    NO_ANSWER_FIELD_NUMBER: _ClassVar[int]
    UNDECIDED_FIELD_NUMBER: _ClassVar[int]
    LENGTH_PENALTY_FIELD_NUMBER: _ClassVar[int]
    FLOOR_FIELD_NUMBER: _ClassVar[int]
    scorers: _containers.RepeatedCompositeFieldContainer[ScorerUse]
    combine: str
    truncated: str
    no_answer: str
    undecided: str
    length_penalty: LengthPenalty
    floor: float
    def __init__(self, scorers: _Optional[_Iterable[_Union[ScorerUse, _Mapping]]] = ..., combine: _Optional[str] = ..., truncated: _Optional[str] = ..., no_answer: _Optional[str] = ..., undecided: _Optional[str] = ..., length_penalty: _Optional[_Union[LengthPenalty, _Mapping]] = ..., floor: _Optional[float] = ...) -> None: ...

class LengthPenalty(_message.Message):
    __slots__ = ("max_tokens", "buffer_tokens", "factor")
    MAX_TOKENS_FIELD_NUMBER: _ClassVar[int]
    BUFFER_TOKENS_FIELD_NUMBER: _ClassVar[int]
    FACTOR_FIELD_NUMBER: _ClassVar[int]
    max_tokens: int
    buffer_tokens: int
    factor: float
    def __init__(self, max_tokens: _Optional[int] = ..., buffer_tokens: _Optional[int] = ..., factor: _Optional[float] = ...) -> None: ...

class Reward(_message.Message):
    __slots__ = ("scorer", "recipe")
    SCORER_FIELD_NUMBER: _ClassVar[int]
    RECIPE_FIELD_NUMBER: _ClassVar[int]
    scorer: str
    recipe: Recipe
    def __init__(self, scorer: _Optional[str] = ..., recipe: _Optional[_Union[Recipe, _Mapping]] = ...) -> None: ...

class Estimator(_message.Message):
    __slots__ = ("name", "ddof", "epsilon", "k", "weights")
    class WeightsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: float
        def __init__(self, key: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...
    NAME_FIELD_NUMBER: _ClassVar[int]
    DDOF_FIELD_NUMBER: _ClassVar[int]
    EPSILON_FIELD_NUMBER: _ClassVar[int]
    K_FIELD_NUMBER: _ClassVar[int]
    WEIGHTS_FIELD_NUMBER: _ClassVar[int]
    name: str
    ddof: int
    epsilon: float
    k: int
    weights: _containers.ScalarMap[str, float]
    def __init__(self, name: _Optional[str] = ..., ddof: _Optional[int] = ..., epsilon: _Optional[float] = ..., k: _Optional[int] = ..., weights: _Optional[_Mapping[str, float]] = ...) -> None: ...

class Completion(_message.Message):
    __slots__ = ("member_index", "text", "finish_reason", "token_count", "policy_version")
    MEMBER_INDEX_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    FINISH_REASON_FIELD_NUMBER: _ClassVar[int]
    TOKEN_COUNT_FIELD_NUMBER: _ClassVar[int]
    POLICY_VERSION_FIELD_NUMBER: _ClassVar[int]
    member_index: int
    text: str
    finish_reason: FinishReason
    token_count: int
    policy_version: int
    def __init__(self, member_index: _Optional[int] = ..., text: _Optional[str] = ..., finish_reason: _Optional[_Union[FinishReason, str]] = ..., token_count: _Optional[int] = ..., policy_version: _Optional[int] = ...) -> None: ...

class ScorerScore(_message.Message):
    __slots__ = ("scorer", "score", "unscorable", "answer", "answer_source", "reason", "replaced_by", "cost")
    SCORER_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    UNSCORABLE_FIELD_NUMBER: _ClassVar[int]
    ANSWER_FIELD_NUMBER: _ClassVar[int]
    ANSWER_SOURCE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REPLACED_BY_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    scorer: str
    score: float
    unscorable: Unscorable
    answer: str
    answer_source: str
    reason: str
    replaced_by: str
    cost: ScoreCost
    def __init__(self, scorer: _Optional[str] = ..., score: _Optional[float] = ..., unscorable: _Optional[_Union[Unscorable, _Mapping]] = ..., answer: _Optional[str] = ..., answer_source: _Optional[str] = ..., reason: _Optional[str] = ..., replaced_by: _Optional[str] = ..., cost: _Optional[_Union[ScoreCost, _Mapping]] = ...) -> None: ...

class ScoreCost(_message.Message):
    __slots__ = ("usd", "is_cached", "prompt_tokens", "completion_tokens", "verdicts_asked", "verdicts_known")
    USD_FIELD_NUMBER: _ClassVar[int]
    IS_CACHED_FIELD_NUMBER: _ClassVar[int]
    PROMPT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    COMPLETION_TOKENS_FIELD_NUMBER: _ClassVar[int]
    VERDICTS_ASKED_FIELD_NUMBER: _ClassVar[int]
    VERDICTS_KNOWN_FIELD_NUMBER: _ClassVar[int]
    usd: float
    is_cached: bool
    prompt_tokens: int
    completion_tokens: int
    verdicts_asked: int
    verdicts_known: int
    def __init__(self, usd: _Optional[float] = ..., is_cached: bool = ..., prompt_tokens: _Optional[int] = ..., completion_tokens: _Optional[int] = ..., verdicts_asked: _Optional[int] = ..., verdicts_known: _Optional[int] = ...) -> None: ...

class Unscorable(_message.Message):
    __slots__ = ("cause", "scorer", "detail")
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    SCORER_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    cause: str
    scorer: str
    detail: str
    def __init__(self, cause: _Optional[str] = ..., scorer: _Optional[str] = ..., detail: _Optional[str] = ...) -> None: ...

class CompletionResult(_message.Message):
    __slots__ = ("member_index", "reward", "unscorable", "advantage", "scores", "drift")
    MEMBER_INDEX_FIELD_NUMBER: _ClassVar[int]
    REWARD_FIELD_NUMBER: _ClassVar[int]
    UNSCORABLE_FIELD_NUMBER: _ClassVar[int]
    ADVANTAGE_FIELD_NUMBER: _ClassVar[int]
    SCORES_FIELD_NUMBER: _ClassVar[int]
    DRIFT_FIELD_NUMBER: _ClassVar[int]
    member_index: int
    reward: float
    unscorable: Unscorable
    advantage: float
    scores: _containers.RepeatedCompositeFieldContainer[ScorerScore]
    drift: int
    def __init__(self, member_index: _Optional[int] = ..., reward: _Optional[float] = ..., unscorable: _Optional[_Union[Unscorable, _Mapping]] = ..., advantage: _Optional[float] = ..., scores: _Optional[_Iterable[_Union[ScorerScore, _Mapping]]] = ..., drift: _Optional[int] = ...) -> None: ...
