// A real server of one's own for a test: both doors on free loopback ports over the services that the test brings.

import type { BugMet, CallEnded, DoorObserver } from '../../src/contract/observer.ts';
import { GrpcServer } from '../../src/edges/grpc/server.ts';
import { RestServer } from '../../src/edges/rest/server.ts';
import type { Services } from '../../src/services/dispatch.ts';

export interface TestServer {
  /** HOST:PORT. */
  readonly grpcAddress: string;
  /** http://HOST:PORT */
  readonly restUrl: string;
  readonly grpc: GrpcServer;
  readonly rest: RestServer;
  /** What the doors told of themselves. */
  readonly callsEnded: CallEnded[];
  readonly bugsMet: BugMet[];
  close(): void;
}

export interface TestServerOptions {
  readonly token?: string;
  readonly origins?: readonly string[];
}

export async function startTestServer(
  services: Services,
  options: TestServerOptions = {},
): Promise<TestServer> {
  const callsEnded: CallEnded[] = [];
  const bugsMet: BugMet[] = [];
  const observer: DoorObserver = {
    callEnded: (call) => void callsEnded.push(call),
    bugMet: (bug) => void bugsMet.push(bug),
  };
  const grpc = new GrpcServer({ services, observer, ...options });
  const rest = new RestServer({
    services,
    observer,
    ...options,
    version: '0.0.0-test',
    metrics: async () => ({ contentType: 'text/plain', text: 'up 1\n' }),
  });
  const [grpcAt, restAt] = await Promise.all([grpc.listen('127.0.0.1', 0), rest.listen('127.0.0.1', 0)]);
  return {
    grpcAddress: `${grpcAt.host}:${grpcAt.port}`,
    restUrl: `http://${restAt.host}:${restAt.port}`,
    grpc,
    rest,
    callsEnded,
    bugsMet,
    close() {
      grpc.close();
      rest.close();
    },
  };
}
