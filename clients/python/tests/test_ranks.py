"""What the first process has for all: with PyTorch's own groups where it is installed, and without it."""

import importlib.util
import multiprocessing
import socket
import unittest

from groupwise import GroupwiseError
from groupwise.integrations._ranks import from_first_rank, rank


def produce_on(process, port, said):
    import torch.distributed as distributed

    distributed.init_process_group("gloo", f"tcp://127.0.0.1:{port}", rank=process, world_size=2)

    def refuse():
        raise GroupwiseError("unavailable", "Nobody")

    shared = from_first_rank(lambda: ["leased by", process])
    try:
        from_first_rank(refuse)
    except GroupwiseError as error:
        said.put((process, rank(), shared, error.code))
    distributed.destroy_process_group()


class RanksTest(unittest.TestCase):
    def test_without_a_group_of_processes_there_is_one(self):
        self.assertEqual((rank(), from_first_rank(lambda: 5)), (0, 5))

    @unittest.skipIf(importlib.util.find_spec("torch") is None, "no package torch")
    def test_all_processes_have_what_the_first_has_its_errors_too(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        context = multiprocessing.get_context("spawn")
        said = context.Queue()
        children = [context.Process(target=produce_on, args=(process, port, said)) for process in (0, 1)]
        for child in children:
            child.start()
        told = sorted(said.get(timeout=120) for _ in children)
        for child in children:
            child.join(60)
        shared = ["leased by", 0]
        self.assertEqual(told, [(0, 0, shared, "unavailable"), (1, 1, shared, "unavailable")])


if __name__ == "__main__":
    unittest.main()
