// The prime fields in which identities are tested. Both primes are 1 modulo 8·3·5·…·43, which makes -1 and every prime up to 43 a
// square; a test recomputes the roots. Data only.

export interface Field {
  readonly prime: bigint;
  /** Square roots of -1, 2, 3, 5, …, 43, in this order. */
  readonly roots: readonly bigint[];
}

/** The primes whose square roots have an image, in the order of `Field.roots` behind that of -1. */
export const ROOT_PRIMES = [2n, 3n, 5n, 7n, 11n, 13n, 17n, 19n, 23n, 29n, 31n, 37n, 41n, 43n];

export const FIELDS: readonly [Field, Field] = [
  {
    prime: 4552800943421170441n,
    roots: [
      1466854981229023638n,
      794149060668721054n,
      428598837525546468n,
      1726899537026926742n,
      751841640865676759n,
      1985689848088685582n,
      662778587395987211n,
      1206605673297781730n,
      1568793673346721689n,
      1008751166079031279n,
      2109724596511137973n,
      2156526063698833399n,
      908231396736118397n,
      2123735356461777984n,
      20039680661035658n,
    ],
  },
  {
    prime: 4500469898094490321n,
    roots: [
      553560320400754502n,
      391809403009146600n,
      338659366798922404n,
      1376450970140498238n,
      1810793165953700877n,
      1645851977759313727n,
      1859355686828295662n,
      457304193086538021n,
      646640649893883150n,
      1407156480159834770n,
      532235398966786437n,
      1166769747489181844n,
      1332453633748393549n,
      2157732046127997637n,
      1908346015193293135n,
    ],
  },
];
