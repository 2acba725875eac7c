// LaTeX commands and their plain spellings: what each one means to the tokenizer. A table and nothing else.

/** Spacing, sizing and layout: no meaning of their own. */
export const IGNORED_COMMANDS: ReadonlySet<string> = new Set(
  (
    'quad qquad displaystyle textstyle scriptstyle limits nolimits left right middle big Big bigg Bigg bigl bigr Bigl Bigr ' +
    'biggl biggr Biggl Biggr mathstrut strut thinspace medspace thickspace negthinspace nobreak n t allowbreak hfill rm bf it ' +
    'mathrm@ hline noindent newline Large large normalsize'
  ).split(' '),
);

/** Commands with an argument that is dropped with it. */
export const IGNORED_WITH_ARGUMENT: ReadonlySet<string> = new Set(
  'hspace vspace phantom hphantom vphantom label tag color'.split(' '),
);

/** Commands whose argument is prose or a name in another font. */
export const TEXT_COMMANDS: ReadonlySet<string> = new Set(
  (
    'text textbf textit textrm textsf texttt textnormal textup mathrm mathbf mathit mathsf mathtt mathcal mathfrak ' +
    'mathscr operatorname mbox hbox boldsymbol bm emph unit'
  ).split(' '),
);

/** Commands whose argument stands for itself. */
export const TRANSPARENT_COMMANDS: ReadonlySet<string> = new Set(
  'boxed fbox vec overrightarrow underline overparen widehat cancel mathop mathopen mathclose mathord ensuremath'.split(
    ' ',
  ),
);

/** Operators, relations and brackets, by command. */
export const OPERATOR_COMMANDS: ReadonlyMap<string, string> = new Map(
  (
    'cdot:* times:* ast:* cdotp:* div:/ pm:± mp:∓ le:≤ leq:≤ leqslant:≤ leqq:≤ ge:≥ geq:≥ geqslant:≥ geqq:≥ lt:< gt:> ' +
    'ne:≠ neq:≠ approx:≈ simeq:≈ sim:≈ equiv:≡ in:∈ notin:∉ cup:∪ bigcup:∪ cap:∩ bigcap:∩ setminus:∖ smallsetminus:∖ ' +
    'backslash:∖ mid:| vert:| lvert:|( rvert:|) Vert:‖ lVert:‖ rVert:‖ lbrace:\\{ rbrace:\\} lbrack:[ rbrack:] langle:⟨ ' +
    "rangle:⟩ lfloor:⌊ rfloor:⌋ lceil:⌈ rceil:⌉ circ:∘ degree:° prime:' colon:: Rightarrow:→ to:→ rightarrow:→ " +
    'implies:→ cr:\\\\ percent:% land:and wedge:and lor:or vee:or lparen:( rparen:)'
  )
    .split(' ')
    .map((entry): [string, string] => {
      const at = entry.indexOf(':');
      return [entry.slice(0, at), entry.slice(at + 1)];
    }),
);

export const GREEK: ReadonlySet<string> = new Set(
  (
    'alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi rho varrho sigma ' +
    'tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega ell hbar partial nabla ' +
    'angle triangle square perp parallel Re Im aleph'
  ).split(' '),
);

/** Functions that are evaluated, by any spelling. */
export const FUNCTIONS: ReadonlyMap<string, string> = new Map(
  (
    'sin cos tan cot sec csc sinh cosh tanh coth sech csch ln log exp max min gcd lcm det floor ceil abs ' +
    'arcsin:asin arccos:acos arctan:atan arccot:acot arcsec:asec arccsc:acsc asin acos atan arctg:atan tg:tan ctg:cot ' +
    'arcsinh:asinh arccosh:acosh arctanh:atanh arsinh:asinh arcosh:acosh artanh:atanh lg cbrt:cbrt sgn:sign sign ' +
    'sqrt conj arg cosec:csc'
  )
    .split(' ')
    .map((entry): [string, string] => {
      const [name = '', meaning = name] = entry.split(':');
      return [name, meaning];
    }),
);

/** Sums and the like, which take bounds. */
export const SERIES_COMMANDS: ReadonlySet<string> = new Set(
  'sum prod int iint oint lim limsup liminf'.split(' '),
);

export const STRUCTURE_COMMANDS: ReadonlySet<string> = new Set(
  'frac tfrac dfrac cfrac sqrt binom tbinom dbinom choose overline bar hat tilde not begin end over pmod bmod mod dot'.split(
    ' ',
  ),
);
