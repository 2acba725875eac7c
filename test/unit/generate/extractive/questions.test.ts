import { describe, expect, test } from 'vitest';

import { createWinkAnalyser } from '../../../../src/adapters/wink-analyser.ts';
import { questionsOf } from '../../../../src/generate/extractive/questions.ts';

const analyser = createWinkAnalyser();

function read(text: string, title?: string) {
  const span = { start: 0, end: Buffer.byteLength(text) };
  return questionsOf({ documentId: 'd', source: 'd.md', title, text, span, license: undefined }, analyser);
}

function asked(text: string, title?: string): string[] {
  return read(text, title).found.map(({ question, answer }) => `${question} ${answer}`);
}

describe('questionsOf() asks', () => {
  test.each([
    ['The study of motion is called kinematics.', ['What is the study of motion called? kinematics']],
    [
      'A mirror that curves inward is called a concave mirror, whereas one that curves outward is called a convex mirror.',
      ['What is the term for a mirror that curves inward? concave mirror'],
    ],
    [
      'Power is the rate at which work is done. Engines differ in power.',
      ['What is the term for the rate at which work is done? Power'],
    ],
    [
      'The photoelectric effect is the process in which EM radiation ejects electrons from a material.',
      [
        'What is the name of the process in which EM radiation ejects electrons from a material? photoelectric effect',
      ],
    ],
    [
      'The time for one oscillation is the period T.',
      ['What is the term for the time for one oscillation? period'],
    ],
    [
      'The SI unit of force is called the newton (abbreviated N) and is needed often.',
      ['What is the SI unit of force? newton'],
    ],
    [
      'The speed of light is given the symbol c and is constant.',
      ['Which symbol stands for the speed of light? c'],
    ],
    [
      'The doctor used magnetic resonance imaging (MRI) of the knee.',
      ['What does the abbreviation MRI stand for? magnetic resonance imaging'],
    ],
    [
      'In 1820, Danish physicist Hans Christian Oersted showed that electric currents create magnetic fields.',
      [
        'What was the nationality of the physicist Hans Christian Oersted? Danish',
        'In which year did the Danish physicist Hans Christian Oersted show that electric currents create magnetic fields? 1820',
        'Who showed in 1820 that electric currents create magnetic fields? Hans Christian Oersted',
      ],
    ],
    [
      'Niels Bohr (1885–1962) returned to Copenhagen.',
      ['In which year was Niels Bohr born? 1885', 'In which year did Niels Bohr die? 1962'],
    ],
    [
      'On March 13, 2013, the existence of the Higgs boson was confirmed by CERN.',
      ['On what date was the existence of the Higgs boson confirmed by CERN? March 13, 2013'],
    ],
    ['Amazon went public in May 1997.', ['In which month and year did Amazon go public? May 1997']],
    ['The Eiffel Tower is 330 metres tall.', ['How tall is the Eiffel Tower? 330 metres']],
    [
      'The Nile has a length of about 6,650 kilometres.',
      ['What is the approximate length of the Nile? 6,650 kilometres'],
    ],
    [
      'In the United States, the frequency of alternating current is 60 Hz, so the lights flicker.',
      ['In the United States, what is the frequency of alternating current? 60 Hz'],
    ],
    ['The periodic table contains 118 elements.', ['How many elements does the periodic table contain? 118']],
    ['Reykjavík is the capital of Iceland.', ['What is the capital of Iceland? Reykjavík']],
    [
      'There are three main temperature scales: Celsius, Fahrenheit, and Kelvin.',
      ['What are the three main temperature scales? Celsius, Fahrenheit, and Kelvin'],
    ],
    [
      'Newton’s second law states that the net external force acting on an object is responsible for the acceleration of the object.',
      [
        'Which law states that the net external force acting on an object is responsible for the acceleration of the object? Newton’s second law',
      ],
    ],
    [
      'Photons have energy E=hf, where f is the frequency of the radiation.',
      ['In the formula E = hf, what does the symbol f stand for? frequency of the radiation'],
    ],
    ['All EM radiation is composed of photons.', ['What is all EM radiation composed of? photons']],
  ])('of %j', (text, questions) => {
    expect(asked(text)).toEqual(questions);
  });

  test('of "she" and "the tower" only while the text is about one named thing', () => {
    const curie = 'Marie Curie was a physicist. She won the Nobel Prize in 1903.';
    expect(asked(curie, 'Marie Curie')).toContain('In which year did Marie Curie win the Nobel Prize? 1903');
    const tower = 'The Eiffel Tower is a tower in Paris. The tower was completed in 1889.';
    expect(asked(tower, 'The Eiffel Tower')).toContain('In which year was the Eiffel Tower completed? 1889');
    const two = 'Marie Curie was a physicist. Her sister Bronia was a doctor. She moved to Paris in 1885.';
    expect(asked(two, 'Marie Curie')).toEqual([]);
  });

  test('with aliases only where they are sure', () => {
    const [terms] = read('Particles with three quarks are called baryons.').found;
    expect(terms?.aliases).toEqual(['baryon']);
    const [law] = read(
      'According to Newton’s first law of motion, a body at rest remains at rest without a force.',
    ).found;
    expect(law?.aliases).toEqual(['Newton’s first law']);
  });

  test('with the bytes of the sentence as evidence, marks of Markdown and all', () => {
    const text = '# Größe\n\nÉtude.\n\nThe study of *motion* is called **kinematics**. It is old.\n';
    const [question] = read(text).found;
    const { start = 0, end = 0 } = question?.evidence ?? {};
    expect(question?.question).toBe('What is the study of motion called?');
    expect(Buffer.from(text).subarray(start, end).toString()).toBe(
      'The study of *motion* is called **kinematics**.',
    );
  });
});

