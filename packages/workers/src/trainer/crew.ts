/** The workers by mail of an engine, by rank. Ranks stay, workers come and go. */
import { InternalError } from "@scan-train/core";
import type { HomeState } from "./home-state.ts";
import { Lane } from "./lane.ts";
import type { MailTransport } from "./mail-transport.ts";

export class Crew {
  readonly home: HomeState;
  /** The copy of the state that the next step reads. */
  copy = 0;
  readonly #transport: MailTransport;
  readonly #lanes: Lane[];

  constructor(transport: MailTransport, home: HomeState) {
    this.home = home;
    this.#transport = transport;
    this.#lanes = Array.from({ length: transport.workers }, (_, rank) => this.#hire(rank));
  }

  get lanes(): readonly Lane[] {
    return this.#lanes;
  }

  lane(rank: number): Lane {
    const lane = this.#lanes[rank];
    if (lane === undefined) throw new InternalError(`there is no worker ${rank}`);
    return lane;
  }

  #hire(rank: number): Lane {
    return new Lane(rank, this.#transport.take(), this.home);
  }

  /** Puts a new worker in the place of one that has ended; undefined when that was done before. */
  replace(lane: Lane, reason: Error): Lane | undefined {
    if (this.#lanes[lane.rank] !== lane) return undefined;
    lane.end(reason);
    const fresh = this.#hire(lane.rank);
    this.#lanes[lane.rank] = fresh;
    return fresh;
  }

  close(reason: Error): void {
    for (const lane of this.#lanes) lane.end(reason);
    this.#transport.close();
  }
}
