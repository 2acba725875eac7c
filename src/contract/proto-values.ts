// The few values that protobuf writes differently from the wire's JSON: enums, times, structs. Enums of the proto list the
// values of the core in the same order, after UNSPECIFIED; a test holds them together.

import type { JsonObject, JsonValue } from '../core/json.ts';

/** A message as the proto loader decodes it: fields that were not sent are absent, enums are numbers. */
export type ProtoMessage = Record<string, unknown>;

export interface ProtoTimestamp {
  readonly seconds?: number;
  readonly nanos?: number;
}

export interface ProtoStruct {
  readonly fields?: Readonly<Record<string, ProtoValue>>;
}

/** google.protobuf.Value; its names are camel case in the loader's own copy. */
interface ProtoValue {
  readonly nullValue?: 0;
  readonly numberValue?: number;
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly structValue?: ProtoStruct;
  readonly listValue?: { readonly values?: readonly ProtoValue[] };
}

/** `undefined` for UNSPECIFIED; a number that the proto does not know is kept, for the schema to refuse. */
export function enumFromProto(values: readonly string[], number: unknown): unknown {
  if (number === undefined || number === 0) return undefined;
  return typeof number === 'number' ? (values[number - 1] ?? number) : number;
}

export function enumToProto(values: readonly string[], value: string): number {
  return values.indexOf(value) + 1;
}

/** RFC 3339 with milliseconds; `undefined` where there is no time. */
export function timeFromProto(time: ProtoTimestamp | undefined): string | undefined {
  if (time === undefined) return undefined;
  return new Date((time.seconds ?? 0) * 1000 + Math.floor((time.nanos ?? 0) / 1e6)).toISOString();
}

export function timeToProto(time: string): ProtoTimestamp {
  const ms = Date.parse(time);
  const seconds = Math.floor(ms / 1000);
  return { seconds, nanos: (ms - seconds * 1000) * 1e6 };
}

/** Keys become own properties whatever their name is. */
export function objectFromProto(struct: ProtoStruct): JsonObject {
  return Object.fromEntries(
    Object.entries(struct.fields ?? {}).map(([key, value]) => [key, valueFromProto(value)]),
  );
}

export function objectToProto(object: JsonObject): ProtoStruct {
  return {
    fields: Object.fromEntries(Object.entries(object).map(([key, value]) => [key, valueToProto(value)])),
  };
}

function valueFromProto(value: ProtoValue): JsonValue {
  if (value.stringValue !== undefined) return value.stringValue;
  if (value.numberValue !== undefined) return value.numberValue;
  if (value.boolValue !== undefined) return value.boolValue;
  if (value.structValue !== undefined) return objectFromProto(value.structValue);
  if (value.listValue !== undefined) return (value.listValue.values ?? []).map(valueFromProto);
  return null;
}

function valueToProto(value: JsonValue): ProtoValue {
  if (value === null) return { nullValue: 0 };
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'number') return { numberValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (isList(value)) return { listValue: { values: value.map(valueToProto) } };
  return { structValue: objectToProto(value) };
}

/** `Array.isArray` does not narrow a read-only list. */
function isList(value: JsonObject | readonly JsonValue[]): value is readonly JsonValue[] {
  return Array.isArray(value);
}
