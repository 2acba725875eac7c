"""Rewards as slime and miles ask for them. Neither is on PyPI, so what they send is written out here, byte for byte as their
``remote_rm`` does: aiohttp, one completion a request, the reply's JSON is the reward, and an error for any status but a good one."""

import aiohttp
from exchange import answer, error_of


async def remote_rm(connections, url, case):
    body = {"prompt": case["prompt"], "response": case["response"], "label": case["label"]}
    async with connections.post(url, json=body) as reply:
        reply.raise_for_status()
        return await reply.json()


async def seen_for(request):
    seen = []
    timeout = aiohttp.ClientTimeout(total=120)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=64), timeout=timeout) as connections:
        for case in request["cases"]:
            try:
                seen.append(await remote_rm(connections, case["url"], case))
            except Exception as error:
                seen.append(error_of(error))
    return {"version": aiohttp.__version__, "seen": seen}


answer(seen_for)
