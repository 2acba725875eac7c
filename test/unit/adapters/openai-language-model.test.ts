// The adapter against a real server on loopback: what each behaviour becomes, what is known of its cost, and which form of
// request each server gets.

import { afterEach, describe, expect, it } from 'vitest';
import { OpenAiLanguageModel } from '../../../src/adapters/openai-language-model.ts';
import { SystemClock } from '../../../src/adapters/system-clock.ts';
import { LanguageModelError, type LanguageModelRequest } from '../../../src/ports/language-model.ts';
import {
  completionText,
  startOpenAiServer,
  usageOf,
  type Behaviour,
  type ChatBody,
  type OpenAiServer,
} from '../../support/openai-server.ts';

const NEVER = new AbortController().signal;
const VERDICT = '{"reasoning":"same","verdict":"equivalent"}';
const servers: OpenAiServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start(behave: Behaviour | ((body: ChatBody, index: number) => Behaviour)) {
  const server = await startOpenAiServer(typeof behave === 'function' ? behave : () => behave);
  servers.push(server);
  const model = new OpenAiLanguageModel({ baseUrl: server.url, apiKey: 'k-1', clock: new SystemClock() });
  return { server, model };
}

function request(): LanguageModelRequest {
  return {
    model: 'judge-model',
    messages: [
      { role: 'system', content: 'Compare' },
      { role: 'user', content: 'Is it?' },
    ],
    temperature: 0,
    maxTokens: 100,
    schema: { name: 'verdict', schema: { type: 'object' } },
    seed: 7,
  };
}

async function faultOf(run: Promise<unknown>): Promise<LanguageModelError> {
  const error: unknown = await run.then(
    () => 'resolved',
    (reason: unknown) => reason,
  );
  if (error instanceof LanguageModelError) return error;
  throw new Error(`not a fault: ${String(error)}`);
}

const USAGE = usageOf({ model: '', messages: request().messages }, '');
const STATED = { promptTokens: USAGE.prompt_tokens, completionTokens: USAGE.completion_tokens };
const WHOLE = completionText({ model: 'm', messages: [] }, { kind: 'reply', text: VERDICT }, USAGE);

const status = (code: number, more: object = {}): Behaviour => ({ kind: 'status', status: code, ...more });

