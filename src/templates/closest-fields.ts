/** Number of insertions, deletions and replacements between two words (Levenshtein 1966), in O(|a| |b|). */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (previous[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[j] as number) + 1, (current[j - 1] as number) + 1));
    }
    previous = current;
  }
  return previous[b.length] as number;
}

const LONGEST_COMPARED = 200;
const SUGGESTIONS = 3;

/**
 * The fields that were most probably meant, best first, at most three: the right name in another group counts as near
 * as one wrong letter in the right place.
 */
export function closestFields(path: string, known: readonly string[]): string[] {
  if (path.length > LONGEST_COMPARED) return [];
  const lower = path.toLowerCase();
  return known
    .map((candidate) => {
      const whole = editDistance(lower, candidate.toLowerCase());
      const last = editDistance(lastSegment(lower), lastSegment(candidate.toLowerCase())) + 1;
      return { candidate, distance: Math.min(whole, last), whole };
    })
    .filter(({ distance }) => distance <= Math.max(2, lastSegment(path).length / 2))
    .sort((a, b) => a.distance - b.distance || a.whole - b.whole)
    .slice(0, SUGGESTIONS)
    .map(({ candidate }) => candidate);
}

function lastSegment(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}
