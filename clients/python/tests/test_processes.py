"""Trainers fork and start processes, and gRPC survives neither: every process gets a connection of its own."""

import asyncio
import multiprocessing
import os
import unittest

from groupwise.connections import Place
from groupwise.integrations import verl
from world import server


def reward_in_child(address, results):
    try:
        results.put(verl.compute_score("", "\\boxed{2}", "2", address=address, timeout_s=20, hold_s=0))
        asked = verl.compute_score_async("", "\\boxed{3}", "2", address=address, timeout_s=20, hold_s=0)
        results.put(asyncio.run(asked))
    except BaseException as error:
        results.put(error)
        raise


class ProcessesTest(unittest.TestCase):
    def test_a_child_scores_by_a_connection_of_its_own_and_so_does_its_parent_after_it(self):
        address = server().address
        self.assertEqual(verl.compute_score("", "\\boxed{2}", "2", address=address), 1.0)
        for kind in ("fork", "spawn"):
            with self.subTest(kind):
                context = multiprocessing.get_context(kind)
                results = context.Queue()
                child = context.Process(target=reward_in_child, args=(address, results))
                child.start()
                self.assertEqual([results.get(timeout=60), results.get(timeout=60)], [1.0, 0.0])
                child.join(60)
                self.assertEqual(child.exitcode, 0)
        self.assertEqual(verl.compute_score("", "\\boxed{1}", "2", address=address), 0.0)

    def test_a_process_has_one_connection_for_each_place(self):
        place = Place.of(server().address)
        self.assertIs(place.environment(), Place.of(server().address).environment())
        self.assertIsNot(place.environment(), Place.of(server().address, token="t").environment())

    def test_an_event_loop_has_one_connection_and_the_next_loop_another(self):
        place = Place.of(server().address)

        async def two():
            return place.async_environment(), place.async_environment()

        first, same = asyncio.run(two())
        other, _ = asyncio.run(two())
        self.assertIs(first, same)
        self.assertIsNot(first, other)

    def test_where_the_server_is_may_stand_in_the_environment(self):
        kept = dict(os.environ)
        self.addCleanup(lambda: (os.environ.clear(), os.environ.update(kept)))
        os.environ.update(GROUPWISE_ADDRESS="a:1", GROUPWISE_TOKEN="t", GROUPWISE_TLS_CA="ca.pem")
        self.assertEqual(Place.of(), Place("a:1", "t", "ca.pem"))
        self.assertEqual(Place.of("b:2", "u", False), Place("b:2", "u", False))
        os.environ.update(GROUPWISE_ADDRESS="", GROUPWISE_TOKEN="", GROUPWISE_TLS_CA="")
        self.assertEqual(Place.of(), Place("127.0.0.1:50051", None, False))


if __name__ == "__main__":
    unittest.main()
