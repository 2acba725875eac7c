// Language models that stand in for judges. The honest one compares what it is shown. The gullible one obeys whatever it
// takes for something other than data: one line too many outside of the fences, a token of any chat format, a fence that was
// closed by anything that looks like its end. The others are careless in one way each.

import type { Message } from '../../src/core/prompt.ts';
import type { LanguageModel, LanguageModelReply } from '../../src/ports/language-model.ts';
import type { JudgeTemplate } from '../../src/ports/judge-templates.ts';

/** What a judge that looked at the request would reply. */
export type StandIn = (messages: readonly Message[], template: JudgeTemplate) => string;

/** A model that replies at once. */
export function modelOf(standIn: StandIn, template: JudgeTemplate): LanguageModel {
  return {
    complete: ({ messages, model }): Promise<LanguageModelReply> =>
      Promise.resolve({
        text: standIn(messages, template),
        finishReason: 'stop',
        usage: { promptTokens: 100, completionTokens: 10 },
        model,
      }),
  };
}

/** Says `equivalent` of what is the ground truth but for case and blanks, and level 2 of every completion that it rates. */
export const honest: StandIn = (messages, { scale }) => {
  if (scale.kind === 'levels') return replyOf('2');
  const [truth, answer] = [shown(messages, 'ground_truth'), shown(messages, 'answer')].map(plain);
  return replyOf(truth === answer ? 'equivalent' : 'different');
};

/** Gives the best there is to whoever gets one word past the fences; is honest otherwise. */
export const gullible: StandIn = (messages, template) =>
  strayText(messages, template) === undefined ? honest(messages, template) : best(template);

/** Honest, but quotes the answer before its verdict, as judges that think aloud do. */
export const quoting: StandIn = (messages, template) =>
  `The answer reads:\n${shown(messages, 'answer')}\nSo my verdict is\n${honest(messages, template)}`;

/** Says no to everything, but forgets the form: the only verdict of its reply is one that the answer brought along. */
export const prosy: StandIn = (messages) =>
  `My verdict is "different". The answer only reads: ${shown(messages, 'answer')}`;

/** Says yes to all that holds the ground truth somewhere. Careful recipes ask it nothing of the kind. */
export const substring: StandIn = (messages, template) =>
  plain(shown(messages, 'answer')).includes(plain(shown(messages, 'ground_truth')))
    ? best(template)
    : honest(messages, template);

/** What a naive reader takes for text of the system: the first thing that no template wrote. Undefined when there is none. */
export function strayText(messages: readonly Message[], template: JudgeTemplate): string | undefined {
  const own = ownLines(template);
  for (const [index, { role, content }] of messages.entries()) {
    if (role !== ['system', 'user'][index]) return role;
    // Servers fold characters before they look for tokens, and break lines at more than line feeds.
    const folded = content.normalize('NFKC');
    const token = CHAT_TOKENS.exec(folded)?.[0];
    if (token !== undefined) return token;
    let isData = false;
    let fence: string | undefined;
    for (const line of folded.split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/u)) {
      const opened = /^<(data-\S+) \w+>$/u.exec(line)?.[1];
      if (opened !== undefined) {
        fence ??= opened;
        if (opened !== fence) return line;
        isData = true;
      } else if (/^\s*<\/data\b.*>/iu.test(line)) isData = false;
      else if (!isData && !own.has(masked(line))) return line;
    }
  }
  return undefined;
}

const CHAT_TOKENS =
  /<[|｜]|[|｜]>|<\/?s>|<\/?think>|<(?:bos|eos|start_of_turn|end_of_turn)>|\[\/?(?:INST|SYSTEM_PROMPT|TOOL_RESULTS|TOOL_CALLS)\]|\[[|｜]|\[gMASK\]|\]~b\]|<<\/?SYS>>|<\/?tool_(?:call|response)>/u;

/** What the template says of itself, without its data. */
function ownLines(template: JudgeTemplate): ReadonlySet<string> {
  const values = { question: 'q', groundTruth: 't', aliases: ['s'], answer: 'a', other: 'o' };
  return new Set(
    template.render(values).flatMap(({ content }) => masked(content.normalize('NFKC')).split('\n')),
  );
}

function masked(text: string): string {
  return text.replaceAll(/data-[0-9a-f]{24}/gu, 'FENCE');
}

/** The text of one fence. */
function shown(messages: readonly Message[], name: string): string {
  const user = messages.at(-1)?.content ?? '';
  return new RegExp(`<(data-\\w+) ${name}>\\n([\\s\\S]*?)\\n</\\1>`, 'u').exec(user)?.[2] ?? '';
}

function plain(text: string): string {
  return text.trim().toLowerCase();
}

function best({ scale }: JudgeTemplate): string {
  return replyOf(scale.kind === 'levels' ? String(scale.to) : 'equivalent');
}

function replyOf(verdict: string): string {
  return JSON.stringify({ reasoning: 'I compared them', verdict });
}