describe('OpenAiLanguageModel.complete()', () => {
  it('OpenAiLanguageModel.complete() sends one request with messages, schema, seed and key, and reads its reply', async () => {
    const { server, model } = await start({ kind: 'reply', text: VERDICT });
    const reply = await model.complete(request(), NEVER);
    expect(reply).toEqual({
      text: VERDICT,
      finishReason: 'stop',
      usage: { promptTokens: 4, completionTokens: 1 + Math.ceil(VERDICT.length / 4) },
      model: 'judge-model',
    });
    expect(server.log).toHaveLength(1);
    const [call] = server.log;
    expect(call?.headers.authorization).toBe('Bearer k-1');
    expect(call?.body).toEqual({
      model: 'judge-model',
      messages: request().messages,
      max_tokens: 100,
      temperature: 0,
      seed: 7,
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'verdict', strict: true, schema: { type: 'object' } },
      },
    });
  });

  it.each<[string, Behaviour, string, object]>([
    ['429', status(429), 'rate_limited', {}],
    [
      '429 with retry-after in seconds',
      status(429, { headers: { 'retry-after': '2' } }),
      'rate_limited',
      { retryAfterMs: 2000 },
    ],
    [
      '429 with retry-after-ms',
      status(429, { headers: { 'retry-after-ms': '150', 'retry-after': '9' } }),
      'rate_limited',
      { retryAfterMs: 150 },
    ],
    [
      '429 with a date that has passed',
      status(429, { headers: { 'retry-after': 'Thu, 01 Jan 2015 00:00:00 GMT' } }),
      'rate_limited',
      { retryAfterMs: 0 },
    ],
    ['429 with nonsense', status(429, { headers: { 'retry-after': 'soon' } }), 'rate_limited', {}],
    ['a spent quota', status(429, { error: { code: 'insufficient_quota' } }), 'unauthorized', {}],
    ['500', status(500), 'overloaded', {}],
    [
      '503 with retry-after',
      status(503, { headers: { 'retry-after': '1' } }),
      'overloaded',
      { retryAfterMs: 1000 },
    ],
    ['529', status(529), 'overloaded', {}],
    ['408', status(408), 'timeout', {}],
    ['401', status(401), 'unauthorized', {}],
    ['404', status(404), 'bad_request', {}],
    ['a cut connection', { kind: 'cut', after: 'request' }, 'connection', {}],
    ['a reply that breaks off', { kind: 'cut', after: 'headers' }, 'connection', {}],
    [
      'JSON that breaks off before the usage',
      { kind: 'raw', body: WHOLE.slice(0, 60), isBilled: false },
      'malformed_reply',
      {},
    ],
    [
      'JSON that breaks off after the usage',
      { kind: 'raw', body: WHOLE.slice(0, -1), isBilled: true },
      'malformed_reply',
      { usage: STATED },
    ],
    ['a page of HTML', { kind: 'raw', body: '<html>', isBilled: false }, 'malformed_reply', {}],
    ['an empty body', { kind: 'raw', body: '', isBilled: false }, 'malformed_reply', {}],
    [
      'no choices, with usage',
      { kind: 'raw', body: JSON.stringify({ choices: [], usage: USAGE }), isBilled: true },
      'malformed_reply',
      { usage: STATED },
    ],
    [
      'a message without text',
      {
        kind: 'raw',
        body: JSON.stringify({ choices: [{ message: {} }], usage: USAGE }),
        isBilled: true,
      },
      'malformed_reply',
      { usage: STATED },
    ],
    [
      'a body beyond all measure',
      { kind: 'raw', body: ' '.repeat(5 * 1024 * 1024), isBilled: false },
      'malformed_reply',
      {},
    ],
    ['a refusal', { kind: 'refusal' }, 'refused', { usage: STATED }],
    ['a content filter', { kind: 'content_filter' }, 'refused', { usage: STATED }],
  ])(
    'OpenAiLanguageModel.complete() rejects %s with its fault and its usage',
    async (_, behaviour, fault, details) => {
      const { server, model } = await start(behaviour);
      const error = await faultOf(model.complete(request(), NEVER));
      expect({ fault: error.fault, retryAfterMs: error.retryAfterMs, usage: error.usage }).toEqual({
        fault,
        retryAfterMs: undefined,
        usage: undefined,
        ...details,
      });
      expect(server.log).toHaveLength(1);
    },
  );

  it.each<[string, number, object | string]>([
    [
      'OpenAI',
      400,
      {
        error: {
          message:
            "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
          type: 'invalid_request_error',
          param: 'messages',
          code: 'context_length_exceeded',
        },
      },
    ],
    [
      'vLLM',
      400,
      {
        error: {
          message:
            "You passed 1015 input tokens and requested 10 output tokens. However, the model's context length is only 1024 tokens.",
          type: 'BadRequestError',
          param: 'input_tokens',
          code: 400,
        },
      },
    ],
    [
      'vLLM about max_tokens',
      400,
      {
        error: {
          message:
            "'max_tokens' or 'max_completion_tokens' is too large: 4096. This model's maximum context length is 2048 tokens and your request has 100 input tokens",
          param: null,
          code: 400,
        },
      },
    ],
    [
      'SGLang',
      400,
      {
        object: 'error',
        message: "The input (5000 tokens) is longer than the model's context length (4096 tokens).",
        type: 'BadRequestError',
        param: null,
        code: 400,
      },
    ],
    [
      'llama.cpp',
      400,
      {
        error: {
          code: 400,
          message: 'the request exceeds the available context size, try increasing it',
          type: 'exceed_context_size_error',
        },
      },
    ],
    ['a proxy', 413, '<html>Request Entity Too Large</html>'],
  ])(
    'OpenAiLanguageModel.complete() knows a prompt that is too long for %s, at the first answer',
    async (_, code, body) => {
      const { server, model } = await start(status(code, { body }));
      const error = await faultOf(model.complete(request(), NEVER));
      expect(error.fault).toBe('too_long');
      expect(error.said).toMatch(/context|Too Large/u);
      expect(server.log).toHaveLength(1);
    },
  );

  it.each<[string, object | string, RegExp]>([
    ['in place', { error: { message: 'No such model: gpt-5x' } }, /^No such model: gpt-5x$/u],
    ['at the top', { object: 'error', message: 'No such model: gpt-5x' }, /^No such model: gpt-5x$/u],
    ['as FastAPI does', { detail: [{ loc: ['body', 'model'], msg: 'unknown' }] }, /"msg":"unknown"/u],
    ['in prose', 'unknown model', /unknown model/u],
  ])('OpenAiLanguageModel.complete() keeps what a server says of an error %s', async (_, body, said) => {
    const { model } = await start(status(404, { body }));
    const error = await faultOf(model.complete(request(), NEVER));
    expect(error).toMatchObject({ fault: 'bad_request', message: 'The server answered 404' });
    expect(error.said).toMatch(said);
  });

  it('OpenAiLanguageModel.complete() rejects a refused connection as such', async () => {
    const { server, model } = await start({ kind: 'hang' });
    await server.close();
    expect((await faultOf(model.complete(request(), NEVER))).fault).toBe('connection');
  });

  it('OpenAiLanguageModel.complete() rejects with the reason of its signal, at once and while it waits', async () => {
    const { server, model } = await start({ kind: 'hang' });
    const reason = new Error('enough');
    await expect(model.complete(request(), AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(server.log).toHaveLength(0);
    const controller = new AbortController();
    const pending = model.complete(request(), controller.signal);
    while (server.log.length === 0) await new Promise((resolve) => setImmediate(resolve));
    controller.abort(reason);
    await expect(pending).rejects.toBe(reason);
  });

  it('OpenAiLanguageModel.complete() tells a reply that was cut at its length', async () => {
    const { model } = await start({ kind: 'reply', text: '{"reas', finishReason: 'length' });
    expect((await model.complete(request(), NEVER)).finishReason).toBe('length');
  });

  it('OpenAiLanguageModel.complete() goes down to the format that the server takes and remembers it', async () => {
    const { server, model } = await start((body) =>
      body['response_format'] === undefined
        ? { kind: 'reply', text: VERDICT }
        : { kind: 'status', status: 400, error: { message: 'response_format is not supported' } },
    );
    const first = request();
    expect((await faultOf(model.complete(first, NEVER))).fault).toBe('form_refused');
    expect((await faultOf(model.complete(first, NEVER))).fault).toBe('form_refused');
    expect((await model.complete(first, NEVER)).text).toBe(VERDICT);
    expect((await model.complete(request(), NEVER)).text).toBe(VERDICT);
    const formats = server.log.map(({ body }) => body['response_format']);
    expect(formats).toEqual([expect.anything(), { type: 'json_object' }, undefined, undefined]);
  });

  it('OpenAiLanguageModel.complete() leaves out what a reasoning model does not take', async () => {
    const { server, model } = await start((body) => {
      const refused = ['max_tokens', 'temperature', 'seed'].find((key) => body[key] !== undefined);
      return refused === undefined
        ? { kind: 'reply', text: VERDICT }
        : { kind: 'status', status: 400, error: { message: 'Unsupported parameter', param: refused } };
    });
    const asked = request();
    for (let refusal = 0; refusal < 3; refusal += 1) {
      expect((await faultOf(model.complete(asked, NEVER))).fault).toBe('form_refused');
    }
    await model.complete(asked, NEVER);
    const last = server.log.at(-1)?.body;
    expect(last).toMatchObject({ max_completion_tokens: 100, response_format: { type: 'json_schema' } });
  });

  it('OpenAiLanguageModel.complete() forgets a form that helped nobody: a bad request stays one', async () => {
    const { server, model } = await start((_, index) =>
      index < 3 ? { kind: 'status', status: 400 } : { kind: 'reply', text: VERDICT },
    );
    const bad = request();
    await faultOf(model.complete(bad, NEVER));
    await faultOf(model.complete(bad, NEVER));
    expect((await faultOf(model.complete(bad, NEVER))).fault).toBe('bad_request');
    await model.complete(request(), NEVER);
    expect(server.log.at(-1)?.body['response_format']).toMatchObject({ type: 'json_schema' });
  });
});
