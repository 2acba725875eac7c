// Models write LaTeX into JSON strings and forget to double its backslashes: "\frac" is then a form feed and "rac", "\sqrt" no
// JSON at all. This doubles the backslashes that were meant as such. JSON that holds no such slip is left as it is.

/**
 * Commands that begin as an escape of JSON does that text may well hold: a line break or a tab before a word. Only whole
 * commands count, so that "\nThe" and "\nuclear" stay line breaks; "\nu", which could be either, is the Greek letter.
 */
const COMMANDS_N =
  'nabla ncong ne nearrow neg neq newline nexists ngeq ngtr nleftarrow nleq nless nmid nolimits nonumber not notin nparallel nprec nrightarrow nsim nsubseteq nsucc nsupseteq nu nwarrow';
const COMMANDS_T =
  'tag tan tanh tau tbinom text textbf textcolor textdegree textit textmd textnormal textrm textsc textsf textstyle textsubscript textsuperscript texttt textup tfrac therefore theta thetasym thickapprox thicksim thickspace thinspace tilde times to top triangle triangledown triangleleft trianglelefteq triangleq triangleright trianglerighteq twoheadleftarrow twoheadrightarrow';

const COMMANDS: ReadonlySet<string> = new Set([...COMMANDS_N.split(' '), ...COMMANDS_T.split(' ')]);

/** A string of JSON, or what stands open at the end. */
const STRING = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"?/gu;
/** One escape with the letters behind it, or a control character that JSON demands to be escaped. */
const ESCAPE = /\\(?:u[0-9A-Fa-f]{4}|[A-Za-z]+|[\s\S]|$)|\p{Cc}/gu;

/** `json` with strings that say what was meant. Linear in its length; never turns valid JSON into invalid. */
export function withLatexKept(json: string): string {
  if (!/[\\\p{Cc}]/u.test(json)) return json;
  return json.replaceAll(STRING, (string) => string.replaceAll(ESCAPE, escapeMeant));
}

function escapeMeant(found: string): string {
  if (!found.startsWith('\\')) return `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`;
  const [first = ''] = found.slice(1);
  if (/[A-Za-z]/u.test(first)) return isEscape(first, found.slice(1)) ? found : `\\${found}`;
  if (first === '"' || first === '\\' || first === '/') return found;
  // Other languages escape an apostrophe.
  if (first === "'") return "'";
  return first === '\n' ? '\\n' : `\\${found}`;
}

/** Whether a backslash before these letters is an escape of JSON: `first` alone, or `u` with its four digits. */
function isEscape(first: string, letters: string): boolean {
  switch (first) {
    case 'n':
    case 't':
      return !COMMANDS.has(letters);
    case 'r':
    case 'b':
    case 'f':
      // Before a letter nobody means a carriage return, a backspace or a form feed.
      return letters.length === 1;
    case 'u':
      return /^u[0-9A-Fa-f]{4}$/u.test(letters);
    default:
      return false;
  }
}
