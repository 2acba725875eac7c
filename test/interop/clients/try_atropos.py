"""A trainer and an environment of Atropos, in the models of its own package; its trainers and environments post these models by themselves, so
that their calls are written out here."""

from importlib import metadata

import aiohttp
from atroposlib.api.server import Info, RegisterEnv, Registration, ScoredData, Status
from exchange import answer

TRAINER = Registration(
    wandb_group="g",
    wandb_project="p",
    batch_size=2,
    max_token_len=64,
    checkpoint_dir="",
    save_checkpoint_interval=0,
    starting_step=0,
    num_steps=1,
)
ENVIRONMENT = RegisterEnv(max_token_length=64, desired_name="sums", weight=1.0, group_size=2)


def group_of(case, env_id):
    messages = [
        [{"role": "user", "content": case["question"]}, {"role": "assistant", "content": said}] for said in case["says"]
    ]
    return ScoredData(
        tokens=[[1, 2, 3]] * len(messages),
        masks=[[-100, 2, 3]] * len(messages),
        scores=[0.5] * len(messages),
        messages=messages,
        group_overrides={"groupwise": case["label"]},
        env_id=env_id,
    )


async def seen_for(request):
    headers = {"Authorization": f"Bearer {request['token']}"}

    async with aiohttp.ClientSession(headers=headers) as connections:

        async def call(method, path, body=None):
            json = None if body is None else body.model_dump()
            async with connections.request(method, request["url"] + path, json=json) as reply:
                reply.raise_for_status()
                return await reply.json()

        await call("POST", "/register", TRAINER)
        await call("GET", "/batch")
        registered = await call("POST", "/register-env", ENVIRONMENT)
        await call("POST", "/scored_data", group_of(request["case"], registered["env_id"]))
        queued = Status.model_validate(await call("GET", "/status")).queue_size
        batch = [ScoredData.model_validate(group) for group in (await call("GET", "/batch"))["batch"]]
        info = Info.model_validate(await call("GET", "/info"))
    return {
        "version": metadata.version("atroposlib"),
        "queued": queued,
        "batch_size": info.batch_size,
        "groups": [{"scores": group.scores, "advantages": group.advantages} for group in batch],
    }


answer(seen_for)
