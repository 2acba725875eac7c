// A Responses object of OpenAI's API, as far as scoring reads it: the text of the last thing that the assistant said. What it
// thought and which tools it called is not an answer.

import { z } from 'zod';
import { LIMITS } from '../../contract/limits.ts';
import { text } from '../../contract/schemas/values.ts';
import { must } from '../../contract/wording.ts';
import { invalidArgument } from '../../core/errors.ts';

const part = z.looseObject({ type: z.string(), text: text(LIMITS.completionCharsMax).optional() });
const item = z.looseObject(
  { type: z.string().optional(), role: z.string().optional(), content: z.unknown().optional() },
  { error: must('an item of an output') },
);
const parts = z.union([text(LIMITS.completionCharsMax), z.array(part)]);

export const responseSchema = z.looseObject(
  {
    output: z.array(item, { error: must('a list of items') }),
    status: z.string().nullish(),
    incomplete_details: z.looseObject({ reason: z.string().nullish() }).nullish(),
  },
  { error: must('a response with its output') },
);

export interface RespondedText {
  readonly text: string;
  /** The response was cut at its limit of tokens. */
  readonly isTruncated: boolean;
}

/** Empty where the assistant said nothing: that is an answer of its own, and a wrong one. */
export function completionOf(response: z.output<typeof responseSchema>): RespondedText {
  const { output, status, incomplete_details: details } = response;
  const at = output.findLastIndex(({ type = 'message', role }) => type === 'message' && role === 'assistant');
  const isTruncated = status === 'incomplete' && details?.reason === 'max_output_tokens';
  if (at === -1) return { text: '', isTruncated };
  const read = parts.safeParse(output[at]?.content);
  if (!read.success) {
    throw invalidArgument(
      `response.output[${at}].content`,
      'Must be a text, or a list of parts with their texts',
    );
  }
  const said = typeof read.data === 'string' ? read.data : read.data.map(outputText).join('');
  return { text: said, isTruncated };
}

function outputText({ type, text: said }: z.output<typeof part>): string {
  return type === 'output_text' || type === 'text' ? (said ?? '') : '';
}
