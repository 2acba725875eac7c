import { describe, expect, it } from 'vitest';

import { htmlDocument } from '../../../src/adapters/html-document.ts';

const PARAGRAPH =
  'The speed of light in vacuum, commonly denoted c, is a universal physical constant. According to the special theory of relativity, it is the upper limit for the speed at which matter can travel.';

/** An article as sites frame it. */
const page = (main: string): string => `<!doctype html><html lang="en"><head>
<title>Speed of light - Some Encyclopedia</title><script>var hidden = 1;</script><style>p { color: red }</style>
<link rel="license" href="https://creativecommons.org/licenses/by-sa/4.0/"></head><body>
<header><nav><ul><li><a href="/">Home</a></li><li><a href="/about">About us</a></li></ul></nav></header>
<div class="cookie-banner">We use cookies. <button>Accept</button></div>
<main><article><h1>Speed of light</h1><p>${PARAGRAPH}</p>${main}<p>${PARAGRAPH}</p></article></main>
<aside class="sidebar"><h3>Related</h3><ul><li><a href="/1">Ten tricks</a></li></ul></aside>
<footer><p>Copyright Some Encyclopedia. All rights reserved.</p></footer></body></html>`;

function textOf(html: string): string {
  const document = htmlDocument(html);
  return document.kind === 'text' ? document.text : document.reason;
}

describe('htmlDocument()', () => {
  it('htmlDocument() takes the article, its title and license, and leaves the frame of the page', () => {
    expect(htmlDocument(page('<h2>History</h2><p>It began.</p>'))).toEqual({
      kind: 'text',
      title: 'Speed of light',
      license: 'https://creativecommons.org/licenses/by-sa/4.0/',
      text: `# Speed of light\n\n${PARAGRAPH}\n\n## History\n\nIt began.\n\n${PARAGRAPH}`,
    });
  });

  it.each<[string, string, string]>([
    [
      'raised and lowered numbers',
      '<p>3&times;10<sup>8</sup> m<sup>&minus;1</sup>, H<sub>2</sub>O, v<sub>max</sub>, e<sup>x+1</sup>, the 21<sup>st</sup>.</p>',
      '3×10⁸ m⁻¹, H₂O, v_max, e^(x+1), the 21st.',
    ],
    [
      'no marks of footnotes',
      '<p>Known<sup class="reference"><a href="#cite-1">[1]</a></sup> well<sup>[2]</sup>.</p>',
      'Known well.',
    ],
    [
      'lists within lists',
      '<ul><li>One</li><li>Two<ul><li>inner</li></ul></li></ul>',
      '- One\n- Two\n  - inner',
    ],
    [
      'numbered lists from where they start',
      '<ol start="3"><li><p>Three</p><p>more</p></li><li>Four</li></ol>',
      '3. Three\n  more\n4. Four',
    ],
    [
      'tables row by row',
      '<table><tr><th>Medium</th><th>a | b</th></tr><tr><td>Water</td><td>225 <b>000</b></td></tr></table>',
      '| Medium | a \\| b |\n| --- | --- |\n| Water | 225 000 |',
    ],
    [
      'code as it is',
      '<pre><code>def f(x):\n    return x  # ```\n</code></pre>',
      '````\ndef f(x):\n    return x  # ```\n````',
    ],
    ['formulas in TeX', '<p>So <math alttext="E=mc^2"><mi>E</mi></math> holds.</p>', 'So $E=mc^2$ holds.'],
    ['lines that the page breaks', '<p>One<br>two   and\nthree</p>', 'One\ntwo and three'],
  ])('htmlDocument() reads %s', (_, html, expected) => {
    expect(textOf(page(html))).toBe(`# Speed of light\n\n${PARAGRAPH}\n\n${expected}\n\n${PARAGRAPH}`);
  });

  it.each<[string, string, string]>([
    [
      'a fragment',
      '<h1>Tiny</h1><p>Water boils at 100 &deg;C.</p><nav>Menu</nav>',
      '# Tiny\n\nWater boils at 100 °C.',
    ],
    ['a page of one line', '<html><body>Just this.<footer>Imprint</footer></body></html>', 'Just this.'],
    ['tags that nothing closes', '<p>One<p>Two<b>bold', 'One\n\nTwobold'],
    ['an empty page', '<html><body><nav><a href="/">Home</a></nav></body></html>', 'empty'],
    ['nothing', '', 'empty'],
  ])('htmlDocument() reads %s', (_, html, expected) => {
    expect(textOf(html)).toBe(expected);
  });
});
