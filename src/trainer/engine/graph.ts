// A graph of ONNX operators under construction: values with shapes, nodes, constants, inputs and outputs. What an operator
// means, and how it is differentiated, is in `ops`; this file knows names and shapes alone.
//
// A dimension that each run chooses is a name, as in [batch, length, 64]. Equal names are equal sizes; the graph remembers
// where it saw a name first, so a shape that has names in it can be computed while the graph runs.

import {
  encodeGraph,
  type ConstantPart,
  type Dim,
  type ElementType,
  type GraphParts,
  type NamedShape,
  type NodePart,
  type Precision,
} from './graph-encoding.ts';
import { writeOnnx, type ExternalData, type OnnxAttribute } from './onnx-writer.ts';

export type { Dim, ElementType, Precision } from './graph-encoding.ts';

export interface Value extends NamedShape {
  readonly graph: Graph;
  /** How the value came about, for differentiation; undefined where no gradient goes further back. */
  readonly origin: Origin | undefined;
}

export interface Origin {
  readonly inputs: readonly Value[];
  /** Gradient of the loss by the value → its gradients by `inputs`; undefined for an input that has none. */
  readonly pullBack: (gradient: Value) => readonly (Value | undefined)[];
}

export interface NodePlan {
  readonly op: string;
  /** Undefined: an optional input that is left out. */
  readonly inputs: readonly (Value | undefined)[];
  readonly dims: readonly Dim[];
  readonly type?: ElementType;
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
  readonly pullBack?: Origin['pullBack'];
}

export class Graph {
  readonly depth: number;
  readonly #parent: Graph | undefined;
  readonly #nodes: NodePart[] = [];
  readonly #constants: ConstantPart[] = [];
  readonly #inputs: Value[] = [];
  readonly #outputs: Value[] = [];
  readonly #scalars = new Map<string, Value>();
  readonly #shapes = new Map<string, Value>();
  /** Name of a dimension → a value that has it, and where. */
  readonly #sizes = new Map<string, { readonly value: Value; readonly axis: number }>();
  #count = 0;
  #bodies = 0;
  readonly #prefix: string;

  /** @param parent the graph whose values this one, the body of a loop, may use */
  constructor(parent?: Graph) {
    this.#parent = parent;
    this.depth = parent === undefined ? 0 : parent.depth + 1;
    this.#prefix = parent === undefined ? 'v' : parent.#nextBody();
  }

  /** A tensor that each run is given. */
  input(name: string, type: ElementType, dims: readonly Dim[]): Value {
    const value = this.#value(name, type, dims);
    this.#inputs.push(value);
    return value;
  }

  /** A tensor that each run gives back, under a name. Outputs come in the order of these calls. */
  output(name: string, value: Value): void {
    // Of the body of a loop places count, not names, and a copy by a node would be one for each round.
    if (this.#parent !== undefined && this.#isOwnResult(value) && !this.#outputs.includes(value)) {
      this.#outputs.push(value);
      return;
    }
    const named = this.#value(name, value.type, value.dims);
    this.#nodes.push({ op: 'Identity', inputs: [value.name], outputs: [name], attributes: {} });
    this.#outputs.push(named);
  }

  get inputs(): readonly Value[] {
    return this.#inputs;
  }

  get outputs(): readonly Value[] {
    return this.#outputs;
  }

  /** Numbers that are part of the graph, row by row, or that lie in a file. */
  constant(
    data: ArrayLike<number> | ExternalData,
    dims: readonly number[],
    type: ElementType = 'float',
  ): Value {
    const size = dims.reduce((product, dim) => product * dim, 1);
    if ('length' in data && !('location' in data) && data.length !== size)
      throw new RangeError(`Cannot make a constant of [${dims.join(', ')}]: it has ${data.length} numbers`);
    const value = this.#value(this.#next(), type, dims);
    this.#constants.push({ name: value.name, dims, type, data });
    return value;
  }

  /** A constant without dimensions; equal ones are one. */
  scalar(number: number, type: ElementType = 'float'): Value {
    const key = `${type} ${number}`;
    const known = this.#scalars.get(key);
    if (known !== undefined) return known;
    const value = this.constant([number], [], type);
    this.#scalars.set(key, value);
    return value;
  }

  integers(numbers: readonly number[]): Value {
    return this.constant(numbers, [numbers.length], 'int64');
  }

