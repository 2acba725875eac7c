// Wordings that give a question away as part of something else: it speaks of "the passage", points to what is not there, or
// asks about now. In English, as the questions are; a question in another language passes all of them.

/** What a question must not call its source. "Material" or "source" alone are physics as often as not. */
const SOURCE = String.raw`(?:(?:given|provided|above|following|preceding|accompanying|present|reading)\s+)?(?:text|passage|article|excerpt|extract|document|paragraph|snippet|author|writer|reading|chapter|section|lesson|web ?page|blog post|transcript|study guide)s?`;
const CITES: readonly RegExp[] = [
  new RegExp(
    String.raw`\b(?:according to|based on|as per|per|in view of|in the context of)\s+(?:the|this|that|these)\s+${SOURCE}\b`,
    'iu',
  ),
  new RegExp(
    String.raw`\b(?:stated|mentioned|described|discussed|given|shown|presented|listed|defined|explained|introduced|cited|quoted|provided|used)\s+(?:in|by|within|throughout)\s+(?:the|this|that)\s+${SOURCE}\b`,
    'iu',
  ),
  new RegExp(
    String.raw`\b(?:in|from|of|within|throughout|by)\s+(?:this|the (?:given|provided|above|following|preceding))\s+${SOURCE}\b`,
    'iu',
  ),
  /\b(?:in|from|within|throughout|by) the (?:text|passage|article|excerpt|extract|snippet|transcript)(?!\s+(?:of|by|on|from|\d))\b/iu,
  new RegExp(
    String.raw`\b(?:the|this)\s+${SOURCE}\s+(?:says?|states?|mentions?|describes?|discuss(?:es)?|gives?|lists?|explains?|claims?|notes?|suggests?|refers?|provides?|uses?|implies)\b`,
    'iu',
  ),
  new RegExp(
    String.raw`\b(?:does|did|do|is|was)\s+the\s+(?:text|passage|article|excerpt|author|writer|document|paragraph)s?\b(?!\s+(?:of|who|behind))`,
    'iu',
  ),
  /\baccording to (?:the )?(?:provided |given |above )?(?:information|material|source|context|content|data|description|details|text|passage|document)s?\b(?!\s+(?:of|from|by)\b)/iu,
  /\b(?:(?:provided|given|above) (?:information|material|context|content|description)|(?:information|material|context|content|description|details) (?:provided|given|above))\b/iu,
];

const DANGLES: readonly RegExp[] = [
  /\b(?:figure|fig\.|table|equation|eq\.|exhibit|diagram|box|appendix|footnote|listing)\s*\(?\d+(?:[.-]\d+)*\)?/iu,
  /\b(?:section|chapter|example|exercise|problem|question|step|page|part)\s+\d+(?:\.\d+)*\b(?!\s*(?:of|in)\s+\p{Lu})/iu,
  /\b(?:(?:shown|described|mentioned|listed|given|depicted|illustrated|stated|discussed|see|seen|as) (?:above|below|earlier|previously|before)|the (?:above|aforementioned|foregoing|preceding|latter|former) ?(?:\p{L}+)?|above[- ]mentioned|in the (?:figure|diagram|image|picture|photo(?:graph)?|table|graph|chart|illustration)(?! of| skating))\b/iu,
];

/** Of a question that is one sentence: its pointing words have nothing before them to point to. */
const POINTING = /\b(?:this|these|those)\b/iu;
const PRONOUN_SUBJECT =
  /^(?:(?:in|on|at|by|for|to|from|during|with)\s+)?(?:what|when|where|who|whom|whose|why|how|which)\b[^,;:?]{0,40}?\b(?:is|was|are|were|did|does|do|has|have|had|can|could|will|would|should)\s+(?:he|she|they|it(?!\s+(?:take|cost|mean|require|possible|necessary|called|known|said|true|that|to|rain|snow|make|become|common|legal|safe|customary|recommended|advis|important|better|best)))\b/iu;

const TIME_BOUND =
  /\b(?:currently|nowadays|as of (?:now|today)|at present|right now|to date|so far|today(?!['’]s\b)|(?:this|last|next) (?:year|month|week|decade|century)|recently|(?:the )?(?:latest|most recent|newest) \p{L}+|the current (?:president|prime minister|ceo|king|queen|chair(?:man|woman|person)?|head|leader|population|price|record|champion|version|holder))\b/iu;

/** A question mark of any script, a blank to fill in, or an order to find something. */
const MARK = /[?？؟⸮;]\s*["'”’)]*\s*$|[?？؟⸮]/u;
const BLANK = /_{2,}/u;
const ORDER =
  /(?:^|[.!:]\s+)(?:find|compute|calculate|determine|name|state|give|solve|evaluate|simplify|express|identify|list|write|convert|estimate|derive|prove|factor|expand|differentiate|integrate|choose|select|complete|fill in|translate|define|specify|provide|tell|report|work out)\b/iu;

/** Text that is quoted in a question is not its own wording. */
function ownWords(question: string): string {
  return question.replaceAll(/"[^"]*"|“[^”]*”|«[^»]*»|`[^`]*`/gu, ' " ');
}

/** The words in which the question speaks of its source. */
export function citationIn(question: string): string | undefined {
  return firstMatch(ownWords(question), CITES);
}

/** The words that point to something that the question does not name. */
export function danglingIn(question: string): string | undefined {
  const own = ownWords(question).trim();
  const outside = firstMatch(own, DANGLES);
  if (outside !== undefined) return outside;
  const first = own.split(/(?<=[.!?])\s+/u)[0] ?? own;
  const pronoun = PRONOUN_SUBJECT.exec(first)?.[0];
  if (pronoun !== undefined) return pronoun;
  const pointing = POINTING.exec(first);
  // Behind a comma, a colon or a quotation there is something that it may point to.
  if (pointing === null || /[,;:"]/u.test(first.slice(0, pointing.index))) return undefined;
  return first.slice(pointing.index, pointing.index + 40);
}

/** The words that make the answer depend on when it is asked. */
export function timeBoundIn(question: string): string | undefined {
  return TIME_BOUND.exec(ownWords(question))?.[0];
}

/** Whether anything is asked at all. */
export function asksSomething(question: string): boolean {
  return MARK.test(question) || BLANK.test(question) || ORDER.test(question.trim());
}

function firstMatch(text: string, patterns: readonly RegExp[]): string | undefined {
  for (const pattern of patterns) {
    const match = pattern.exec(text);
    if (match !== null) return match[0];
  }
  return undefined;
}
