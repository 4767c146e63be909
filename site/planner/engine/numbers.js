// Numbers as Python has them: its rounding, its exact sums, its ways of writing them.

/** A number from 0 to 2⁵¹ rounded to a whole one, halves to the even one: at 2⁵² neighbouring doubles are whole numbers. */
export function rint(x) {
  return x + 2 ** 52 - 2 ** 52;
}

/** A number from 0 to 1 rounded to six decimals; exact halves, which only 128ths can be, go to the even digit. */
export function round6(x) {
  return Number.isInteger(x * 128) ? rint(x * 1e6) / 1e6 : Number(x.toFixed(6));
}

/** The sum of some numbers, rounded once, so that their order does not matter (Shewchuk's partial sums). */
export function fsum(values) {
  const partials = [];
  for (let x of values) {
    let kept = 0;
    for (let y of partials.slice()) {
      if (Math.abs(x) < Math.abs(y)) [x, y] = [y, x];
      const high = x + y;
      const low = y - (high - x);
      if (low) partials[kept++] = low;
      x = high;
    }
    partials.length = kept;
    partials.push(x);
  }
  let at = partials.length - 1;
  if (at < 0) return 0;
  let high = partials[at];
  let low = 0;
  while (at > 0 && !low) {
    const x = high;
    const y = partials[--at];
    high = x + y;
    low = y - (high - x);
  }
  // The rest decides about an exact half.
  if (at > 0 && low && Math.sign(low) === Math.sign(partials[at - 1])) {
    const twice = high + 2 * low;
    if (2 * low === twice - high) high = twice;
  }
  return high;
}

/** A whole number with commas between thousands. */
export function commas(x) {
  return String(x).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A number of JSON as Python shows it: one that is too large for a whole number as a double. */
export function repr(x) {
  if (Number.isSafeInteger(x)) return String(x);
  const size = Math.abs(x);
  if (size >= 1e-4 && size < 1e16) return Number.isInteger(x) ? `${x}.0` : String(x);
  return padded(x.toExponential());
}

/** A number with six significant digits, as Python's format `g` writes it. */
export function general(x) {
  const [digits, exponent] = x.toPrecision(6).split("e");
  const short = digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits;
  if (exponent !== undefined) return padded(`${short}e${exponent}`);
  return x !== 0 && Math.abs(x) < 1e-4 ? padded(Number(digits).toExponential()) : short;
}

/** With at least two digits in the exponent. */
function padded(written) {
  return written.replace(/e([+-])(\d)$/, "e$10$2");
}
