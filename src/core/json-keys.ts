// Finds keys that occur twice in one JSON object. `JSON.parse` keeps the last one and says nothing, so a text could hold
// two answers, one of them unseen.

/** Whether any object of `json` (which parses) has the same key twice. */
export function hasDuplicateKeys(json: string): boolean {
  // One set of keys for each open object, undefined for an open array.
  const open: (Set<string> | undefined)[] = [];
  let expectsKey = false;
  for (let at = 0; at < json.length; at += 1) {
    const mark = json[at];
    if (mark === '"') {
      const end = endOfString(json, at);
      const keys = open.at(-1);
      if (expectsKey && keys !== undefined) {
        const key: unknown = JSON.parse(json.slice(at, end));
        if (typeof key !== 'string' || keys.has(key)) return true;
        keys.add(key);
        expectsKey = false;
      }
      at = end - 1;
    } else if (mark === '{') {
      open.push(new Set());
      expectsKey = true;
    } else if (mark === '[') {
      open.push(undefined);
      expectsKey = false;
    } else if (mark === '}' || mark === ']') {
      open.pop();
    } else if (mark === ',') {
      expectsKey = open.at(-1) !== undefined;
    }
  }
  return false;
}

function endOfString(json: string, start: number): number {
  let at = start + 1;
  while (at < json.length && json[at] !== '"') at += json[at] === '\\' ? 2 : 1;
  return at + 1;
}
