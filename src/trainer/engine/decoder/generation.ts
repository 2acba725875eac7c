// Completions for prompts as one graph: prompts are read once, each of a group goes on from the same cache, and an ONNX Loop
// draws token after token without coming back. Whoever runs it brings the random numbers, so a seed gives the same tokens
// wherever it is resumed.

import { Graph, type Dim } from '../graph.ts';
import { and, cast, compare, div, not, where } from '../ops/arithmetic.ts';
import { anyOf, tokenLogProbabilities } from '../ops/functions.ts';
import { take } from '../ops/indexing.ts';
import { sum, transpose } from '../ops/shapes.ts';
import { draw, readPrompts, readToken, type PlacedDecoder } from './next-token.ts';

export interface GenerationOptions extends PlacedDecoder {
  /** The token that ends a completion, and fills it up behind its end. */
  readonly end: number;
}

/**
 * Adds a generation to a graph. Its inputs, beside the weights:
 * - `prompts`, `lengths`, `of`: see `readPrompts`
 * - `uniforms` float [rounds, batch] in [0, 1): a token is the first at which the running sum of probabilities exceeds it
 * - `rounds` int64 []: most tokens of a completion
 * - `temperature` float [], above 0: divides the logits
 *
 * Its outputs: `tokens` int64 [batch, steps]; `log_probabilities` float [batch, steps], of each token under the distribution
 * that it was drawn from; `counts` int64 [batch], tokens of each completion, its end among them. It stops as soon as all
 * completions have ended, so `steps` may be less than `rounds`.
 */
export function addGeneration(graph: Graph, options: GenerationOptions): void {
  const { end } = options;
  const { logits, caches, starts, width } = readPrompts(graph, options);
  const uniforms = graph.input('uniforms', 'float', ['rounds', 'batch']);
  const rounds = graph.input('rounds', 'int64', []);
  const temperature = graph.input('temperature', 'float', []);
  const isOpen = compare('GreaterOrEqual', starts, 0);

  const body = new Graph(graph);
  const round = body.input('round', 'int64', []);
  body.input('goes_on', 'bool', []);
  const carried = {
    logits: body.input('logits', 'float', logits.dims),
    isOpen: body.input('is_open', 'bool', ['batch']),
    caches: caches.map((cache, index) => body.input(`cache${index}`, 'float', cache.dims.with(2, 'tokens'))),
  };
  const scaled = div(carried.logits, temperature);
  const token = where(carried.isOpen, draw(scaled, take(uniforms, round)), end);
  const stillOpen = and(carried.isOpen, not(compare('Equal', token, end)));
  const next = readToken(options, token, { caches: carried.caches, starts, width, round });
  body.output('goes_on_next', anyOf(stillOpen));
  body.output('logits_next', next.logits);
  body.output('is_open_next', stillOpen);
  next.caches.forEach((cache, index) => body.output(`cache${index}_next`, cache));
  body.output('token', token);
  body.output('log_probability', tokenLogProbabilities(scaled, token));
  body.output('counts', cast(carried.isOpen, 'int64'));

  const stacked: readonly Dim[] = ['steps', 'batch'];
  const results = graph.loop({
    rounds,
    carried: [logits, isOpen, ...caches],
    body,
    results: [
      { type: 'float', dims: logits.dims },
      { type: 'bool', dims: ['batch'] },
      ...caches.map(({ dims }) => ({ type: 'float', dims: dims.with(2, 'tokens at the end') }) as const),
      { type: 'int64', dims: stacked },
      { type: 'float', dims: stacked },
      { type: 'int64', dims: stacked },
    ],
  });
  const [tokens, logProbabilities, counted] = results.slice(-3);
  if (tokens === undefined || logProbabilities === undefined || counted === undefined)
    throw new TypeError('The loop gave too little');
  graph.output('tokens', transpose(tokens, [1, 0]));
  graph.output('log_probabilities', transpose(logProbabilities, [1, 0]));
  graph.output('counts', sum(counted, { axes: [0] }));
}
