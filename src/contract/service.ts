// The gRPC services as the proto files define them, loaded from the package's own `proto` folder. Loading takes some tens
// of milliseconds, so each server and each client does it once, when it is made.

import { fileURLToPath } from 'node:url';
import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';
import { loadSync, type PackageDefinition } from '@grpc/proto-loader';
import { CALL_NAMES, type CallName, rowOf } from './calls.ts';
import type { ProtoMessage } from './proto-values.ts';

export const SERVICES = {
  Environment: 'groupwise.v1.Environment',
  Rewards: 'groupwise.v1.Rewards',
} as const;

export const STREAM_NAMES = ['Rollout', 'WatchRun', 'ScoreStream'] as const;
export type StreamName = (typeof STREAM_NAMES)[number];

export type ProtoMethod = MethodDefinition<ProtoMessage, ProtoMessage>;

export interface Contract {
  /** For reflection. */
  readonly packageDefinition: PackageDefinition;
  readonly services: Readonly<Record<keyof typeof SERVICES, ServiceDefinition>>;
  method(name: CallName | StreamName): ProtoMethod;
}

/** Beside `src` in a clone and beside `dist` in the package. */
export function protoFolder(): string {
  return fileURLToPath(new URL('../../proto', import.meta.url));
}

/** @throws Error when the proto files are not where the package has them. */
export function loadContract(): Contract {
  const packageDefinition = loadSync(
    ['groupwise/v1/types.proto', 'groupwise/v1/rewards.proto', 'groupwise/v1/environment.proto'],
    {
      includeDirs: [protoFolder()],
      // What was not sent stays absent, names stay as they are, enums are numbers. Numbers beyond 2^53 come out rounded,
      // but still beyond it, so the schemas refuse them.
      keepCase: true,
      longs: Number,
    },
  );
  const services = {
    Environment: packageDefinition[SERVICES.Environment] as ServiceDefinition,
    Rewards: packageDefinition[SERVICES.Rewards] as ServiceDefinition,
  };
  const methods = new Map<string, ProtoMethod>();
  for (const name of CALL_NAMES) methods.set(name, found(services[rowOf(name).service], name));
  methods.set('Rollout', found(services.Environment, 'Rollout'));
  methods.set('WatchRun', found(services.Environment, 'WatchRun'));
  methods.set('ScoreStream', found(services.Rewards, 'ScoreStream'));
  return {
    packageDefinition,
    services,
    method: (name) => methods.get(name) ?? missing(name),
  };
}

function found(service: ServiceDefinition, name: string): ProtoMethod {
  return (service[name] as ProtoMethod | undefined) ?? missing(name);
}

function missing(name: string): never {
  throw new Error(`Cannot load the contract: the proto files have no call ${name}`);
}
