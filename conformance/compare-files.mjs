import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Of the numbers that are compared. */
const TOLERANCE = 1e-5;

/**
 * For each file with the ending in the directory that this program was given, prints by how much our numbers differ from
 * the peer's in the JSON file of the same name: `difference(told, content)`. `did` is what has been done with those that
 * are equal. Ends the program, with 1 when one differs, fails, or there is none.
 */
export async function compareFiles(ending, did, difference) {
  const [directory] = process.argv.slice(2);
  if (directory === undefined) throw new Error(`usage: node ${process.argv[1]} DIRECTORY`);
  let passed = 0;
  let failed = 0;
  for (const name of readdirSync(directory).filter((file) => file.endsWith(ending))) {
    let finding;
    try {
      const told = JSON.parse(readFileSync(join(directory, `${name.slice(0, -ending.length)}.json`), 'utf8'));
      const worst = await difference(told, new Uint8Array(readFileSync(join(directory, name))));
      finding = `${worst <= TOLERANCE ? 'ok  ' : 'FAIL'} ${name}: largest difference ${worst.toExponential(2)}`;
    } catch (error) {
      finding = `FAIL ${name}: ${error.message}`;
    }
    console.log(finding);
    if (finding.startsWith('ok')) passed++;
    else failed++;
  }
  console.log(`${passed} ${did} and equal, ${failed} failed`);
  process.exit(failed > 0 || passed === 0 ? 1 : 0);
}

/** Ours and theirs one by one; fails where one has more. */
export function largestDifference(ours, theirs, between = (own, value) => Math.abs(own - value)) {
  if (ours.length !== theirs.length) throw new Error(`${ours.length} numbers, not ${theirs.length}`);
  return theirs.reduce((worst, value, at) => Math.max(worst, between(ours[at], value, at)), 0);
}
