// Chat messages, and how a QA pair becomes the prompt of a policy. Text of a pair is data: it never becomes a role.

export const ROLES = ['system', 'user', 'assistant'] as const;
export type Role = (typeof ROLES)[number];

export interface Message {
  readonly role: Role;
  readonly content: string;
}
