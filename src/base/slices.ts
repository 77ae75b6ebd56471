/**
 * Long lists are gone through in slices: between two of them the event loop turns, so that nobody who asks something meanwhile
 * waits for the whole list.
 */

/** A few milliseconds of the work that is done for one entry anywhere here. */
const sliceLength = 500;

/** Calls `each` for every item, in order. */
export async function inSlices<T>(items: Iterable<T>, each: (item: T) => void): Promise<void> {
  let n = 0;
  for (const item of items) {
    each(item);
    n++;
    if (n % sliceLength === 0) await turn();
  }
}

/** What `each` gives for every item, in order. */
export async function flatInSlices<T, R>(items: Iterable<T>, each: (item: T) => readonly R[]): Promise<R[]> {
  const all: R[] = [];
  await inSlices(items, (item) => all.push(...each(item)));
  return all;
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
