// Writes ONNX models: the few messages of onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto) that our
// networks need, in protobuf's wire format. Write only; what a graph means is not known here.

/** Data types of onnx.proto that are used here. */
export const FLOAT = 1;
export const INT32 = 6;
export const INT64 = 7;
export const BOOL = 9;
export const FLOAT16 = 10;
export const DOUBLE = 11;
export const BFLOAT16 = 16;
export type OnnxType =
  | typeof FLOAT
  | typeof INT32
  | typeof INT64
  | typeof BOOL
  | typeof FLOAT16
  | typeof DOUBLE
  | typeof BFLOAT16;

export interface OnnxTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: Float32Array | Float64Array | BigInt64Array | ExternalData;
}

/** Numbers that stay where they lie: bytes of a file in the folder that the runtime is told of. */
export interface ExternalData {
  readonly type: OnnxType;
  /** Name of the file. */
  readonly location: string;
  /** In bytes. */
  readonly offset: number;
  /** In bytes. */
  readonly length: number;
}

export type OnnxAttribute =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly graph: OnnxGraph };

export interface OnnxNode {
  readonly op: string;
  /** An empty name stands for an optional input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
}

/** An input or output; a name instead of a size is a dimension that each run chooses. */
export interface OnnxValue {
  readonly name: string;
  readonly type: OnnxType;
  readonly dims: readonly (number | string)[];
}

export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

const IR_VERSION = 8;
const OPSET = 17;

/** The bytes of a `model.onnx`. */
export function writeOnnx(graph: OnnxGraph): Buffer {
  const opset = message([text(1, ''), number(2, OPSET)]);
  return message([
    number(1, IR_VERSION),
    text(2, 'groupwise'),
    nested(7, graphBytes(graph)),
    nested(8, opset),
  ]);
}

function graphBytes(graph: OnnxGraph): Buffer {
  return message([
    ...graph.nodes.map((node, index) => nested(1, nodeBytes(node, index))),
    text(2, 'graph'),
    ...graph.initializers.map((tensor) => nested(5, tensorBytes(tensor))),
    ...graph.inputs.map((value) => nested(11, valueBytes(value))),
    ...graph.outputs.map((value) => nested(12, valueBytes(value))),
  ]);
}

function nodeBytes({ op, inputs, outputs, attributes = {} }: OnnxNode, index: number): Buffer {
  return message([
    ...inputs.map((name) => text(1, name)),
    ...outputs.map((name) => text(2, name)),
    text(3, `${op}_${index}`),
    text(4, op),
    ...Object.entries(attributes).map(([name, value]) => nested(5, attributeBytes(name, value))),
  ]);
}

function attributeBytes(name: string, value: OnnxAttribute): Buffer {
  const [FLOAT_ATTRIBUTE, INT, STRING, GRAPH, INTS] = [1, 2, 3, 5, 7];
  if (typeof value === 'number') return message([text(1, name), number(3, value), number(20, INT)]);
  if (typeof value === 'string') return message([text(1, name), text(4, value), number(20, STRING)]);
  if ('graph' in value)
    return message([text(1, name), nested(6, graphBytes(value.graph)), number(20, GRAPH)]);
  if ('float' in value) {
    const bytes = Buffer.alloc(4);
    bytes.writeFloatLE(value.float);
    return message([text(1, name), varint(tag(2, 5)), bytes, number(20, FLOAT_ATTRIBUTE)]);
  }
  return message([text(1, name), ...value.map((each) => number(8, each)), number(20, INTS)]);
}

function tensorBytes({ name, dims, data }: OnnxTensor): Buffer {
  const sizes = dims.map((dim) => number(1, dim));
  if ('location' in data) {
    const EXTERNAL = 1;
    const places = { location: data.location, offset: String(data.offset), length: String(data.length) };
    const entries = Object.entries(places).map(([key, value]) =>
      nested(13, message([text(1, key), text(2, value)])),
    );
    return message([...sizes, number(2, data.type), text(8, name), ...entries, number(14, EXTERNAL)]);
  }
  const raw = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return message([...sizes, number(2, typeOf(data)), text(8, name), nested(9, raw)]);
}

function typeOf(data: Float32Array | Float64Array | BigInt64Array): OnnxType {
  if (data instanceof Float32Array) return FLOAT;
  return data instanceof Float64Array ? DOUBLE : INT64;
}

function valueBytes({ name, type, dims }: OnnxValue): Buffer {
  const shape = dims.map((dim) =>
    nested(1, message([typeof dim === 'number' ? number(1, dim) : text(2, dim)])),
  );
  const tensor = message([number(1, type), nested(2, message(shape))]);
  return message([text(1, name), nested(2, message([nested(1, tensor)]))]);
}

function message(fields: readonly Buffer[]): Buffer {
  return Buffer.concat(fields);
}

function tag(field: number, wireType: number): number {
  return field * 8 + wireType;
}

function number(field: number, value: number): Buffer {
  return Buffer.concat([varint(tag(field, 0)), varint(value)]);
}

function text(field: number, value: string): Buffer {
  return nested(field, Buffer.from(value));
}

function nested(field: number, bytes: Buffer): Buffer {
  return Buffer.concat([varint(tag(field, 2)), varint(bytes.length), bytes]);
}

/** Seven bits a byte, lowest first; a negative number takes ten bytes. */
function varint(value: number): Buffer {
  if (value >= 0 && value < 128) return Buffer.of(value);
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  return Buffer.from([...bytes, Number(rest)]);
}
