// Reflection tells what the server can do, so with a token it is for those who have it. The library adds its handlers to a
// server itself; this stands in for that server and puts the token in front of each.

import { randomUUID } from 'node:crypto';
import type {
  Server,
  ServerDuplexStream,
  ServiceDefinition,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { TokenCheck } from '../../contract/token.ts';
import { EnvError } from '../../core/errors.ts';
import { statusOf } from './door.ts';

type Handler = (call: ServerDuplexStream<unknown, unknown>) => void;

/** What the reflection library takes a server for. */
export function reflectionWithToken(server: Server, token: TokenCheck): Server {
  const stand = {
    addService(service: ServiceDefinition, handlers: UntypedServiceImplementation): void {
      const guarded = Object.entries(handlers).map(([name, handler]) => [
        name,
        guard(handler as Handler, token),
      ]);
      server.addService(service, Object.fromEntries(guarded) as UntypedServiceImplementation);
    },
  };
  // The library calls nothing but `addService`.
  return stand as unknown as Server;
}

function guard(handler: Handler, token: TokenCheck): Handler {
  return (call) => {
    try {
      token.check(call.metadata.get('authorization')[0]?.toString());
    } catch (error) {
      if (!(error instanceof EnvError)) throw error;
      call.emit('error', statusOf({ refusal: error, requestId: randomUUID() }));
      return;
    }
    handler(call);
  };
}
