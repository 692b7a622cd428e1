import { spawn } from 'node:child_process';

const LOOP =
  'const begin = performance.now(); let sum = 0; for (let i = 0; i < 3e8; i++) sum += Math.sqrt(i); console.log(performance.now() - begin, sum > 0)';

function loop() {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['-e', LOOP], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.once('close', () => resolve(parseFloat(output)));
  });
}

/** What two processes that only compute get done together, over what one does: 2 where each has a core of its own. */
export async function twoOverOne() {
  const one = Math.min(await loop(), await loop());
  const two = Math.min(
    Math.max(...(await Promise.all([loop(), loop()]))),
    Math.max(...(await Promise.all([loop(), loop()]))),
  );
  return (2 * one) / two;
}
