"""The Open Reward Standard's own client: tasks of a split, and an episode a case with its one tool."""

from importlib import metadata

from exchange import answer, error_of
from ors.client import AsyncORS


async def seen_for(request):
    client = AsyncORS(base_url=request["url"], api_key=request["token"])
    seen = []
    try:
        for case in request["cases"]:
            environment = client.environment(case["environment"])
            tasks = await environment.list_tasks("train")
            try:
                async with environment.session(task=tasks[case["index"]]) as episode:
                    prompt = [block.text for block in await episode.get_prompt()]
                    told = await episode.call_tool("submit", {"answer": case["answer"]})
                    seen.append({"prompt": prompt, "reward": told.reward, "finished": told.finished})
            except Exception as error:
                seen.append(error_of(error))
    finally:
        await client.environment(request["cases"][0]["environment"]).client.close()
    return {"version": metadata.version("ors-sdk"), "seen": seen}


answer(seen_for)
