const EVENTS = ['uncaughtException', 'unhandledRejection'] as const;

/**
 * Loads a module that Emscripten compiled without the listeners it hangs on the process. They rethrow every uncaught
 * exception and rejection of the whole service as if they were their own, past the service's own handling.
 */
export async function loadWithoutProcessListeners<Module>(load: () => Promise<Module>): Promise<Module> {
  const before = EVENTS.map((event) => new Set(process.listeners(event as 'uncaughtException')));
  const loaded = await load();
  EVENTS.forEach((event, at) => {
    for (const listener of process.listeners(event as 'uncaughtException')) {
      if (!before[at]!.has(listener) && isEmscriptens(listener)) process.removeListener(event, listener);
    }
  });
  return loaded;
}

/** By its text, `throw ex` or `throw reason`: other code may have added listeners while this was loading. */
function isEmscriptens(listener: unknown): boolean {
  return typeof listener === 'function' && /throw (ex|reason)\b/.test(Function.prototype.toString.call(listener));
}
