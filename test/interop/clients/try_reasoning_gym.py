"""A batch of questions and the scores of answers, as the command-line client of reasoning-gym's server asks for them. That client is in
its repository and not in its package, so that its calls are written out here."""

import aiohttp
from exchange import answer


async def seen_for(request):
    async with aiohttp.ClientSession(headers={"X-API-Key": request["token"]}) as connections:
        base = f"{request['url']}/experiments/{request['experiment']}"
        async with connections.get(f"{base}/batch", params={"base_index": 0, "batch_size": request["size"]}) as reply:
            reply.raise_for_status()
            entries = (await reply.json())["entries"]
        answers = [
            {"entry_id": entry["entry_id"], "answer": request["answers"][entry["question"]]} for entry in entries
        ]
        async with connections.post(f"{base}/score", json={"answers": answers}) as reply:
            reply.raise_for_status()
            scored = await reply.json()
    questions = {entry["entry_id"]: entry["question"] for entry in entries}
    scores = {questions[entry]: score for entry, score in zip(scored["entry_ids"], scored["scores"], strict=True)}
    return {"version": aiohttp.__version__, "scores": scores}


answer(seen_for)
