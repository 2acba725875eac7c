"""A gRPC server that fails as it is told to, and counts what reaches it: what a real one does only when it breaks."""

from __future__ import annotations

from collections import Counter
from concurrent import futures

import grpc

from groupwise.v1 import environment_pb2, environment_pb2_grpc, rewards_pb2, rewards_pb2_grpc, types_pb2


class FailingServer(environment_pb2_grpc.EnvironmentServicer, rewards_pb2_grpc.RewardsServicer):
    def __init__(self, port: int = 0) -> None:
        self.calls: Counter[str] = Counter()
        self.failures: list[tuple[grpc.StatusCode, dict[str, str]]] = []
        """Of the next calls, with their trailing metadata."""
        self.scored: list[rewards_pb2.ScoreRequest] = []
        self._server = grpc.server(futures.ThreadPoolExecutor(4))
        environment_pb2_grpc.add_EnvironmentServicer_to_server(self, self._server)
        rewards_pb2_grpc.add_RewardsServicer_to_server(self, self._server)
        self.address = f"127.0.0.1:{self._server.add_insecure_port(f'127.0.0.1:{port}')}"
        self._server.start()

    def stop(self) -> None:
        self._server.stop(0).wait()

    def fail(self, code: grpc.StatusCode, times: int = 1, **metadata: str) -> None:
        self.failures = [(code, metadata)] * times

    def _called(self, name: str, context: grpc.ServicerContext) -> None:
        self.calls[name] += 1
        if self.failures:
            code, metadata = self.failures.pop(0)
            context.set_trailing_metadata(tuple((key.replace("_", "-"), value) for key, value in metadata.items()))
            context.abort(code, "As told")

    def LeaseGroups(self, request, context):
        self._called("LeaseGroups", context)
        group = environment_pb2.LeasedGroup(group_id="g-0", lease_id="l-0", group_size=2)
        return environment_pb2.LeaseGroupsResponse(batch_id="b-0", groups=[group])

    def SubmitCompletions(self, request, context):
        self._called("SubmitCompletions", context)
        # A state that a newer server may know.
        results = [environment_pb2.GroupResult(lease_id=each.lease_id, state=99) for each in request.groups]
        return environment_pb2.SubmitCompletionsResponse(results=results)

    def OpenRun(self, request, context):
        self._called("OpenRun", context)
        return environment_pb2.Run(run_id=request.run_id or "made", state=1)

    def ReleaseGroups(self, request, context):
        self._called("ReleaseGroups", context)
        return environment_pb2.ReleaseGroupsResponse(released=1)

    def ReportTrainingStep(self, request, context):
        self._called("ReportTrainingStep", context)
        return environment_pb2.ReportTrainingStepResponse()

    def Score(self, request, context):
        self._called("Score", context)
        self.scored.append(request)
        result = types_pb2.CompletionResult(member_index=0, reward=1.0)
        return rewards_pb2.ScoreResponse(groups=[rewards_pb2.ScoredGroup(completions=[result])])
