"""`AsyncEnvironment` against a real server, and that it has what `Environment` has."""

import asyncio
import inspect
import unittest

from groupwise import AsyncEnvironment, Environment, GroupwiseError, ScoreGroup
from server import DATASET, answer_to
from world import server


class AsyncEnvironmentTest(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.environment = AsyncEnvironment(server().address)

    async def asyncTearDown(self):
        await self.environment.close()

    async def test_a_run_goes_from_lease_to_rewards(self):
        run = await self.environment.open_run(DATASET, group_size=2)
        lease = await self.environment.lease(run.run_id, 2)
        own = {group.lease_id: [answer_to(group.prompt[-1].content), "No"] for group in lease.groups}
        self.assertEqual((await self.environment.heartbeat(run.run_id, own)).lost, ())
        results = await self.environment.submit(run.run_id, own)
        self.assertEqual([result.rewards for result in results], [[1.0, 0.0]] * 2)
        self.assertEqual(await self.environment.group(run.run_id, lease.groups[0].group_id), results[0])
        await self.environment.report_training_step(run.run_id, 1, {"loss": 1.0}, policy_version=1)
        self.assertEqual((await self.environment.get_run(run.run_id)).policy_version, 1)
        more = await self.environment.lease(run.run_id)
        self.assertEqual(await self.environment.release(run.run_id, [more.groups[0].lease_id]), 1)
        books = await self.environment.accounting(run.run_id)
        self.assertEqual((books.leases.leased, books.leases.released), (3, 1))
        self.assertEqual((await self.environment.close_run(run.run_id)).state, "closed")

    async def test_calls_run_side_by_side(self):
        asked = [
            self.environment.score([ScoreGroup([str(n), "x"], ground_truth=str(n))]) for n in range(64)
        ]
        scored = await asyncio.gather(*asked)
        self.assertEqual([scores.groups[0].rewards for scores in scored], [[1.0, 0.0]] * 64)

    async def test_refusals_have_a_code_and_the_field_at_fault(self):
        with self.assertRaises(GroupwiseError) as refused:
            await self.environment.open_run(DATASET, group_size=0)
        self.assertEqual((refused.exception.code, refused.exception.field), ("invalid_argument", "group_size"))

    async def test_a_call_that_is_cancelled_ends(self):
        run = await self.environment.open_run(DATASET, group_size=2)
        call = asyncio.create_task(self.environment.get_run(run.run_id))
        await asyncio.sleep(0)
        call.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await call

    async def test_it_closes_with_its_block(self):
        async with AsyncEnvironment(server().address) as own:
            await own.open_run(DATASET)


class SameCallsTest(unittest.TestCase):
    def test_both_clients_have_the_same_methods_parameters_and_docstrings(self):
        def calls(kind):
            return {name: each for name, each in vars(kind).items() if inspect.isfunction(each) and name[0] != "_"}

        waits, awaits = calls(Environment), calls(AsyncEnvironment)
        self.assertEqual(list(waits), list(awaits))
        for name, method in waits.items():
            with self.subTest(name):
                self.assertEqual(inspect.signature(method), inspect.signature(awaits[name]))
                self.assertEqual(method.__doc__, awaits[name].__doc__)
                self.assertTrue(inspect.iscoroutinefunction(awaits[name]))


if __name__ == "__main__":
    unittest.main()
