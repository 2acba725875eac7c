// Which of the optional parts of a chat completion request a server takes. Servers differ: some lack JSON schemas, some
// reasoning models take neither `max_tokens` nor a temperature. A request goes down this ladder one rung a refusal.

export interface RequestForm {
  readonly format: 'json_schema' | 'json_object' | 'plain';
  readonly tokensKey: 'max_tokens' | 'max_completion_tokens';
  readonly hasTemperature: boolean;
  readonly hasSeed: boolean;
  readonly hasTopP: boolean;
  readonly hasEffort: boolean;
}

export const FULL_FORM: RequestForm = {
  format: 'json_schema',
  tokensKey: 'max_tokens',
  hasTemperature: true,
  hasSeed: true,
  hasTopP: true,
  hasEffort: true,
};

/**
 * The form to try after a refusal, by what the refusal names; a refusal that names no part is blamed on the format. Undefined
 * when there is nothing left to leave out.
 */
export function simplerForm(form: RequestForm, refusal: string): RequestForm | undefined {
  if (form.tokensKey === 'max_tokens' && /\bmax_tokens\b/u.test(refusal))
    return { ...form, tokensKey: 'max_completion_tokens' };
  if (form.hasTemperature && /\btemperature\b/u.test(refusal)) return { ...form, hasTemperature: false };
  if (form.hasSeed && /\bseed\b/u.test(refusal)) return { ...form, hasSeed: false };
  if (form.hasTopP && /\btop_p\b/u.test(refusal)) return { ...form, hasTopP: false };
  if (form.hasEffort && /\breasoning_effort\b/u.test(refusal)) return { ...form, hasEffort: false };
  if (form.format === 'json_schema') return { ...form, format: 'json_object' };
  if (form.format === 'json_object') return { ...form, format: 'plain' };
  return undefined;
}
