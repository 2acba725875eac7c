// A numbered list of tasks as one reply holds it. It is read strictly: an entry that has another number than it should, or lacks a part,
// is dropped with its text, and never pieced together with its neighbour.

import type { Drop } from '../item.ts';
import type { ReadTasks, SeedTask, WrittenTask } from './rounds.ts';

const ENTRY = /^(\d+)\. Task:/gmu;
const PARTS = /^\d+\. Task:([\s\S]*?)\nInput:([\s\S]*?)\nAnswer:([\s\S]*)$/u;
const PART = /^(?:Task|Input|Answer):/mu;
const NO_INPUT = /^(?:<?none>?|<?no ?input>?|n\/a|-)?\.?$/iu;

/** An entry as it is to be written. */
export function writeTaskEntry(number: number, { question, answer }: SeedTask): string {
  return `${number}. Task: ${question}\nInput: none\nAnswer: ${answer}`;
}

/** The entries 1, 2, 3, … of a reply, `most` at most. What stands before the first is no entry. */
export function readTaskList(text: string, most: number): ReadTasks {
  const lines = text.replaceAll('\r\n', '\n');
  const starts = [...lines.matchAll(ENTRY)];
  if (starts.length === 0) return { tasks: [], drops: [{ reason: 'no_list', detail: text.slice(0, 200) }] };
  const tasks: WrittenTask[] = [];
  const drops: Drop[] = [];
  for (const [index, start] of starts.entries()) {
    const entry = lines.slice(start.index, starts[index + 1]?.index).trim();
    const task = Number(start[1]) === index + 1 ? readEntry(entry) : undefined;
    if (task === undefined) drops.push({ reason: 'malformed_entry', detail: entry });
    else if (tasks.length >= most) drops.push({ reason: 'more_than_asked', detail: task.task });
    else tasks.push(task);
  }
  return { tasks, drops };
}

function readEntry(entry: string): WrittenTask | undefined {
  const [, task = '', input = '', answer = ''] = (PARTS.exec(entry) ?? []).map((part) => part.trim());
  // A part that stands there twice has swallowed another entry.
  if (task === '' || answer === '' || [task, input, answer].some((part) => PART.test(part))) return undefined;
  return { task, question: NO_INPUT.test(input) ? task : `${task}\n\n${input}`, answer };
}
