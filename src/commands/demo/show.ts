// How the demonstration looks: a stage as a line, one group as a line of rewards and a line of advantages. Only words and colours; colours only
// where a terminal shows them.

import { styleText } from 'node:util';
import type { CompletionResult, GroupResult, LeasedGroup } from '../../core/calls.ts';
import type { Completion } from '../../core/completion.ts';
import type { RunReport } from '../../generate/engine/funnel.ts';
import { formatCount, formatCounts, printLine } from '../options.ts';

const TEXT_CHARS = 92;
const COLUMN = 7;
const STAGE_COLUMN = 16;

export function heading(text: string): void {
  printLine(`\n${styleText('bold', text)}`);
}

/** The funnel of a generation run: what each stage took, what came out, and why the rest did not. */
export function showStages({ source, stages }: RunReport): void {
  printLine(`  ${formatCount(source.documents)} documents, ${formatCount(source.passages)} passages`);
  for (const { name, in: came, kept, made, dropped } of stages) {
    const reasons = formatCounts(dropped.map(({ reason, count }) => ({ name: reason, count })));
    printLine(
      `    ${name.padEnd(STAGE_COLUMN)}${formatCount(came).padStart(COLUMN)} → ${formatCount(kept + made).padEnd(COLUMN)}${styleText('dim', reasons)}`,
    );
  }
}

/** A leased group, what its completions earned, and what a trainer would multiply their log-probabilities with. */
export function showGroup(group: LeasedGroup, result: GroupResult): void {
  const [question = ''] = group.prompt.at(-1)?.content.split('\n') ?? [];
  const flags = result.flags.length === 0 ? '' : `   ${styleText('yellow', result.flags.join(', '))}`;
  printLine(`\n  ${styleText('cyan', group.groupId)}  ${cut(question)}`);
  printLine(`    rewards     ${result.completions.map(rewardCell).join('')}${flags}`);
  printLine(`    advantages  ${result.completions.map(advantageCell).join('')}`);
}

/** What the policy wrote in one group, what was taken out of each completion, and why it earned what it did. */
export function showCompletions(completions: readonly Completion[], result: GroupResult): void {
  for (const { memberIndex, outcome } of result.completions) {
    const { text = '', finishReason } = completions[memberIndex] ?? {};
    const [score] = outcome.scores;
    const answer =
      score?.answer === undefined ? 'no answer' : `"${score.answer}" (${score.answerSource ?? ''})`;
    const cutOff = finishReason === 'length' ? ' [truncated]' : '';
    printLine(`    ${memberIndex}  ${cut(text.replaceAll(/\s+/g, ' '))}${styleText('dim', cutOff)}`);
    printLine(
      styleText('dim', `       took ${answer}${score?.reason === undefined ? '' : `: ${score.reason}`}`),
    );
  }
}

function cut(text: string): string {
  return text.length > TEXT_CHARS ? `${text.slice(0, TEXT_CHARS - 1)}…` : text;
}

function rewardCell({ outcome }: CompletionResult): string {
  if (outcome.kind === 'unscorable') return styleText('magenta', '–'.padStart(COLUMN));
  const text = String(Number(outcome.reward.toFixed(2))).padStart(COLUMN);
  return styleText(outcome.reward >= 1 ? 'green' : 'dim', text);
}

function advantageCell({ advantage }: CompletionResult): string {
  if (advantage === undefined) return '?'.padStart(COLUMN);
  const text = `${advantage > 0 ? '+' : ''}${advantage.toFixed(2)}`.padStart(COLUMN);
  if (advantage === 0) return styleText('dim', text);
  return styleText(advantage > 0 ? 'green' : 'red', text);
}