describe('questionsOf() asks nothing', () => {
  test.each([
    ['This force is called friction.'],
    ['The object is called a projectile.'],
    ['It is referred to as the speed of light.'],
    ['In 1896, he noticed the rays of uranium.'],
    ['The tower was completed in 1889.'],
    ['The trophy was stolen in March 1966.'],
    ['A match lasts 90 minutes.'],
    ['The experiment that Rutherford designed in 1909 is shown in .'],
    ['Suppose the car travels 150 kilometers in 2 hours.'],
    ['Light travels at a speed of 3.00 × 108 m/s in a vacuum.'],
    ['Any deflection was expected to be minor.'],
    ['What is the study of motion called?'],
    ['Physics is the foundation of many important scientific disciplines.'],
    ['The cars may be going more than 300 miles per hour at the finish line.'],
    ['Kinetic energy is sometimes called energy.'],
    ['The Ninth Symphony was great, and Karl saw the first one work in 1947.'],
    ['In 1956, the three men received the Nobel Prize in Physics.'],
    ['The International Chess Federation was important in Paris.'],
    ['Peter Higgs and Francois Englert were happy.'],
    ['Jack Kilby lived from 1923 to 2005.'],
    ['Some 200 – 300 people live there.'],
  ])('of %j', (text) => {
    expect(asked(text)).toEqual([]);
  });

  test('of exercises, tables, code and reading lists', () => {
    const fact = 'The study of motion is called kinematics.';
    for (const text of [
      `## Practice Problems\n\n${fact}\n`,
      `| ${fact} |\n`,
      `\`\`\`\n${fact}\n\`\`\`\n`,
      `# Title\n\n## References\n\n- ${fact}\n`,
    ])
      expect(asked(text)).toEqual([]);
    expect(asked(`## Practice Problems\n\nNone.\n\n## Motion\n\n${fact}\n`)).toHaveLength(1);
  });

  test('that gives its answer away, and says so', () => {
    const { found, drops } = read('The heat that waves carry is also called the heat of waves.');
    expect(found).toEqual([]);
    expect(drops.map(({ reason }) => reason)).toEqual(['leaks_answer']);
  });
});
