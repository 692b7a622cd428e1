import { constant, float, FLOAT, Frame, repeat, SUBTRACT, type Code, type WasmFunction } from './wasm-code.js';

/** Rows and columns of a triangle. */
export const TRIANGLE = 8;

/**
 * What blocks leave to be done with the triangle t [8, 8] on the diagonal of a matrix, for `rows` rows x of 8 float64, at
 * least one, and what has been summed of their other blocks, s. In WebAssembly because most trainings run it once, and
 * code of JavaScript is slow until it has been compiled for the second time. Operations run in the order written here.
 *
 *   substituteForward(x, strideX, rows, s, strideS, t, strideT):   x[i] = (x[i] − s[i] − Σ_{m<i} t[i][m]·x[m]) / t[i][i]
 *   substituteBackward(…):                                         x[i] = (x[i] − s[i] − Σ_{m>i} t[m][i]·x[m]) / t[i][i]
 *   quadraticForms(…):                                             Σ 2·x[i]·(s[i] + ½·t[i][i]·x[i] + Σ_{m<i} t[i][m]·x[m])
 *
 * Addresses and strides in bytes. The last one begins with a total that is at address `total` and puts it back there.
 */
export function triangleFunctions(): WasmFunction[] {
  return [
    triangleFunction('substituteForward', forward, []),
    triangleFunction('substituteBackward', backward, []),
    triangleFunction('quadraticForms', quadratic, ['total']),
  ];
}

const INDEXES = [0, 1, 2, 3, 4, 5, 6, 7] as const;
type Index = (typeof INDEXES)[number];
const PARAMETERS = ['x', 'strideX', 'rows', 's', 'strideS', 't', 'strideT'] as const;
type Local = (typeof PARAMETERS)[number] | 'total' | `t${Index}` | `x${Index}` | 'sum';

function triangleFunction(name: string, ofRow: (frame: Frame<Local>) => Code, more: readonly 'total'[]): WasmFunction {
  const parameters = [...PARAMETERS, ...more];
  const rows = INDEXES.map((i) => `t${i}` as const);
  const values = [...INDEXES.map((i) => `x${i}` as const), 'sum'] as const;
  const frame = new Frame<Local>([...parameters, ...rows, ...values]);
  const body = [
    ...INDEXES.flatMap((i) =>
      frame.set(`t${i}`, i === 0 ? frame.get('t') : frame.plus(`t${(i - 1) as Index}`, 'strideT')),
    ),
    ...repeat(
      ...INDEXES.map((i) => frame.set(`x${i}`, frame.load('x', 8 * i))),
      ofRow(frame),
      frame.step('x', 'strideX'),
      frame.step('s', 'strideS'),
      frame.set('rows', frame.get('rows'), constant(1), SUBTRACT),
      frame.get('rows'),
    ),
  ];
  const locals = [[rows.length, 'i32'] as const, [values.length, 'f64'] as const];
  return { name, parameters: parameters.length, result: null, locals, body };
}

/** t[row][column]·x[m]. */
const product = (frame: Frame<Local>, row: Index, column: Index, m: Index): Code => [
  ...frame.load(`t${row}`, 8 * column),
  ...frame.get(`x${m}`),
  ...FLOAT.multiply,
];

function forward(frame: Frame<Local>): Code {
  return INDEXES.flatMap((i) => {
    const before = INDEXES.filter((m) => m < i);
    return solved(
      frame,
      i,
      before.flatMap((m) => [...product(frame, i, m, m), ...FLOAT.subtract]),
    );
  });
}

function backward(frame: Frame<Local>): Code {
  return INDEXES.toReversed().flatMap((i) => {
    const after = INDEXES.filter((m) => m > i);
    return solved(
      frame,
      i,
      after.flatMap((m) => [...product(frame, m, i, m), ...FLOAT.subtract]),
    );
  });
}

/** x[i] = (x[i] − s[i], less what `others` subtract) / t[i][i]. */
const solved = (frame: Frame<Local>, i: Index, others: Code): Code => [
  ...frame.set(`x${i}`, [...frame.get(`x${i}`), ...frame.load('s', 8 * i), ...FLOAT.subtract], others, [
    ...frame.load(`t${i}`, 8 * i),
    ...FLOAT.divide,
  ]),
  ...frame.store('x', 8 * i, frame.get(`x${i}`)),
];

function quadratic(frame: Frame<Local>): Code {
  return [
    ...frame.set('sum', frame.load('total', 0)),
    ...INDEXES.flatMap((i) => {
      const before = INDEXES.filter((m) => m < i);
      const half = [
        ...float(0.5),
        ...frame.load(`t${i}`, 8 * i),
        ...FLOAT.multiply,
        ...frame.get(`x${i}`),
        ...FLOAT.multiply,
      ];
      return frame.set(
        'sum',
        frame.get('sum'),
        [...float(2), ...frame.get(`x${i}`), ...FLOAT.multiply],
        [...frame.load('s', 8 * i), ...half, ...FLOAT.add],
        before.flatMap((m) => [...product(frame, i, m, m), ...FLOAT.add]),
        [...FLOAT.multiply, ...FLOAT.add],
      );
    }),
    ...frame.store('total', 0, frame.get('sum')),
  ];
}
