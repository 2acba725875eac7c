// A small real server on loopback that speaks chat completions and can misbehave in every way that such servers do. It logs
// each request with what it answered and billed, so that a test can hold a client's books against it.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ChatBody {
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly [key: string]: unknown;
}

export interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
}

export type Behaviour =
  | {
      readonly kind: 'reply';
      readonly text: string;
      readonly finishReason?: string;
      readonly usage?: Usage | undefined;
    }
  | { readonly kind: 'refusal' | 'content_filter'; readonly usage?: Usage | undefined }
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly error?: object;
      /** The whole body instead: text as it is, anything else as JSON. */
      readonly body?: object | string;
    }
  /** A body of any content, with status 200. `isBilled`: it states the usage. */
  | { readonly kind: 'raw'; readonly body: string; readonly isBilled: boolean }
  /** Never answers. */
  | { readonly kind: 'hang' }
  /** Closes the connection before a reply, or in the middle of one. */
  | { readonly kind: 'cut'; readonly after: 'request' | 'headers' };

export interface LoggedCall {
  readonly body: ChatBody;
  readonly headers: IncomingMessage['headers'];
  readonly behaviour: Behaviour;
  /** As stated in a reply that was sent whole. */
  readonly billed: Usage | undefined;
}

export interface OpenAiServer {
  readonly url: string;
  readonly log: readonly LoggedCall[];
  /** Requests that are open right now, and the most that ever were. */
  readonly open: { now: number; most: number };
  close(): Promise<void>;
}

/** Starts one on a free port. `behave` decides about each request, counted from 0. */
export async function startOpenAiServer(
  behave: (body: ChatBody, index: number) => Behaviour,
): Promise<OpenAiServer> {
  const log: LoggedCall[] = [];
  const open = { now: 0, most: 0 };
  const server = createServer((request, response) => {
    open.now += 1;
    open.most = Math.max(open.most, open.now);
    response.once('close', () => (open.now -= 1));
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('error', () => {
      // The client left before its request was whole: nothing to log.
    });
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(parts).toString()) as ChatBody;
      const behaviour = behave(body, log.length);
      const billed = answer(response, body, behaviour);
      log.push({ body, headers: request.headers, behaviour, billed });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // Listening on a port, so the address is one.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    log,
    open,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(response: ServerResponse, body: ChatBody, behaviour: Behaviour): Usage | undefined {
  switch (behaviour.kind) {
    case 'hang':
      return undefined;
    case 'cut':
      cut(response, body, behaviour.after);
      return undefined;
    case 'status':
      sendJson(
        response,
        behaviour.status,
        typeof behaviour.body === 'string'
          ? behaviour.body
          : JSON.stringify(behaviour.body ?? { error: behaviour.error ?? {} }),
        behaviour.headers,
      );
      return undefined;
    case 'raw':
      sendJson(response, 200, behaviour.body);
      return behaviour.isBilled ? usageOf(body, '') : undefined;
    case 'refusal':
    case 'content_filter':
    case 'reply': {
      const usage =
        'usage' in behaviour
          ? behaviour.usage
          : usageOf(body, behaviour.kind === 'reply' ? behaviour.text : '');
      sendJson(response, 200, completionText(body, behaviour, usage));
      return usage;
    }
  }
}

function cut(response: ServerResponse, body: ChatBody, after: 'request' | 'headers'): void {
  if (after === 'request') {
    response.destroy();
    return;
  }
  const whole = completionText(body, { kind: 'reply', text: 'cut' }, undefined);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': whole.length });
  response.write(whole.slice(0, whole.length / 2), () => response.destroy());
}

function sendJson(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(text);
}

/** Tokens as this server counts them: one for each started four characters. */
export function usageOf(body: ChatBody, text: string): Usage {
  const prompt = body.messages.reduce((sum, { content }) => sum + content.length, 0);
  return { prompt_tokens: Math.ceil(prompt / 4), completion_tokens: 1 + Math.ceil(text.length / 4) };
}

export function completionText(
  body: ChatBody,
  behaviour: Extract<Behaviour, { kind: 'reply' | 'refusal' | 'content_filter' }>,
  usage: Usage | undefined,
): string {
  const isReply = behaviour.kind === 'reply';
  return JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 0,
    model: body.model,
    choices: [
      {
        index: 0,
        finish_reason: isReply
          ? (behaviour.finishReason ?? 'stop')
          : behaviour.kind === 'content_filter'
            ? 'content_filter'
            : 'stop',
        message: {
          role: 'assistant',
          content: isReply ? behaviour.text : null,
          ...(behaviour.kind === 'refusal' ? { refusal: 'I cannot help with that' } : {}),
        },
      },
    ],
    ...(usage === undefined ? {} : { usage }),
  });
}
