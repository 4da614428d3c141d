/** The elements of the page by their ids. */

/** @throws Error when the page has no such element of that kind */
export function element<E extends Element>(
  id: string,
  kind: abstract new (...args: never[]) => E,
): E {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`the page has no ${kind.name} "${id}"`);
}

export const setText = (id: string, text: string): void => {
  const place = element(id, HTMLElement);
  if (place.textContent !== text) place.textContent = text;
};
