// Families of computed questions in words: prices, journeys, tanks, ages. Each makes one question from seeded chance, its
// answer, and the expression that a reader, or a test, can evaluate to get that answer again.

const WORKER = 'a shopkeeper who does sums in the head';
const PUPIL = 'a pupil who practises word problems';
const names = ['Amara', 'Bruno', 'Chen', 'Dalia', 'Emil', 'Farah', 'Goran', 'Hana', 'Ivo', 'Jun'];

export const wordProblems = [
  {
    name: 'shopping',
    answerType: 'number',
    domain: 'arithmetic',
    persona: WORKER,
    make({ whole, pick }) {
      const [pens, penPrice, books, bookPrice] = [whole(3, 12), whole(2, 9), whole(2, 9), whole(11, 29)];
      return {
        question: `${pick(names)} buys ${pens} pens at ${penPrice} coins each and ${books} notebooks at ${bookPrice} coins each. How many coins is that in all?`,
        expression: `${pens} * ${penPrice} + ${books} * ${bookPrice}`,
        answer: pens * penPrice + books * bookPrice,
      };
    },
  },
  {
    name: 'remainder',
    answerType: 'number',
    domain: 'arithmetic',
    persona: WORKER,
    make({ whole, pick }) {
      const [size, boxes] = [whole(7, 18), whole(11, 40)];
      const eggs = size * boxes + whole(1, size - 1);
      return {
        question: `${pick(names)} packs ${eggs} eggs into boxes of ${size}, filling each box before taking the next. How many eggs are in the last box, which stays partly empty?`,
        expression: `mod(${eggs}, ${size})`,
        answer: eggs % size,
      };
    },
  },
  {
    name: 'discount',
    answerType: 'number',
    domain: 'arithmetic',
    persona: WORKER,
    make({ whole, pick }) {
      const [price, percent] = [whole(8, 60) * 5, pick([10, 15, 20, 30, 35, 40])];
      return {
        question: `A coat costs ${price} euros. In the sale its price is cut by ${percent} percent. How many euros does the coat cost in the sale?`,
        expression: `${price} * (100 - ${percent}) / 100`,
        answer: (price * (100 - percent)) / 100,
      };
    },
  },
  {
    name: 'mean',
    answerType: 'number',
    domain: 'statistics',
    persona: PUPIL,
    make({ whole, pick }) {
      const marks = [whole(40, 99), whole(40, 99), whole(40, 99), whole(40, 99)];
      const mean = whole(60, 80);
      const last = mean * 5 - marks.reduce((sum, mark) => sum + mark, 0);
      if (last < 20 || last > 120) return undefined;
      const all = [...marks, last];
      return {
        question: `${pick(names)} got these points in five games: ${all.join(', ')}. What is their mean?`,
        expression: `(${all.join(' + ')}) / 5`,
        answer: mean,
      };
    },
  },
  {
    name: 'blinking-lights',
    answerType: 'number',
    domain: 'number theory',
    persona: PUPIL,
    make({ whole }) {
      const [first, second] = [whole(6, 24), whole(25, 50)];
      return {
        question: `One light blinks every ${first} seconds and another every ${second} seconds. They have just blinked together. After how many seconds do they blink together again for the first time?`,
        expression: `lcm(${first}, ${second})`,
        answer: (first * second) / greatestDivisor(first, second),
      };
    },
  },
  {
    name: 'ages',
    answerType: 'number',
    domain: 'algebra',
    persona: PUPIL,
    make({ whole, shuffled }) {
      const [older, younger] = shuffled(names);
      const [factor, age, years] = [whole(2, 4), whole(5, 14), whole(3, 9)];
      const sum = age * factor + age + 2 * years;
      return {
        question: `${older} is ${factor} times as old as ${younger}. In ${years} years their ages will add up to ${sum}. How old is ${younger} today?`,
        expression: `(${sum} - 2 * ${years}) / (${factor} + 1)`,
        answer: age,
      };
    },
  },
  {
    name: 'committee',
    answerType: 'number',
    domain: 'combinatorics',
    persona: PUPIL,
    make({ whole }) {
      const [people, seats] = [whole(7, 14), whole(2, 4)];
      let ways = 1;
      for (let seat = 0; seat < seats; seat += 1) ways = (ways * (people - seat)) / (seat + 1);
      return {
        question: `A club has ${people} members. In how many ways can it choose a committee of ${seats} members, if all seats on it are alike?`,
        expression: `choose(${people}, ${seats})`,
        answer: ways,
      };
    },
  },
  {
    name: 'speed',
    answerType: 'quantity',
    domain: 'physics',
    persona: PUPIL,
    make({ whole }) {
      const [hours, speed] = [whole(2, 6), whole(35, 130)];
      return {
        question: `A train covers ${hours * speed} km in ${hours} hours without a stop. What is its mean speed?`,
        expression: `${hours * speed} / ${hours}`,
        answer: `${speed} km/h`,
      };
    },
  },
  {
    name: 'distance',
    answerType: 'quantity',
    domain: 'physics',
    persona: PUPIL,
    make({ whole, pick }) {
      const [speed, minutes] = [whole(6, 16) * 2, pick([15, 30, 45, 75, 90])];
      return {
        question: `A cyclist rides at a steady ${speed} km/h for ${minutes} minutes. How far does the cyclist get?`,
        expression: `${speed} * ${minutes} / 60`,
        answer: `${(speed * minutes) / 60} km`,
      };
    },
  },
  {
    name: 'tank',
    answerType: 'quantity',
    domain: 'physics',
    persona: WORKER,
    make({ whole }) {
      const [inflow, outflow, minutes] = [whole(14, 40), whole(3, 12), whole(8, 45)];
      return {
        question: `Water runs into an empty tank at ${inflow} litres a minute and leaks out at ${outflow} litres a minute. How much water is in the tank after ${minutes} minutes, if it does not overflow?`,
        expression: `(${inflow} - ${outflow}) * ${minutes}`,
        answer: `${(inflow - outflow) * minutes} litres`,
      };
    },
  },
  {
    name: 'field',
    answerType: 'quantity',
    domain: 'geometry',
    persona: PUPIL,
    make({ whole }) {
      const [length, width] = [whole(21, 95), whole(7, 20)];
      return {
        question: `A rectangular garden is ${length} m long and ${width} m wide. What is its area?`,
        expression: `${length} * ${width}`,
        answer: `${length * width} m^2`,
      };
    },
  },
  {
    name: 'density',
    answerType: 'quantity',
    domain: 'physics',
    persona: PUPIL,
    make({ whole }) {
      const [volume, tenths] = [whole(4, 25) * 10, whole(7, 95)];
      return {
        question: `A block of ${volume} cm^3 has a mass of ${(volume * tenths) / 10} g. What is its density in grams per cubic centimetre?`,
        expression: `${(volume * tenths) / 10} / ${volume}`,
        answer: `${tenths / 10} g/cm^3`,
      };
    },
  },
  {
    name: 'electric-power',
    answerType: 'quantity',
    domain: 'physics',
    persona: PUPIL,
    make({ whole, pick }) {
      const [volts, amperes] = [pick([12, 24, 110, 120, 230]), whole(2, 15)];
      return {
        question: `A heater draws ${amperes} A from a direct voltage of ${volts} V. What is its power?`,
        expression: `${amperes} * ${volts}`,
        answer: `${amperes * volts} W`,
      };
    },
  },
];

export function greatestDivisor(first, second) {
  return second === 0 ? first : greatestDivisor(second, first % second);
}
