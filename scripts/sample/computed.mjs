// Families of computed questions about numbers, formulas and the calendar. As in the word problems, each gives a question,
// its answer, and an expression that can be evaluated to get the answer again.

import { greatestDivisor } from './word-problems.mjs';

const STUDENT = 'a student of mathematics';
const CLERK = 'a clerk who plans dates';
const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const DAY_MS = 86_400_000;

const isoDate = (time) => new Date(time).toISOString().slice(0, 10);
const longDate = (time) =>
  new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  }).format(time);
const dayIn = ({ whole }, years) => Date.UTC(whole(...years), whole(0, 11), whole(1, 28));
const span = (low, high) => Array.from({ length: high - low + 1 }, (_, index) => low + index);
const isPrime = (number) =>
  number > 1 && span(2, Math.floor(Math.sqrt(number))).every((part) => number % part !== 0);
const reducible = (top, bottom) => greatestDivisor(top, bottom) > 1;
const signed = (number) => (number < 0 ? `- ${-number}` : `+ ${number}`);

export const computed = [
  {
    name: 'both-red',
    answerType: 'math',
    domain: 'probability',
    persona: STUDENT,
    make({ whole }) {
      const [red, blue] = [whole(3, 8), whole(3, 9)];
      const all = red + blue;
      const [top, bottom] = [red * (red - 1), all * (all - 1)];
      const common = greatestDivisor(top, bottom);
      return {
        question: `A bag holds ${red} red and ${blue} blue balls. Two balls are drawn at once, without looking. What is the probability, as a fraction, that both are red?`,
        expression: `${red} / (${red} + ${blue}) * (${red} - 1) / (${red} + ${blue} - 1)`,
        answer: `${top / common}/${bottom / common}`,
      };
    },
  },
  {
    name: 'zeros',
    answerType: 'math',
    domain: 'algebra',
    persona: STUDENT,
    make({ whole }) {
      const [first, second] = [whole(-9, -2), whole(2, 9)];
      if (first + second === 0) return undefined;
      return {
        question: `Which polynomial of degree 2 in x has the zeros ${first} and ${second}, and 1 as the factor of x^2? Write it out.`,
        expression: `(x - (${first})) * (x - ${second})`,
        answer: `x^2 ${signed(-(first + second))}x ${signed(first * second)}`.replaceAll(
          / ([+-]) 1x/gu,
          ' $1 x',
        ),
      };
    },
  },
  {
    name: 'hypotenuse',
    answerType: 'math',
    domain: 'geometry',
    persona: STUDENT,
    make({ whole, pick }) {
      const [legs, inside] = pick([
        [[1, 2], 5],
        [[1, 3], 10],
        [[2, 3], 13],
        [[1, 1], 2],
        [[1, 4], 17],
      ]);
      const outside = whole(2, 9);
      const [first, second] = legs.map((leg) => leg * outside);
      return {
        question: `The two legs of a right triangle measure ${first} and ${second}. How long is its hypotenuse? Give the exact value.`,
        expression: `sqrt(${first}^2 + ${second}^2)`,
        answer: `${outside}*sqrt(${inside})`,
        aliases: [`${outside}\\sqrt{${inside}}`],
      };
    },
  },
  {
    name: 'derivative',
    answerType: 'math',
    domain: 'calculus',
    persona: STUDENT,
    make({ whole }) {
      const [cubic, linear] = [whole(2, 6), whole(2, 15)];
      return {
        question: `What is the derivative of ${cubic}x^3 - ${linear}x with respect to x?`,
        expression: `derivative(${cubic}*x^3 - ${linear}*x)`,
        answer: `${3 * cubic}x^2 - ${linear}`,
      };
    },
  },
  {
    name: 'linear-equation',
    answerType: 'math',
    domain: 'algebra',
    persona: STUDENT,
    make({ whole }) {
      const [factor, constant, right] = [whole(3, 11), whole(1, 20), whole(21, 60)];
      const common = greatestDivisor(right - constant, factor);
      if (common === factor) return undefined;
      return {
        question: `Solve ${factor}x + ${constant} = ${right} for x. Give the exact fraction.`,
        expression: `(${right} - ${constant}) / ${factor}`,
        answer: `${(right - constant) / common}/${factor / common}`,
      };
    },
  },
  {
    name: 'geometric-series',
    answerType: 'math',
    domain: 'calculus',
    persona: STUDENT,
    make({ whole }) {
      const [first, bottom] = [whole(2, 9), whole(3, 9)];
      const top = whole(1, bottom - 2);
      const [sum, rest] = [first * bottom, bottom - top];
      const common = greatestDivisor(sum, rest);
      if (reducible(top, bottom) || common === rest) return undefined;
      return {
        question: `The first term of an infinite geometric series is ${first}, and each term is ${top}/${bottom} of the one before. What is its sum, as a fraction?`,
        expression: `${first} / (1 - ${top}/${bottom})`,
        answer: `${sum / common}/${rest / common}`,
      };
    },
  },
  {
    name: 'binary',
    answerType: 'number',
    domain: 'computing',
    persona: 'a beginner in programming',
    make({ whole }) {
      const number = whole(33, 250);
      return {
        question: `Which decimal number is written ${number.toString(2)} in the binary system?`,
        expression: `from_base("${number.toString(2)}", 2)`,
        answer: number,
      };
    },
  },
  {
    name: 'largest-fraction',
    answerType: 'choice',
    domain: 'arithmetic',
    persona: STUDENT,
    make({ whole, shuffled }) {
      const fractions = span(5, 13)
        .map((bottom) => [whole(2, bottom - 1), bottom])
        .filter(([top, bottom]) => !reducible(top, bottom));
      const four = shuffled(fractions).slice(0, 4);
      const values = four.map(([top, bottom]) => top / bottom);
      const choices = four.map(([top, bottom]) => `${top}/${bottom}`);
      return {
        question: 'Which of these fractions is the largest?',
        expression: `max(${choices.join(', ')})`,
        choices,
        answer: 'ABCD'[values.indexOf(Math.max(...values))],
      };
    },
  },
  {
    name: 'divisible',
    answerType: 'choice',
    domain: 'number theory',
    persona: STUDENT,
    make({ whole, pick, shuffled }) {
      const divisor = pick([7, 9, 11, 13]);
      const right = divisor * whole(21, 70);
      const wrong = [whole(1, 3), whole(4, 5), whole(-6, -1)].map((step) => right + step);
      const choices = shuffled([right, ...wrong]).map(String);
      return {
        question: `Which of these numbers can be divided by ${divisor} without a remainder?`,
        expression: `divisible(${divisor}, ${choices.join(', ')})`,
        choices,
        answer: 'ABCD'[choices.indexOf(String(right))],
      };
    },
  },
  {
    name: 'days-later',
    answerType: 'date',
    domain: 'calendar',
    persona: CLERK,
    make(random) {
      const [from, days] = [dayIn(random, [1995, 2035]), random.whole(20, 150)];
      return {
        question: `Which date is ${days} days after ${longDate(from)}?`,
        expression: `add_days("${isoDate(from)}", ${days})`,
        answer: isoDate(from + days * DAY_MS),
        aliases: [longDate(from + days * DAY_MS)],
      };
    },
  },
  {
    name: 'weeks-before',
    answerType: 'date',
    domain: 'calendar',
    persona: CLERK,
    make(random) {
      const [from, weeks] = [dayIn(random, [1995, 2035]), random.whole(3, 20)];
      return {
        question: `Which date is exactly ${weeks} weeks before ${longDate(from)}?`,
        expression: `add_days("${isoDate(from)}", -7 * ${weeks})`,
        answer: isoDate(from - 7 * weeks * DAY_MS),
        aliases: [longDate(from - 7 * weeks * DAY_MS)],
      };
    },
  },
  {
    name: 'days-between',
    answerType: 'number',
    domain: 'calendar',
    persona: CLERK,
    make(random) {
      const from = dayIn(random, [1995, 2035]);
      const days = random.whole(30, 300);
      return {
        question: `How many days after ${longDate(from)} is ${longDate(from + days * DAY_MS)}?`,
        expression: `days_between("${isoDate(from)}", "${isoDate(from + days * DAY_MS)}")`,
        answer: days,
      };
    },
  },
  {
    name: 'weekday',
    answerType: 'text',
    domain: 'calendar',
    persona: CLERK,
    make(random) {
      const day = dayIn(random, [1900, 2060]);
      return {
        question: `Which day of the week is ${longDate(day)} in the Gregorian calendar?`,
        expression: `weekday("${isoDate(day)}")`,
        answer: WEEKDAYS[new Date(day).getUTCDay()],
      };
    },
  },
  {
    name: 'roman',
    answerType: 'text',
    domain: 'history',
    persona: 'a visitor of old churches',
    make({ whole }) {
      const number = whole(400, 2400);
      return {
        question: `How is the number ${number} written in Roman numerals?`,
        expression: `roman(${number})`,
        answer: roman(number),
      };
    },
  },
  {
    name: 'primes',
    answerType: 'list',
    domain: 'number theory',
    persona: STUDENT,
    make({ whole }) {
      const low = whole(20, 120);
      const high = low + whole(10, 16);
      const primes = span(low, high).filter(isPrime);
      if (primes.length < 2 || isPrime(low) || isPrime(high)) return undefined;
      return {
        question: `Which prime numbers lie between ${low} and ${high}? Give all of them.`,
        expression: `primes(${low}, ${high})`,
        answer: primes.join(', '),
      };
    },
  },
  {
    name: 'divisors',
    answerType: 'list',
    domain: 'number theory',
    persona: STUDENT,
    make({ whole }) {
      const number = whole(12, 99);
      const divisors = span(1, number).filter((part) => number % part === 0);
      if (divisors.length < 4 || divisors.length > 8) return undefined;
      return {
        question: `What are all the positive divisors of ${number}, with 1 and the number itself?`,
        expression: `divisors(${number})`,
        answer: divisors.join(', '),
      };
    },
  },
  {
    name: 'quadratic-roots',
    answerType: 'list',
    domain: 'algebra',
    persona: STUDENT,
    make({ whole }) {
      const [first, second] = [whole(-9, -1), whole(1, 12)];
      if (first + second === 0) return undefined;
      const polynomial = `x^2 ${signed(-(first + second))}x ${signed(first * second)}`.replaceAll(
        / 1x/gu,
        ' x',
      );
      return {
        question: `What are the two solutions of ${polynomial} = 0?`,
        expression: `roots(${polynomial.replaceAll(/(\d)x/gu, '$1*x')})`,
        answer: `${first}, ${second}`,
      };
    },
  },
  {
    name: 'prime-or-not',
    answerType: 'boolean',
    domain: 'number theory',
    persona: STUDENT,
    make({ whole }) {
      const number = whole(50, 200) * 2 + 1;
      if (number % 5 === 0) return undefined;
      return {
        question: `Is ${number} a prime number?`,
        expression: `is_prime(${number})`,
        answer: isPrime(number) ? 'yes' : 'no',
      };
    },
  },
  {
    name: 'greater',
    answerType: 'boolean',
    domain: 'arithmetic',
    persona: STUDENT,
    make({ whole }) {
      const [first, second] = [whole(7, 15), whole(7, 15)];
      const [top, other] = [whole(3, first - 1), whole(3, second - 1)];
      if (first === second || reducible(top, first) || reducible(other, second)) return undefined;
      return {
        question: `Is ${top}/${first} greater than ${other}/${second}?`,
        expression: `greater(${top}/${first}, ${other}/${second})`,
        answer: top * second > other * first ? 'yes' : 'no',
      };
    },
  },
  {
    name: 'any-multiple',
    answerType: 'pattern',
    domain: 'arithmetic',
    persona: STUDENT,
    make({ whole }) {
      const [factor, low] = [whole(6, 14), whole(30, 150)];
      const high = low + factor * 4 + 1;
      const multiples = span(low + 1, high - 1).filter((number) => number % factor === 0);
      return {
        question: `Write one multiple of ${factor} that is greater than ${low} and less than ${high}.`,
        expression: `multiples(${factor}, ${low}, ${high})`,
        answer: multiples.join('|'),
      };
    },
  },
  {
    name: 'any-day',
    answerType: 'pattern',
    domain: 'calendar',
    persona: CLERK,
    make({ whole, pick }) {
      const [year, month] = [whole(1990, 2040), pick([1, 3, 5, 7, 8, 10, 12])];
      const number = String(month).padStart(2, '0');
      const name = longDate(Date.UTC(year, month - 1, 1)).split(' ')[1];
      return {
        question: `Write any one day of ${name} ${year} in the form year-month-day, with four, two and two digits.`,
        expression: `days_of_month(${year}, ${month})`,
        answer: `${year}-${number}-(?:0[1-9]|[12][0-9]|3[01])`,
      };
    },
  },
];

function roman(number) {
  const signs = Object.entries({
    M: 1000,
    CM: 900,
    D: 500,
    CD: 400,
    C: 100,
    XC: 90,
    L: 50,
    XL: 40,
    X: 10,
    IX: 9,
    V: 5,
    IV: 4,
    I: 1,
  });
  let rest = number;
  let written = '';
  for (const [sign, value] of signs) {
    written += sign.repeat(Math.floor(rest / value));
    rest %= value;
  }
  return written;
}
