// Completions for prompts as one graph: prompts are read once, each of a group goes on from the same cache, and an ONNX Loop
// draws token after token without coming back. Whoever runs it brings the random numbers, so a seed gives the same tokens
// wherever it is resumed.

import { Graph, type Dim, type Value } from '../graph.ts';
import { add, and, cast, compare, div, not, sub, where } from '../ops/arithmetic.ts';
import { anyOf } from '../ops/functions.ts';
import { take } from '../ops/indexing.ts';
import { concat, reshape, sum, transpose } from '../ops/shapes.ts';
import { draw, type DrawnToken } from './drawn-token.ts';
import { readPrompts, readToken, type PlacedDecoder } from './next-token.ts';

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
  const drawFrom = (given: Value, round: Value): DrawnToken =>
    draw(div(given, temperature), take(uniforms, round));

  // The first token needs no round: each round reads the token before it and draws one, so none is read for nothing.
  const first = drawFrom(logits, graph.scalar(0, 'int64'));
  const isOpen = not(compare('Equal', first.token, end));

  const body = new Graph(graph);
  const round = body.input('round', 'int64', []);
  body.input('goes_on', 'bool', []);
  const carried = {
    token: body.input('token', 'int64', ['batch']),
    isOpen: body.input('is_open', 'bool', ['batch']),
    caches: caches.map((cache, index) => body.input(`cache${index}`, 'float', cache.dims.with(2, 'tokens'))),
  };
  const next = readToken(options, carried.token, { caches: carried.caches, starts, width, round });
  const drawn = drawFrom(next.logits, add(round, 1));
  const token = where(carried.isOpen, drawn.token, end);
  const stillOpen = and(carried.isOpen, not(compare('Equal', token, end)));
  body.output('goes_on_next', anyOf(stillOpen));
  body.output('token_next', token);
  body.output('is_open_next', stillOpen);
  next.caches.forEach((cache, index) => body.output(`cache${index}_next`, cache));
  body.output('drawn', token);
  body.output('log_probability', drawn.logProbability);
  body.output('counts', cast(carried.isOpen, 'int64'));

  const stacked: readonly Dim[] = ['steps', 'batch'];
  const results = graph.loop({
    rounds: sub(rounds, 1),
    begins: anyOf(isOpen),
    carried: [first.token, isOpen, ...caches],
    body,
    results: [
      { type: 'int64', dims: ['batch'] },
      { type: 'bool', dims: ['batch'] },
      ...caches.map(({ dims }) => ({ type: 'float', dims: dims.with(2, 'tokens at the end') }) as const),
      { type: 'int64', dims: stacked },
      { type: 'float', dims: stacked },
      { type: 'int64', dims: stacked },
    ],
  });
  const [tokens, logProbabilities, counted] = results.slice(-3).map(ofBatch);
  if (tokens === undefined || logProbabilities === undefined || counted === undefined)
    throw new TypeError('The loop gave too little');
  graph.output('tokens', transpose(behind(first.token, tokens), [1, 0]));
  graph.output('log_probabilities', transpose(behind(first.logProbability, logProbabilities), [1, 0]));
  graph.output('counts', add(sum(counted, { axes: [0] }), 1));
}

/** What the first token gave, and behind it what the rounds gave: [steps + 1, batch]. */
function behind(first: Value, rounds: Value): Value {
  return concat([reshape(first, [1, 'batch']), rounds], 0, 'steps+1');
}

/** Where there was no round, the runtime does not know how wide what it stacked is: [steps, batch]. */
function ofBatch(stacked: Value): Value {
  const { graph } = stacked;
  // A 0 keeps the number of rounds.
  const shape = concat([graph.integers([0]), graph.shape(['batch'])], 0);
  return graph.node({
    op: 'Reshape',
    inputs: [stacked, shape],
    dims: ['steps', 'batch'],
    type: stacked.type,
  });
}
