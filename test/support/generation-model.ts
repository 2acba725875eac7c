// What a language model says to the stages of the dataset engine, for `startOpenAiServer`: deterministic, by the schema's name and
// the texts that it is shown, so that two runs can be compared byte by byte. And one that fails as real servers do.

import { createHash } from 'node:crypto';
import { createRandom } from '../../src/core/random.ts';
import { completionText, type Behaviour, type ChatBody } from './openai-server.ts';

/** What is asked of the model. */
export interface Asked {
  readonly body: ChatBody;
  /** All texts that are shown under a name, in order. */
  readonly shown: (name: string) => readonly string[];
  /** The first text that is shown under a name; empty when there is none. */
  readonly first: (name: string) => string;
}

/** An object is sent as JSON, a string as it is. */
export type Handler = (asked: Asked) => object | string;

/** By the name of the schema, `<stage>_<prompt>`; under `text` the one for questions without a schema. */
export type Handlers = Readonly<Record<string, Handler>>;

/** Answers each question by its handler. What no handler knows is answered 400, so that a test sees it. */
export function generationModel(handlers: Handlers): (body: ChatBody) => Behaviour {
  return (body) => {
    const handler = handlers[schemaNameOf(body) ?? 'text'];
    if (handler === undefined) {
      return { kind: 'status', status: 404, error: { message: `No handler "${schemaNameOf(body)}"` } };
    }
    const said = handler(askedOf(body));
    return { kind: 'reply', text: typeof said === 'string' ? said : JSON.stringify(said) };
  };
}

export function schemaNameOf(body: ChatBody): string | undefined {
  const format = body['response_format'] as { readonly json_schema?: { readonly name?: string } } | undefined;
  return format?.json_schema?.name;
}

/** What makes two requests alike: everything that was sent. */
export function identityOf(body: ChatBody): string {
  return createHash('sha256').update(JSON.stringify(body)).digest('hex');
}

function askedOf(body: ChatBody): Asked {
  const text = body.messages.map(({ content }) => content).join('\n');
  const texts = [...text.matchAll(/<(data-[0-9a-f]{24}) (\w+)>\n([\s\S]*?)\n<\/\1>/gu)];
  const shown = (name: string): readonly string[] =>
    texts.filter((match) => match[2] === name).map((match) => match[3] ?? '');
  return { body, shown, first: (name) => shown(name)[0] ?? '' };
}

/** Replies that are paid and cannot be read, whatever was asked for. A model says so of one request whenever it is asked. */
const NONSENSE: readonly ((text: string) => Behaviour)[] = [
  (text) => ({ kind: 'reply', text: text.slice(0, text.length / 2), finishReason: 'length' }),
  () => ({ kind: 'reply', text: '' }),
  () => ({ kind: 'refusal' }),
  () => ({ kind: 'content_filter' }),
];

/** And those that are no more than text. */
const NO_JSON: readonly ((text: string) => Behaviour)[] = [
  () => ({ kind: 'reply', text: 'I would say yes.' }),
  () => ({ kind: 'reply', text: '{"verdict":"perhaps"}' }),
  () => ({ kind: 'reply', text: '{"verdict":"good"} or {"verdict":"bad"}' }),
  (text) => ({ kind: 'reply', text: text.slice(0, -1) }),
];

/** Failures of the way to a reply: asked again, the same request fares better. */
const FAILURES: readonly ((body: ChatBody, text: string) => Behaviour)[] = [
  () => ({ kind: 'status', status: 429, headers: { 'retry-after-ms': '5' } }),
  () => ({ kind: 'status', status: 429 }),
  () => ({ kind: 'status', status: 500 }),
  () => ({ kind: 'status', status: 503 }),
  () => ({ kind: 'status', status: 529 }),
  () => ({ kind: 'hang' }),
  () => ({ kind: 'cut', after: 'request' }),
  () => ({ kind: 'cut', after: 'headers' }),
  (body, text) => ({
    kind: 'raw',
    body: completionText(body, { kind: 'reply', text }, undefined).slice(0, 90),
    isBilled: false,
  }),
  () => ({ kind: 'raw', body: '<html>Bad gateway</html>', isBilled: false }),
  () => ({ kind: 'raw', body: '{"choices":[]}', isBilled: false }),
];

/** Of all failures: as many as there are of each kind. */
const NONSENSE_SHARE = 0.4;

/**
 * The model behind `behave`, failing in a share of its calls in every way that it knows. Nonsense is decided by the request (its
 * seed included), everything else by chance: two runs that ask the same read the same.
 */
export function unreliable(
  behave: (body: ChatBody) => Behaviour,
  { share = 0.3, seed = 1 }: { readonly share?: number; readonly seed?: number } = {},
): (body: ChatBody) => Behaviour {
  const random = createRandom(seed);
  const nonsenseShare = share * NONSENSE_SHARE;
  const failureShare = (share - nonsenseShare) / (1 - nonsenseShare);
  return (body) => {
    const said = behave(body);
    if (said.kind !== 'reply') return said;
    if (random.next() < failureShare) {
      const failure = FAILURES[random.below(FAILURES.length)];
      if (failure !== undefined) return failure(body, said.text);
    }
    const drawn = createRandom(parseInt(identityOf(body).slice(0, 12), 16));
    if (drawn.next() >= nonsenseShare) return said;
    const ways = schemaNameOf(body) === undefined ? NONSENSE : [...NONSENSE, ...NO_JSON];
    return ways[drawn.below(ways.length)]?.(said.text) ?? said;
  };
}
