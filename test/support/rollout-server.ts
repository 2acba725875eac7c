// A small real server on loopback that speaks completions with token ids as vLLM or SGLang do, keeps adapters by name, and can
// misbehave. What it draws is a function of the adapter's file, the prompt and the seed.

import { existsSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { createRandom, type Random } from '../../src/core/random.ts';

export interface RolloutCall {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly authorization: string | undefined;
}

export type Misbehaviour =
  /** `isDone`: the call takes effect, only its answer is lost. */
  | { readonly kind: 'cut'; readonly isDone: boolean }
  | { readonly kind: 'hang' }
  | { readonly kind: 'status'; readonly status: number; readonly body: unknown }
  /** Changes a good answer to completions. */
  | { readonly kind: 'change'; readonly change: (reply: CompletionsReply) => unknown };

export interface CompletionsReply {
  readonly choices: readonly Readonly<Record<string, unknown>>[];
}

export interface RolloutServerOptions {
  readonly dialect?: 'vllm' | 'sglang';
  /** Undefined: it behaves. */
  readonly misbehave?: (call: RolloutCall, index: number) => Misbehaviour | undefined;
  /** Waits before it answers completions. */
  readonly before?: (call: RolloutCall) => Promise<void>;
  /** The file that an adapter's folder must have; default `adapter`. */
  readonly adapterFile?: string;
  /** Tokens of one completion, of `call.body.max_tokens` at most. Default: digits until `END` is drawn. */
  readonly drawing?: (call: RolloutCall, random: Random) => readonly number[];
}

export interface RolloutServer {
  readonly url: string;
  readonly calls: readonly RolloutCall[];
  /** Names of adapters that are loaded, → the folder of each. */
  readonly adapters: Map<string, string>;
  close(): Promise<void>;
}

export const END = 9;

export async function startRolloutServer(options: RolloutServerOptions = {}): Promise<RolloutServer> {
  const { dialect = 'vllm', misbehave, before, adapterFile = 'adapter', drawing = digits } = options;
  const calls: RolloutCall[] = [];
  const adapters = new Map<string, string>();
  const root = dialect === 'vllm' ? '/v1' : '';

  const answer = (call: RolloutCall): readonly [number, unknown] => {
    const { path, body } = call;
    if (path === '/v1/models') return [200, { data: [{ id: 'base', owned_by: dialect }] }];
    const name = String(body['lora_name']);
    if (path === `${root}/load_lora_adapter`) {
      const folder = String(body['lora_path']);
      if (adapters.has(name)) return [400, failure(`The lora adapter '${name}' has already been loaded.`)];
      if (!existsSync(join(folder, adapterFile))) return [404, failure(`No adapter found for '${folder}'`)];
      adapters.set(name, folder);
      return [200, `Success: LoRA adapter '${name}' added successfully.`];
    }
    if (path === `${root}/unload_lora_adapter`) {
      if (!adapters.delete(name)) return [404, failure(`The lora adapter '${name}' cannot be found.`)];
      return [200, 'Success'];
    }
    if (path === '/v1/completions') {
      const model = String(body['model']).replace(/^base:/u, '');
      if (adapters.has(model)) return [200, completions(call, drawing)];
      return dialect === 'vllm'
        ? [404, failure(`The model '${model}' does not exist.`)]
        : [400, { object: 'error', message: `LoRA adapter '${model}' was never loaded` }];
    }
    return [404, { detail: 'Not Found' }];
  };

  const respond = async (call: RolloutCall, index: number, response: ServerResponse): Promise<void> => {
    const fault = misbehave?.(call, index);
    if (fault?.kind === 'hang') return;
    if (fault?.kind === 'cut') {
      if (fault.isDone) answer(call);
      response.destroy();
      return;
    }
    if (call.path === '/v1/completions') await before?.(call);
    const [status, reply] = fault?.kind === 'status' ? [fault.status, fault.body] : answer(call);
    const changed = fault?.kind === 'change' ? fault.change(reply as CompletionsReply) : reply;
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(changed));
  };

  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const text = Buffer.concat(parts).toString();
      const call = {
        path: request.url ?? '',
        body: text === '' ? {} : JSON.parse(text),
        authorization: request.headers.authorization,
      };
      calls.push(call);
      void respond(call, calls.length - 1, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // Listening on a port, so the address is one.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    calls,
    adapters,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function failure(message: string): object {
  return { error: { message, type: 'BadRequestError', code: 400 } };
}

function digits({ body }: RolloutCall, random: Random): readonly number[] {
  const tokens: number[] = [];
  while (tokens.length < Number(body['max_tokens']) && tokens.at(-1) !== END)
    tokens.push(random.below(END + 1));
  return tokens;
}

function completions(
  call: RolloutCall,
  drawing: NonNullable<RolloutServerOptions['drawing']>,
): CompletionsReply {
  const { body } = call;
  const random = createRandom(Number(body['seed']));
  const [end] = [body['stop_token_ids']].flat();
  const choices = Array.from({ length: Number(body['n']) }, (_, index) => {
    const tokens = drawing(call, random);
    return {
      index,
      text: '',
      finish_reason: tokens.at(-1) === end ? 'stop' : 'length',
      token_ids: tokens,
      prompt_token_ids: body['prompt'],
      logprobs: { token_logprobs: tokens.map(() => -1.5) },
    };
  });
  // Servers finish in no order.
  return { choices: choices.toReversed() };
}
