// Questions whose answers follow from their text, so that a load test can tell a right reward from a wrong one without
// ever having seen a ground truth. Pure.

const OPERAND_MAX = 9_973;
const QUESTION = /What is (\d+) \+ (\d+)\?/;

/** The question at `index`, with its only answer. Indexes up to about 10⁷ give different questions. */
export function arithmeticQuestion(index: number): { readonly question: string; readonly answer: string } {
  const left = 10 + (index % OPERAND_MAX);
  const right = 10 + ((Math.floor(index / OPERAND_MAX) * 7 + index * 31) % OPERAND_MAX);
  return { question: `What is ${left} + ${right}?`, answer: String(left + right) };
}

/** The answer to the arithmetic question in `prompt`, or undefined when there is none: the prompt is not one of ours. */
export function arithmeticAnswer(prompt: string): string | undefined {
  const match = QUESTION.exec(prompt);
  return match === null ? undefined : String(Number(match[1]) + Number(match[2]));
}

/** Rows of `arithmeticDataset`. */
export const ARITHMETIC_ROWS = 10_000;

/** A dataset of such questions as JSONL, in the layout of the native import. */
export function arithmeticDataset(): string {
  return Array.from({ length: ARITHMETIC_ROWS }, (_, index) => {
    const { question, answer } = arithmeticQuestion(index);
    return `${JSON.stringify({ question, ground_truth: answer, answer_type: 'math', split: 'train' })}\n`;
  }).join('');
}
