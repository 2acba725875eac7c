// Writes ONNX models: the few messages of onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto) that a
// network of dense layers needs, in protobuf's wire format. Write only.

/** Data types of onnx.proto that are used here. */
export const FLOAT = 1;
export const INT64 = 7;

export interface OnnxTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: Float32Array | BigInt64Array;
}

export type OnnxAttribute = number | string | readonly number[] | { readonly float: number };

export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
}

/** An input or output; a name instead of a size is a dimension that each run chooses. */
export interface OnnxValue {
  readonly name: string;
  readonly type: typeof FLOAT | typeof INT64;
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
  const body = message([
    ...graph.nodes.map((node, index) => nested(1, nodeBytes(node, index))),
    text(2, 'graph'),
    ...graph.initializers.map((tensor) => nested(5, tensorBytes(tensor))),
    ...graph.inputs.map((value) => nested(11, valueBytes(value))),
    ...graph.outputs.map((value) => nested(12, valueBytes(value))),
  ]);
  return message([number(1, IR_VERSION), text(2, 'groupwise'), nested(7, body), nested(8, opset)]);
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
  const [FLOAT_ATTRIBUTE, INT, STRING, INTS] = [1, 2, 3, 7];
  if (typeof value === 'number') return message([text(1, name), number(3, value), number(20, INT)]);
  if (typeof value === 'string') return message([text(1, name), text(4, value), number(20, STRING)]);
  if ('float' in value) {
    const bytes = Buffer.alloc(4);
    bytes.writeFloatLE(value.float);
    return message([text(1, name), varint(tag(2, 5)), bytes, number(20, FLOAT_ATTRIBUTE)]);
  }
  return message([text(1, name), ...value.map((each) => number(8, each)), number(20, INTS)]);
}

function tensorBytes({ name, dims, data }: OnnxTensor): Buffer {
  const type = data instanceof Float32Array ? FLOAT : INT64;
  const raw = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return message([...dims.map((dim) => number(1, dim)), number(2, type), text(8, name), nested(9, raw)]);
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
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  return Buffer.from([...bytes, Number(rest)]);
}
