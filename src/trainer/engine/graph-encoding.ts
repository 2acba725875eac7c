// Turns the parts of a graph into what `onnx-writer` writes: leaves out what no output needs, and gives every float the
// width that is asked for.

import {
  BOOL,
  DOUBLE,
  FLOAT,
  INT64,
  type ExternalData,
  type OnnxAttribute,
  type OnnxGraph,
  type OnnxNode,
  type OnnxTensor,
  type OnnxType,
  type OnnxValue,
} from './onnx-writer.ts';

/** `float` is written in 32 bits, or in 64 where gradients are checked. */
export type ElementType = 'float' | 'int64' | 'bool';
export type Precision = 'float32' | 'float64';
export type Dim = number | string;

export interface NamedShape {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly Dim[];
}

export interface ConstantPart {
  readonly name: string;
  readonly dims: readonly number[];
  readonly type: ElementType;
  readonly data: ArrayLike<number> | ExternalData;
}

export interface NodePart {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
  /** Of a loop; it may use values of the graph around it. */
  readonly body?: GraphParts;
}

/** In the order in which they were made: a node uses what came before it. */
export interface GraphParts {
  readonly nodes: readonly NodePart[];
  readonly constants: readonly ConstantPart[];
  readonly inputs: readonly NamedShape[];
  readonly outputs: readonly NamedShape[];
}

/** @param neededOutside gains the names of everything that this graph uses, those of the graph around it among them */
export function encodeGraph(
  parts: GraphParts,
  precision: Precision,
  neededOutside: Set<string> = new Set(),
): OnnxGraph {
  const needed = new Set(parts.outputs.map(({ name }) => name));
  const nodes: OnnxNode[] = [];
  for (const { op, inputs, outputs, attributes, body } of parts.nodes.toReversed()) {
    if (!outputs.some((name) => needed.has(name))) continue;
    for (const name of inputs) needed.add(name);
    const all =
      body === undefined
        ? attributesIn(attributes, precision)
        : { body: { graph: encodeGraph(body, precision, needed) } };
    nodes.push({ op, inputs, outputs, attributes: all });
  }
  for (const name of needed) neededOutside.add(name);
  const onnxValue = ({ name, type, dims }: NamedShape): OnnxValue => ({
    name,
    type: onnxType(type, precision),
    dims,
  });
  return {
    nodes: nodes.toReversed(),
    initializers: parts.constants
      .filter(({ name }) => needed.has(name))
      .map((constant) => onnxTensor(constant, precision)),
    inputs: parts.inputs.map(onnxValue),
    outputs: parts.outputs.map(onnxValue),
  };
}

function onnxType(type: ElementType, precision: Precision): OnnxType {
  if (type === 'float') return precision === 'float32' ? FLOAT : DOUBLE;
  return type === 'int64' ? INT64 : BOOL;
}

/** The one attribute that names a type is what a cast casts to. */
function attributesIn(attributes: NodePart['attributes'], precision: Precision): NodePart['attributes'] {
  return attributes['to'] === FLOAT ? { ...attributes, to: onnxType('float', precision) } : attributes;
}

function onnxTensor({ name, dims, type, data }: ConstantPart, precision: Precision): OnnxTensor {
  if ('location' in data) return { name, dims, data };
  if (type === 'bool') throw new TypeError('Constants are numbers');
  if (type === 'int64') return { name, dims, data: BigInt64Array.from(Array.from(data), BigInt) };
  if (precision === 'float64') return { name, dims, data: Float64Array.from(data) };
  return { name, dims, data: data instanceof Float32Array ? data : Float32Array.from(data) };
}
