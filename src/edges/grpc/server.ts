// The gRPC door as a thing with a lifetime: listen, drain, close. Health and reflection are on.

import {
  Server,
  ServerCredentials,
  type ServerOptions,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { HealthImplementation } from 'grpc-health-check';
import { ActiveCalls } from '../../contract/active-calls.ts';
import { CALL_NAMES, rowOf } from '../../contract/calls.ts';
import type { WireScored } from '../../contract/encode-replies.ts';
import { LIMITS } from '../../contract/limits.ts';
import { cannotListen } from '../../contract/listening.ts';
import type { DoorObserver } from '../../contract/observer.ts';
import type { ProtoMessage } from '../../contract/proto-values.ts';
import { type ProtoGroupResult, resultBytes } from '../../contract/result-bytes.ts';
import { scoreBytes } from '../../contract/score-bytes.ts';
import { type ProtoMethod, SERVICES, loadContract } from '../../contract/service.ts';
import { TokenCheck } from '../../contract/token.ts';
import { within } from '../../contract/within.ts';
import type { Services } from '../../services/dispatch.ts';
import { type GrpcDoor, Malformed } from './door.ts';
import { reflectionWithToken } from './reflection.ts';
import { rolloutHandler, watchRunHandler } from './rollout.ts';
import { scoreStreamHandler } from './score-stream.ts';
import { unaryHandler } from './unary.ts';

/** Calls that were told to stop get this long to say so before their connections are cut. */
const FAREWELL_MS = 500;

const OPTIONS: ServerOptions = {
  'grpc.max_receive_message_length': LIMITS.messageBytesMax,
  'grpc.max_concurrent_streams': LIMITS.callsPerConnectionMax,
  // Finds out within a minute that a client is gone whose connection did not close.
  'grpc.keepalive_time_ms': 40_000,
  'grpc.keepalive_timeout_ms': 20_000,
  'grpc.keepalive_permit_without_calls': 1,
};

export interface GrpcServerOptions {
  readonly services: Services;
  readonly observer: DoorObserver;
  readonly token?: string | undefined;
  /** PEM. */
  readonly tls?: { readonly certificate: Buffer; readonly key: Buffer } | undefined;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

export class GrpcServer {
  readonly #server = new Server(OPTIONS);
  readonly #active = new ActiveCalls();
  readonly #health = new HealthImplementation(statuses('SERVING'));
  readonly #credentials: ServerCredentials;

  constructor({ services, observer, token, tls }: GrpcServerOptions) {
    const contract = loadContract();
    const door: GrpcDoor = { services, observer, active: this.#active, token: new TokenCheck(token) };
    this.#credentials =
      tls === undefined
        ? ServerCredentials.createInsecure()
        : ServerCredentials.createSsl(null, [{ cert_chain: tls.certificate, private_key: tls.key }]);
    for (const name of ['Environment', 'Rewards'] as const) {
      this.#server.addService(withOwnCoders(contract.services[name]), handlersOf(door, name));
    }
    this.#health.addToServer(this.#server);
    new ReflectionService(contract.packageDefinition).addToServer(
      reflectionWithToken(this.#server, door.token),
    );
  }

  /** Port 0 takes a free one. Rejects with `unavailable` when the address cannot be had. */
  listen(host: string, port: number): Promise<Address> {
    const authority = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(authority, this.#credentials, (error, bound) => {
        if (error === null) resolve({ host, port: bound });
        else reject(cannotListen(authority, error));
      });
    });
  }

  /**
   * Tells health checks that it stops, takes no more calls, lets those in flight finish for at most `graceMs`, answers the
   * rest `unavailable`, and closes.
   */
  async drain(graceMs: number): Promise<void> {
    for (const [service, status] of Object.entries(statuses('NOT_SERVING'))) {
      this.#health.setStatus(service, status);
    }
    this.#active.stop();
    const closed = new Promise<void>((resolve) => {
      // Its error says only that the server did not run.
      this.#server.tryShutdown(() => resolve());
    });
    if (!(await within(graceMs, this.#active.idle()))) this.#active.abortAll();
    await within(FAREWELL_MS, closed);
    this.close();
  }

  /** Cuts every connection at once. */
  close(): void {
    this.#active.abortAll();
    this.#server.forceShutdown();
  }
}

function handlersOf(door: GrpcDoor, service: keyof typeof SERVICES): UntypedServiceImplementation {
  const handlers: UntypedServiceImplementation = {};
  for (const name of CALL_NAMES) {
    if (rowOf(name).service === service) handlers[name] = unaryHandler(door, name);
  }
  if (service === 'Rewards') return { ...handlers, ScoreStream: scoreStreamHandler(door) };
  return { ...handlers, Rollout: rolloutHandler(door), WatchRun: watchRunHandler(door) };
}

/**
 * The service as the loader has it, with coders of ours: bytes that cannot be decoded reach the handler as such, so that
 * they are refused like any other bad input, and scores and results are encoded by the fast way.
 */
function withOwnCoders(service: ServiceDefinition): ServiceDefinition {
  const encodeScores = scoreBytes();
  const encodeResult = resultBytes();
  return Object.fromEntries(
    Object.entries(service as Record<string, ProtoMethod>).map(([name, method]) => {
      const messageType = requestTypeOf(method);
      const requestDeserialize = (bytes: Buffer): ProtoMessage | Malformed => {
        try {
          return method.requestDeserialize(bytes);
        } catch {
          // Whatever the decoder says of hostile bytes, the caller is told in our words that they are no message.
          return new Malformed(messageType);
        }
      };
      const responseSerialize = (reply: ProtoMessage): Buffer => {
        if (isScored(name, reply)) return encodeScores(reply);
        return isResult(name, reply) ? encodeResult(reply) : method.responseSerialize(reply);
      };
      return [name, { ...method, requestDeserialize, responseSerialize }];
    }),
  );
}

function isScored(call: string, reply: object): reply is WireScored {
  return (call === 'Score' || call === 'ScoreStream') && !('problem' in reply);
}

function isResult(call: string, reply: object): reply is { readonly result: ProtoGroupResult } {
  return call === 'Rollout' && 'result' in reply;
}

/** The loader keeps the descriptor of a method's messages beside its coders. */
function requestTypeOf(method: ProtoMethod): string {
  const { requestType } = method as ProtoMethod & {
    readonly requestType?: { readonly type?: { name?: string } };
  };
  return requestType?.type?.name ?? 'message of this call';
}

function statuses(status: 'SERVING' | 'NOT_SERVING') {
  return Object.fromEntries(['', ...Object.values(SERVICES)].map((service) => [service, status]));
}
