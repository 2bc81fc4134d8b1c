// What scripts of a page find at window.bandeau. Described in docs/operate/signals.md.

/** Where the visitor stands: no answer, everything granted, some of it, nothing. */
export type BandeauState = "undecided" | "accepted" | "partial" | "refused";

/** Every purpose of the site by its id: whether it is open, because it was granted or because it is exempt. */
export type BandeauPurposes = Record<string, boolean>;

export interface Bandeau {
  /** Where the visitor stands now. */
  readonly state: BandeauState;
  /** Every purpose and whether it is open now; a copy. */
  readonly purposes: BandeauPurposes;
  /** Whether a purpose is open now. Of a purpose the site does not have: false. */
  granted(purpose: string): boolean;
  /** Opens the visitor's settings. */
  open(): void;
  /**
   * Calls a function at once with where the visitor stands, and at each change for which the page does not come anew.
   * What it throws is written to the console. Returns what ends it.
   */
  subscribe(hear: (state: BandeauState, purposes: BandeauPurposes) => void): () => void;
}

declare global {
  /** There before any script of the page; not there where the site switched it off (`signals.window = false`). */
  var bandeau: Readonly<Bandeau>;

  interface DocumentEventMap {
    /** An answer was given for which the page does not come anew: the purposes that are granted now. */
    "bandeau:decision": CustomEvent<{ granted: string[] }>;
    /** The settings are asked for. */
    "bandeau:open": Event;
  }
}
