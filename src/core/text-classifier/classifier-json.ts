// A text classifier as JSON: the weights that are not 0, with their places.

import { isJsonObject } from '../canonical-json.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import type { TextClassifier } from './classifier.ts';

const KIND = 'groupwise.text-classifier';
const VERSION = 1;
const BITS_MAX = 24;

export function classifierToJson({ bits, bias, weights }: TextClassifier): JsonObject {
  const places: number[] = [];
  const values: number[] = [];
  weights.forEach((weight, place) => {
    if (weight === 0) return;
    places.push(place);
    values.push(weight);
  });
  return { kind: KIND, version: VERSION, bits, bias, places, weights: values };
}

/** @throws TypeError that says what is wrong with it */
export function classifierFromJson(json: JsonValue): TextClassifier {
  if (!isJsonObject(json)) return refuse('it is no object');
  const { kind, version, bits, bias, places, weights } = json;
  if (kind !== KIND || version !== VERSION) return refuse(`it is not "${KIND}", version ${VERSION}`);
  if (typeof bits !== 'number' || !Number.isInteger(bits) || bits < 1 || bits > BITS_MAX) {
    return refuse(`"bits" is not a whole number from 1 to ${BITS_MAX}`);
  }
  if (typeof bias !== 'number') return refuse('"bias" is not a number');
  if (!Array.isArray(places) || !Array.isArray(weights) || places.length !== weights.length) {
    return refuse('"places" and "weights" are not two lists of one length');
  }
  const all = new Float64Array(2 ** bits);
  for (const [index, place] of places.entries()) {
    const weight: JsonValue | undefined = weights[index];
    if (typeof place !== 'number' || !Number.isInteger(place) || place < 0 || place >= all.length) {
      return refuse(`place ${index + 1} is not a whole number below ${all.length}`);
    }
    if (typeof weight !== 'number') return refuse(`weight ${index + 1} is not a number`);
    all[place] = weight;
  }
  return { bits, bias, weights: all };
}

function refuse(what: string): never {
  throw new TypeError(`Cannot read a text classifier: ${what}`);
}
