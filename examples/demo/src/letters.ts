/** What a model says of a name, letter by letter, as pillars. */
import { element, setText } from "./elements.ts";
import type { FromObserver } from "./messages.ts";

const percent = (x: number): string => `${Math.round(100 * x)} %`;

/** What was typed and has no answer yet. */
let awaited: string | undefined;

/**
 * The answer to `text` is read aloud by screen readers. Those of a model that learns on are not: they come twice a
 * second.
 */
export function announce(text: string): void {
  awaited = text;
}

/** Pillars of two classes; the last letter's words below. */
export function showLetters({
  text,
  letters,
  classes,
  update,
}: Extract<FromObserver, { kind: "letters" }>): void {
  const list = element("letters", HTMLOListElement);
  while (list.children.length > letters.length) list.lastElementChild?.remove();
  letters.forEach(({ letter, probabilities }, i) => {
    const item = list.children[i] ?? list.appendChild(newPillar());
    const first = probabilities[0] ?? 0;
    const bar = item.querySelector<HTMLElement>(".pillar > span");
    const written = item.querySelector<HTMLElement>(".letter");
    if (bar !== null) bar.style.height = `${100 * first}%`;
    if (written !== null) written.textContent = letter;
    const said = classes.map((name, k) => `${name} ${percent(probabilities[k] ?? 0)}`).join(", ");
    item.setAttribute("aria-label", `after ${letter}: ${said}`);
    item.setAttribute("title", said);
  });
  const last = letters.at(-1);
  if (last === undefined) {
    const isEmpty = text.trim() === "";
    const problem = `${text}: a letter from a to z is needed.`;
    setText("verdict", isEmpty ? "Type a name to see what the model makes of it." : problem);
    setText("spoken", isEmpty ? "" : problem);
    awaited = undefined;
    return;
  }
  const best = last.probabilities.indexOf(Math.max(...last.probabilities));
  const verdict = `${classes[best] ?? ""}, ${percent(last.probabilities[best] ?? 0)}`;
  if (text === awaited) {
    awaited = undefined;
    setText("spoken", `${text}: ${verdict}`);
  }
  const trained = update === 0 ? "untrained" : `after ${update} updates`;
  setText("verdict", `${verdict} (${trained})`);
}

/** A run begins: what the model before said is not what this one says. */
export function clearLetters(): void {
  element("letters", HTMLOListElement).replaceChildren();
  setText("verdict", "Nothing yet: start a run.");
  setText("spoken", "");
}

/** Which colour is which class. */
export function showClasses(classes: readonly string[]): void {
  const note = element("try-note", HTMLElement);
  const key = (kind: string): HTMLElement => {
    const mark = document.createElement("span");
    mark.className = `key ${kind}`;
    mark.setAttribute("aria-hidden", "true");
    return mark;
  };
  const [first = "", second = ""] = classes;
  note.replaceChildren(key("first"), first, key("second"), second);
}

function newPillar(): HTMLLIElement {
  const item = document.createElement("li");
  const pillar = document.createElement("div");
  pillar.className = "pillar";
  pillar.setAttribute("aria-hidden", "true");
  pillar.append(document.createElement("span"));
  const letter = document.createElement("span");
  letter.className = "letter";
  item.append(pillar, letter);
  return item;
}
