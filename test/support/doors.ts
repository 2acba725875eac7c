// Sends one request, written as the wire's JSON, through either door, and gives back what a client would see: the reply as
// JSON, or the refusal.

import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { type CallName, rowOf } from '../../src/contract/calls.ts';
import { METADATA, fieldFromMetadata } from '../../src/contract/failure.ts';
import type { ProtoMessage } from '../../src/contract/proto-values.ts';
import { loadContract } from '../../src/contract/service.ts';
import { STATUS } from '../../src/contract/status.ts';
import { ERROR_CODES } from '../../src/core/errors.ts';
import { restRequest } from '../../src/client/rest-client.ts';
import type { TestServer } from './test-server.ts';

/** A reply, or a refusal in the words of either door. */
export type Seen =
  | { readonly reply: unknown }
  | {
      readonly code: string;
      readonly message: string;
      readonly field: string | undefined;
      readonly retryAfterMs: number | undefined;
    };

export interface Doors {
  viaGrpc(name: CallName, wire: ProtoMessage): Promise<Seen>;
  viaRest(name: CallName, wire: ProtoMessage): Promise<Seen>;
  /** The same, without the codec: bytes in, status out. */
  bytesViaGrpc(name: CallName, bytes: Buffer): Promise<Seen>;
  close(): void;
}

export function openDoors(server: Pick<TestServer, 'grpcAddress' | 'restUrl'>, token?: string): Doors {
  const contract = loadContract();
  const client = new Client(server.grpcAddress, credentials.createInsecure(), {
    'grpc.max_receive_message_length': -1,
  });
  const metadata = new Metadata();
  if (token !== undefined) metadata.set('authorization', `Bearer ${token}`);
  const send = (name: CallName, bytes: Buffer): Promise<Seen> =>
    new Promise((resolve) => {
      const { path, responseDeserialize } = contract.method(name);
      client.makeUnaryRequest(
        path,
        (message: Buffer) => message,
        responseDeserialize,
        bytes,
        metadata,
        { deadline: Date.now() + 30_000 },
        (error, reply) => {
          if (error !== null) resolve(refusalOf(error));
          else resolve({ reply: plain(rowOf(name).replyFromProto(reply as ProtoMessage)) });
        },
      );
    });
  return {
    viaGrpc(name, wire) {
      const message = rowOf(name).requestToProto(structuredClone(wire));
      return send(name, contract.method(name).requestSerialize(message));
    },
    async viaRest(name, wire) {
      const { method, path, body } = restRequest(rowOf(name).rest, wire);
      const response = await fetch(server.restUrl + path, {
        method,
        headers: {
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
        },
        ...(body !== undefined && { body }),
      });
      return problemOrReply(response);
    },
    bytesViaGrpc: send,
    close: () => client.close(),
  };
}

/** Also holds the problem against RFC 9457 and the table of statuses. */
export async function problemOrReply(response: Response): Promise<Seen> {
  const body = (await response.json()) as Record<string, unknown>;
  if (response.ok) return { reply: body };
  if (response.headers.get('content-type') !== 'application/problem+json') {
    throw new Error(`Status ${response.status} without a problem`);
  }
  const { code, detail, field, retry_after_ms: retryAfterMs, status, type, title, request_id: id } = body;
  if (status !== response.status || type !== `urn:groupwise:problem:${String(code)}` || !title || !id) {
    throw new Error(`Not a problem of ours: ${JSON.stringify(body)}`);
  }
  return {
    code: String(code),
    message: String(detail),
    field: field as string | undefined,
    retryAfterMs: retryAfterMs as number | undefined,
  };
}

export function refusalOf({
  code: status,
  details,
  metadata,
}: ServiceError): Exclude<Seen, { reply: unknown }> {
  const number: number = status;
  const code = ERROR_CODES.find((known) => STATUS[known].grpc === number);
  if (code === undefined) throw new Error(`Status ${number} is none of ours: ${details}`);
  const field = metadata.get(METADATA.field)[0]?.toString();
  const retryAfterMs = metadata.get(METADATA.retryAfterMs)[0]?.toString();
  return {
    code,
    message: details,
    field: field === undefined ? undefined : fieldFromMetadata(field),
    retryAfterMs: retryAfterMs === undefined ? undefined : Number(retryAfterMs),
  };
}

/** Without `undefined`s, as JSON has it. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
