import fc from 'fast-check';

/**
 * Property tests draw the same examples in every run, so that a red run is about the change and nothing else.
 * `PROPERTY_SEED=random npm test`, or any whole number, looks elsewhere.
 */
const given = process.env.PROPERTY_SEED;
if (given !== 'random') fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(given ?? 20_261_121) });
