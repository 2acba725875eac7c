"""Baseline: the reward server that trainers' examples show: FastAPI, a pydantic model, a trivial scorer.

    .cache/bench/venv/bin/uvicorn --app-dir scripts/bench get_reward:app --port 9000 --no-access-log
"""

from fastapi import FastAPI
from pydantic import BaseModel


class RewardRequest(BaseModel):
    prompts: list[str]
    completions: list[str]
    labels: list[str]


class RewardResponse(BaseModel):
    rewards: list[float]


app = FastAPI()


def score(completion: str, label: str) -> float:
    """1 when the last word is the label, whatever stands around it."""
    last = completion.rsplit(None, 1)[-1]
    return 1.0 if last in (label, f"\\boxed{{{label}}}.") else 0.0


@app.post("/get_reward")
async def get_reward(request: RewardRequest) -> RewardResponse:
    pairs = zip(request.completions, request.labels, strict=True)
    return RewardResponse(rewards=[score(completion, label) for completion, label in pairs])
