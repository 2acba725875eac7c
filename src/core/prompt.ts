// Chat messages, and how a QA pair becomes the prompt of a policy. Text of a pair is data: it never becomes a role. The
// wording itself lives in template files, which are handed in as a function.

export const ROLES = ['system', 'user', 'assistant'] as const;
export type Role = (typeof ROLES)[number];

export interface Message {
  readonly role: Role;
  readonly content: string;
}

/** The prompt side of a QA pair. */
export interface PromptSource {
  /** A question, or a conversation whose last user message asks it. */
  readonly question: string | readonly Message[];
  readonly choices?: readonly string[] | undefined;
}

/** What a policy template is given. */
export interface PromptValues {
  readonly question: string;
  readonly choices: readonly string[];
}

const LETTERS_IN_ALPHABET = 26;

/** The letter of the option at `index`, counted from 0: A … Z, then AA, AB, … as spreadsheets go on. */
export function choiceLetter(index: number): string {
  const last = String.fromCodePoint('A'.charCodeAt(0) + (index % LETTERS_IN_ALPHABET));
  return index < LETTERS_IN_ALPHABET
    ? last
    : choiceLetter(Math.floor(index / LETTERS_IN_ALPHABET) - 1) + last;
}

/**
 * The messages for the policy. A bare question becomes what `render` makes of it. A conversation keeps its messages and
 * their roles: only its last user message is worded by the template, and the template's system message is used only
 * where the conversation has none of its own.
 */
export function renderPrompt(
  source: PromptSource,
  render: (values: PromptValues) => readonly Message[],
): readonly Message[] {
  const choices = source.choices ?? [];
  if (typeof source.question === 'string') return render({ question: source.question, choices });

  const conversation = source.question;
  const asked = conversation.findLastIndex((message) => message.role === 'user');
  const asking = conversation[asked];
  if (asking === undefined) return conversation;
  const rendered = render({ question: asking.content, choices });
  const hasSystem = conversation.some((message) => message.role === 'system');
  return [
    ...(hasSystem ? [] : rendered.filter((message) => message.role === 'system')),
    ...conversation.slice(0, asked),
    ...rendered.filter((message) => message.role !== 'system'),
    ...conversation.slice(asked + 1),
  ];
}

/** All that the policy was shown, as one text: what a verifier needs to tell an answer from an echo. */
export function promptText(messages: readonly Message[]): string {
  return messages.map((message) => message.content).join('\n');
}
