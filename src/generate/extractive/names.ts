// Names of people in a sentence: runs of proper nouns, with what tells people from places and institutions.

import { textOf } from './sentence.ts';
import type { Sentence, TokenSpan } from './sentence.ts';

const NO_PERSON =
  /\b(?:University|Institute|College|School|Company|Corporation|Inc|Ltd|Society|Laborator(?:y|ies)|Lab|Labs|Museum|Park|Bureau|Agency|Center|Centre|Office|Department|Ministry|Committee|Council|Union|Court|House|Street|River|Mount|Mountains?|Lake|Sea|Ocean|Island|Islands|Bay|Cape|City|State|States|Kingdom|Republic|Empire|War|Treaty|Act|Prize|Award|Cup|Games|League|Tower|Bridge|Palace|Church|Cathedral|Abbey|Temple|Station|Airport|Valley|Desert|Forest|Wall|Canal|Dam|Theatre|Theater|Hall|Orchestra|Party|Army|Navy|Academy|Association|Organization|Organisation|Foundation|Bank|Times|Journal|Scale|Theory|Law|Revolution|Telescope|Voyager|Apollo|North|South|East|West|New|San|Los|Saint|St|World|Great|United|Nations|Congress|Parliament|Constitution|January|February|March|April|May|June|July|August|September|October|November|December|Monday|Sunday|Greek|Latin|English|French|German|Italian|American|British|Danish|Dutch|Swiss|Austrian|Russian|Polish|Spanish|Japanese|Chinese|Scottish|Irish|Hungarian|Norwegian|Swedish|Indian|Roman|Dr|Mr|Mrs|Hotel|Studio|Records|Federation|Assembly|Amendment|Deep|Protocol|Consortium|System|Conference|Project|Program|Expedition|Commission|Board|Group|Service|Administration|Fund|Trust|Club|Team|Band|Festival|Fair|Railway|Engine|Machine|Computer|Senate|Supreme|Reserve|Exchange|Space|Airlines|Motors|Express|Way|Road|Sir|Lord|King|Queen|Emperor|Pope|Prince|President)\b/u;
/** Small words inside names: "van Gogh", "de la Cruz". */
export const NAME_PARTICLE = /^(?:de|van|von|der|den|la|le|du|da|di|bin|ibn|al)$/u;
export const NATIONALITY =
  /^(?:English|British|Scottish|Welsh|Irish|French|German|Italian|American|Canadian|Danish|Dutch|Belgian|Swiss|Austrian|Russian|Polish|Spanish|Portuguese|Japanese|Chinese|Indian|Greek|Roman|Hungarian|Norwegian|Swedish|Finnish|Czech|Serbian|Turkish|Mexican|Brazilian|Australian|New|Flemish|Persian|Egyptian|Israeli|Korean|Argentine|Chilean|Colombian|Cuban|Jamaican|Kenyan|Nigerian|Venetian|Florentine|Prussian|Soviet|Ukrainian|Croatian|Romanian)$/u;
const TITLE = /^(?:Sir|Lord|Lady|King|Queen|Emperor|Pope|Prince|President|Dr|Saint)$/u;
const PARTICLE = /^(?:de|van|von|der|den|la|le|du|da|di|of|the|bin|ibn|al)$/u;

/** The name of a person that begins at token `first`, longest; undefined when what stands there is none. */
export function personAt(sentence: Sentence, first: number): TokenSpan | undefined {
  const { tokens } = sentence;
  let last = first - 1;
  let capitals = 0;
  for (let at = first; at < tokens.length; at += 1) {
    const word = tokens[at]?.text ?? '';
    const isInitials = /^(?:\p{Lu}\.)+$/u.test(word);
    const isCapital = /^\p{Lu}[\p{L}’'-]+$/u.test(word) && !/['’]s$/u.test(word);
    const isParticle =
      at > first &&
      PARTICLE.test(word) &&
      /^\p{Lu}|^(?:de|la|der|den)$/u.test(tokens[at + 1]?.text ?? '') &&
      !/^(?:of|the)$/u.test(word);
    if (!isInitials && !isCapital && !isParticle) break;
    // "L", "." are two words where the library cuts an initial off.
    if (isCapital) capitals += 1;
    if (!isParticle) last = at;
  }
  while (first < last && TITLE.test(tokens[first]?.text ?? '')) first += 1;
  if (last <= first || capitals < 1 || /^(?:\p{Lu}\.)+$/u.test(tokens[last]?.text ?? '')) return undefined;
  const name = textOf(sentence, { first, last });
  if (NO_PERSON.test(name) || /^(?:In|On|At|The|When|After|Before|By|As|While|Although)\b/u.test(name))
    return undefined;
  if (/^['’]s$/u.test(tokens[last + 1]?.text ?? '')) return undefined;
  return { first, last };
}

/** The first name of a person in `span`, and whether all before it only says who that is: "the Danish physicist". */
export function personIn(sentence: Sentence, span: TokenSpan): TokenSpan | undefined {
  for (let at = span.first; at <= span.last; at += 1) {
    const word = sentence.tokens[at]?.text ?? '';
    if (NATIONALITY.test(word)) continue;
    const before = sentence.tokens[at - 1]?.text ?? '';
    if (at > span.first && /^\p{Lu}\p{L}/u.test(before) && !NATIONALITY.test(before)) continue;
    const person = personAt(sentence, at);
    if (person !== undefined && person.last <= span.last) return person;
  }
  return undefined;
}

/** Other forms of a person's name that are surely right: the family name alone. */
export function nameAliases(name: string): string[] {
  const words = name.split(' ');
  const family = words.at(-1) ?? '';
  const particle = words.findIndex(
    (word, index) => index > 0 && (PARTICLE.test(word) || /^(?:Van|De|Von)$/u.test(word)),
  );
  if (particle > 0) return [words.slice(particle).join(' ')];
  return words.length > 1 && family.length > 2 && !/^(?:I|II|III|IV|V|VI|VII|VIII|XIV|Jr|Sr)$/u.test(family)
    ? [family]
    : [];
}
