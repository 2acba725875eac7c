// The main text of an HTML page, without navigation, advertisements and footers: which part it is says Readability, on a tree
// by linkedom. The one file that knows these two libraries; how the part reads as text is `html-text.ts`'s.

import { Readability } from '@mozilla/readability';
import { parseHTML } from 'linkedom';

import { checked, type DocumentText, type Unreadable } from './document-text.ts';
import { type HtmlElement, htmlText } from './html-text.ts';

/** A page of less text than this, or less than a quarter of what is on it, was misjudged: then all but the frame is taken. */
const MAIN_CHARS_MIN = 140;
const MAIN_SHARE_MIN = 0.25;
/** Elements of a page; more are no page for people. */
const ELEMENTS_MAX = 500_000;
const FRAME =
  'nav, aside, footer, form, script, style, noscript, template, svg, iframe, button, select, dialog, [hidden], [aria-hidden=true], [role=navigation], [role=banner], [role=contentinfo], [role=search]';
const LICENSES = 'link[rel~=license][href], a[rel~=license][href]';

interface HtmlPage extends HtmlElement {
  readonly body: HtmlElement;
  querySelectorAll(selector: string): Iterable<HtmlElement & { remove(): void }>;
}

/** The text with headings as lines that begin with `#`, its title, and its license where the page names one. */
export function htmlDocument(html: string): DocumentText | Unreadable {
  const page = pageOf(html);
  const [link] = page.querySelectorAll(LICENSES);
  const license = link?.getAttribute('href') ?? undefined;
  const headings = Array.from(page.querySelectorAll('h1'), (heading) =>
    htmlText(heading).replace(/^#+ /u, ''),
  );
  for (const formula of page.querySelectorAll('script[type^="math/tex"]')) {
    // Before scripts are taken away: this is what older pages write formulas in.
    formula.replaceWith?.(`$${formula.textContent ?? ''}$`);
  }
  const whole = wholeText(html);
  const article = new Readability<HtmlElement>(page, {
    maxElemsToParse: ELEMENTS_MAX,
    // A shorter text makes the library look again with the page's frame left in.
    charThreshold: MAIN_CHARS_MIN,
    serializer: (node) => node,
  }).parse();
  const stated = article?.title?.trim() ?? '';
  // "Speed of light - Some Encyclopedia" is headed "Speed of light".
  const title =
    headings.find((heading) => heading !== '' && stated.includes(heading)) ?? (stated || headings[0]);
  const main = article?.content === null || article?.content === undefined ? '' : htmlText(article.content);
  const isMisjudged = main.length < MAIN_CHARS_MIN || main.length < whole.length * MAIN_SHARE_MIN;
  const text = isMisjudged ? whole : main;
  // The library takes the heading of the page off its text; a passage without it would not say what it is about.
  const isHeadingGone = title !== undefined && headings.includes(title) && !text.startsWith(`# ${title}`);
  return checked({ text: isHeadingGone ? `# ${title}\n\n${text}` : text, title, license });
}

/** All text of a page but for its frame. */
function wholeText(html: string): string {
  const page = pageOf(html);
  for (const element of page.querySelectorAll(FRAME)) element.remove();
  return htmlText(page.body);
}

function pageOf(html: string): HtmlPage {
  // A fragment without `html` and `body` would be a tree without a body.
  const isPage = /<body[\s>]/iu.test(html.slice(0, 1_000_000));
  const { document } = parseHTML(isPage ? html : `<!doctype html><html><body>${html}</body></html>`);
  return document;
}