  /** A shape as int64 [rank]: a constant where it has no names, otherwise computed by each run. */
  shape(dims: readonly Dim[]): Value {
    const key = dims.join(',');
    const known = this.#shapes.get(key);
    if (known !== undefined) return known;
    const isFixed = dims.every((dim) => typeof dim === 'number');
    const value = isFixed
      ? this.integers(dims)
      : this.node({
          op: 'Concat',
          inputs: dims.map((dim) => this.#size(dim)),
          dims: [dims.length],
          type: 'int64',
          attributes: { axis: 0 },
        });
    this.#shapes.set(key, value);
    return value;
  }

  /** Adds an operator of one output. */
  node({ op, inputs, dims, type = 'float', attributes = {}, pullBack }: NodePlan): Value {
    const origin =
      pullBack === undefined
        ? undefined
        : { inputs: inputs.filter((input) => input !== undefined), pullBack };
    const value = this.#value(this.#next(), type, dims, origin);
    const names = inputs.map((input) => input?.name ?? '');
    this.#nodes.push({ op, inputs: names, outputs: [value.name], attributes });
    return value;
  }

  /**
   * Adds an ONNX Loop: its body's inputs are the round, the condition and what is carried; its outputs the condition, what
   * is carried, and one value for each of `stacked`, whose rounds come stacked in front.
   */
  loop(plan: {
    /** At most. */
    readonly rounds: Value;
    /** Whether there is a first round; default: there is. */
    readonly begins?: Value;
    readonly carried: readonly Value[];
    readonly body: Graph;
    /** Shapes of what comes out: first what is carried, then what is stacked. */
    readonly results: readonly { readonly type: ElementType; readonly dims: readonly Dim[] }[];
  }): readonly Value[] {
    const results = plan.results.map(({ type, dims }) => this.#value(this.#next(), type, dims));
    this.#nodes.push({
      op: 'Loop',
      inputs: [plan.rounds.name, plan.begins?.name ?? '', ...plan.carried.map(({ name }) => name)],
      outputs: results.map(({ name }) => name),
      attributes: {},
      body: plan.body.#parts,
    });
    return results;
  }

  /** The bytes of a model that runs this graph. Nodes and constants that no output needs are left out. */
  encode(precision: Precision = 'float32'): Buffer {
    return writeOnnx(encodeGraph(this.#parts, precision));
  }

  /** Neither an input, nor a constant, nor of a graph around this one. */
  #isOwnResult({ graph, name }: Value): boolean {
    return graph === this && this.#nodes.some(({ outputs }) => outputs.includes(name));
  }

  get #parts(): GraphParts {
    return {
      nodes: this.#nodes,
      constants: this.#constants,
      inputs: this.#inputs,
      outputs: this.#outputs,
    };
  }

  /** One size of a shape, as int64 [1]. */
  #size(dim: Dim): Value {
    if (typeof dim === 'number') return this.integers([dim]);
    const key = `size ${dim}`;
    const known = this.#shapes.get(key);
    if (known !== undefined) return known;
    const source = this.#source(dim);
    if (source === undefined)
      throw new RangeError(`Cannot compute a shape: no value has a dimension "${dim}"`);
    const { value, axis } = source;
    const sizes = this.node({ op: 'Shape', inputs: [value], dims: [value.dims.length], type: 'int64' });
    const size = this.node({
      op: 'Gather',
      inputs: [sizes, this.integers([axis])],
      dims: [1],
      type: 'int64',
    });
    this.#shapes.set(key, size);
    return size;
  }

  #source(dim: string): { readonly value: Value; readonly axis: number } | undefined {
    const own = this.#sizes.get(dim);
    return own !== undefined || this.#parent === undefined ? own : this.#parent.#source(dim);
  }

  #value(name: string, type: ElementType, dims: readonly Dim[], origin?: Origin): Value {
    const value = { graph: this, name, type, dims, origin };
    dims.forEach((dim, axis) => {
      if (typeof dim === 'string' && this.#source(dim) === undefined) this.#sizes.set(dim, { value, axis });
    });
    return value;
  }

  #next(): string {
    this.#count += 1;
    return `${this.#prefix}${this.#count}`;
  }

  #nextBody(): string {
    this.#bodies += 1;
    return `${this.#prefix}b${this.#bodies}_`;
  }
}
