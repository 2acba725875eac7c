// Makes text safe to be shown to a judge: inside a fence that it cannot close, without the markers that chat templates turn
// into roles. What is shown stays readable; nothing is ever parsed again.

import { createHash } from 'node:crypto';

const FENCE_HEX = 24;

/** How a prompt speaks of fences where each text has one of its own. */
export const ANY_FENCE = 'data-…';

/**
 * The name of the fence for these texts: `data-` and 24 hex digits of their hash. A text that holds its own fence would be a
 * fixed point of SHA-256 truncated to 96 bits; and unlike a random one, this fence makes equal questions equal requests.
 */
export function fenceOf(texts: readonly string[]): string {
  return `data-${createHash('sha256').update(JSON.stringify(texts)).digest('hex').slice(0, FENCE_HEX)}`;
}

/** `text` between an opening and a closing line of the fence; `name` is ours, never the caller's. */
export function fenced(
  text: string,
  { fence, name }: { readonly fence: string; readonly name: string },
): string {
  return `<${fence} ${name}>\n${withoutMarkers(text)}\n</${fence}>`;
}

/**
 * Spelling of special tokens in the chat formats of common models. Tokenizers may turn them into roles wherever they stand,
 * so each is torn after its first character by a blank. So is what looks like a fence: a judge may read names carelessly; and
 * the keys of a verdict and of a grade: a judge that only quotes it in prose must not be taken to have given it.
 */
const MARKERS = new RegExp(
  [
    /<(?=[|｜])|[|｜](?=>)|\[(?=[|｜])|[|｜](?=\])/u,
    /<(?=\/?data\b)/u,
    /<(?=\/?(?:s|bos|eos|pad|unk|mask|think|start_of_turn|end_of_turn|unused\d+|tool_call|tool_response)>)/u,
    /<(?=(?:start_of_image|end_of_image|sop|eop|eoh|eoa|reserved_\d+|extra_id_\d+|SPECIAL_\d+)>)|<(?=<\/?SYS>)/u,
    /\[(?=\/?(?:INST|SYSTEM_PROMPT|MODEL_SETTINGS|AVAILABLE_TOOLS|TOOL_RESULTS|TOOL_CONTENT|TOOL_CALLS|THINK)\])/u,
    /\[(?=(?:ARGS|CALL_ID|PREFIX|MIDDLE|SUFFIX|g?MASK|sMASK|UNUSED_TOKEN_\d+)\])|\](?=~!?b[[\]])|\[(?=e~\[)/u,
    /"(?=(?:verdict|result)\\*"\s*:)/u,
  ]
    .map(({ source }) => source)
    .join('|'),
  'giu',
);

/** Without special tokens and control characters; everything else is as it was. */
export function withoutMarkers(text: string): string {
  const shown = text
    .toWellFormed()
    // Control characters but tab and line feed, and the line separators that some renderers break lines at.
    .replaceAll(/\r\n?|[\u2028\u2029\u0085]/gu, '\n')
    .replaceAll(/(?![\t\n])\p{Cc}/gu, '\uFFFD');
  return shown.normalize('NFKC') === shown ? shown.replaceAll(MARKERS, '$& ') : tornWhereFolded(shown);
}

/** Full-width and other compatibility characters (＜｜im_start｜＞) are markers to a server that folds them: torn as well. */
function tornWhereFolded(text: string): string {
  let folded = '';
  /** For each unit of `folded`: where in `text` the character that it comes from ends. */
  const ends: number[] = [];
  let at = 0;
  for (const character of text) {
    at += character.length;
    const plain = character.normalize('NFKC');
    folded += plain;
    for (let unit = 0; unit < plain.length; unit += 1) ends.push(at);
  }
  let torn = '';
  let done = 0;
  for (const { 0: first, index } of folded.matchAll(MARKERS)) {
    const end = ends[index + first.length - 1] ?? done;
    torn += `${text.slice(done, end)} `;
    done = end;
  }
  return torn + text.slice(done);
}
