// The matcher's tokeniser, to the letter of the specification in engine/tokens.py; its tables come with the bundle.

/** Make a tokeniser: a text to its words, pairs and runs, in order, repetitions kept. */
export function tokeniser(fold, gram) {
  const plain = new Map();
  for (const [letters, group] of Object.entries(fold)) {
    for (const accented of group) plain.set(accented, letters);
  }

  return function features(text) {
    const words = text.replace(/[^a-z0-9]/g, (c) => plain.get(c) ?? " ").match(/[a-z0-9]+/g) ?? [];
    const pairs = [];
    const runs = [];
    words.forEach((word, at) => {
      if (at) pairs.push(`${words[at - 1]} ${word}`);
      if (word.length < gram) return;
      const padded = ` ${word} `;
      for (let from = 0; from + gram <= padded.length; from++) runs.push(padded.slice(from, from + gram));
    });
    return { words, pairs, runs };
  };
}
