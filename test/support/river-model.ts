// A world to generate from whose every question can be checked: documents that state the lengths of made-up rivers, a teacher that
// reads them off, and a policy that solves sums as often as it is told.

import { createHash } from 'node:crypto';
import type { Handlers } from './generation-model.ts';

const RIVERS: readonly (readonly [name: string, about: string])[] = [
  [
    'Alba',
    'It rises in a cold valley below two old glaciers, where snow lies until June and larches cover the slopes. Herons and otters live in the reeds of its islands. A park protects the mouth, which splits into many arms before the sea, and walkers come there in autumn to hear the cranes.',
  ],
  [
    'Brenta',
    'Barges carry grain, timber and gravel on its lower course, and locks of brick lift them past five weirs. In the towns along the banks people still build flat wooden boats by hand. Each spring the meadows around the last village stand under water for about a month, which makes their hay rich.',
  ],
  [
    'Corva',
    'Fishermen prize it for trout and grayling. The water is clear because its bed is granite, and it stays cool even in August. An old mule path follows the gorge, crosses it on three arches of stone, and ends at a monastery whose monks kept records of floods for several centuries.',
  ],
  [
    'Delmar',
    'Nobody has dammed it, so gravel banks move with every storm and new channels open. Geologists study how such a stream shapes its plain. Poplars and willows take hold where the ground stays dry for two summers, and beavers have come back since hunting them was forbidden by law.',
  ],
  [
    'Eskwater',
    'Paper mills stood here because the current drove their wheels without pause. When the mills closed, artists moved into the empty halls and opened studios. Today the towpath is popular with cyclists, who ride it from the canal museum down to the lighthouse and take the ferry home.',
  ],
  [
    'Falun',
    'Peat colours it brown as tea. The bogs from which it comes hold more carbon than all forests of the province together, and scientists measure there how much of it is lost in dry years. Blueberries, cranberries and cotton grass grow on the hummocks between dark, silent pools.',
  ],
  [
    'Gormen',
    'Caravans used to rest at its fords, and traders paid their toll in salt. The ruins of an inn with room for eighty camels can still be visited. Farmers draw water through tunnels that were dug by hand and lead for hours below the desert to orchards of apricots and almonds.',
  ],
  [
    'Halve',
    'Ice closes it from November until April, and lorries then drive on it as on a road. When it breaks up, the roar can be heard far away, and schools give the children a day off to watch. Sturgeon swim upstream afterwards, as far as the rapids under the railway bridge.',
  ],
];

/** One document for each river, as file name and text. */
export function riverDocuments(): readonly { readonly name: string; readonly text: string }[] {
  return RIVERS.map(([name, about], index) => ({
    name: `${name.toLowerCase()}.md`,
    text: `# The ${name}\n\nThe river ${name} is ${812 + 137 * index} kilometres long. ${about}\n`,
  }));
}

/** What the teacher says to the stages of Webscale-RL. */
export const RIVER_TEACHER: Handlers = {
  filter_passage: () => ({
    reasoning: 'It states facts.',
    informative: true,
    self_contained: true,
    deep_enough: true,
    answerable: true,
  }),
  identify_passage: () => ({
    reasoning: 'It is about a river.',
    domain: 'Natural Science',
    personas: ['geography student', 'bargeman'],
  }),
  generate_pairs: ({ first }) => {
    const [evidence = '', name = '', length = ''] =
      /The river (\w+) is (\d+) kilometres long\./u.exec(first('passage')) ?? [];
    return {
      pairs: [
        {
          reader: 1,
          question: `How many kilometres long is the river ${name}?`,
          answer: length,
          aliases: [],
          answer_type: 'number',
          evidence,
        },
        // Gives its answer away: the string checks see it.
        {
          reader: 2,
          question: `What is the name of the river ${name}?`,
          answer: name,
          aliases: [],
          answer_type: 'text',
          evidence,
        },
      ],
    };
  },
  repair_question: () => ({ possible: false, question: '' }),
  check_pair: () => ({
    reasoning: 'It is stated.',
    correct: true,
    leaks_answer: false,
    enough_context: true,
    sure: true,
  }),
};

/** What teacher and policy say to the stages of Synthetic Data RL, for sums: the policy is right for `a % 5` seeds in four. */
export const SUM_MODELS: Handlers = {
  retrieve_keywords: () => ({ keyword: 'river', synonyms: ['kilometres'] }),
  task_generate_input_output: ({ first }) => {
    // Numbers that the passage alone decides, so that two runs can be compared.
    const seed = createHash('sha256').update(first('passages')).digest().readUInt16BE();
    const [a, b] = [10 + (seed % 89), 10 + (Math.floor(seed / 89) % 89)];
    return { input: `What is ${a} + ${b}?`, output: `Answer: ${a + b}` };
  },
  adapt_harder: ({ first }) => rewritten(first('question'), 100),
  adapt_easier: ({ first }) => rewritten(first('question'), 1),
  text: ({ body, first }) => {
    const [, a = '0', b = '0'] = /What is (\d+) \+ (\d+)\?/u.exec(first('question')) ?? [];
    const sum = Number(a) + Number(b);
    const sample = Math.floor(Number(body['seed'] ?? 0) / 3);
    const isRight = body.model !== 'policy' || sample % 4 < Number(a) % 5;
    return `Answer: ${isRight ? sum : sum + 1}`;
  },
};

function rewritten(question: string, factor: number): object {
  const [, a = '0', b = '0'] = /What is (\d+) \+ (\d+)\?/u.exec(question) ?? [];
  const [c, d] = [Number(a) * factor + 3, Number(b) + 5];
  return { input: `What is ${c} + ${d}?`, output: `Answer: ${c + d}` };
}
