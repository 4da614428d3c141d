/** What every host has and the language's own types do not name. */
declare const performance: { now(): number };
declare function setTimeout(then: () => void, milliseconds: number): unknown;
