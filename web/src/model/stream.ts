// Where one terminal's output stands, in absolute byte offsets from its start.
// Decides which received bytes are new, what was missed and when to
// acknowledge. Pure bookkeeping: no emulator, no socket. Owned by session.
//
//   acked <= rendered <= next        next = offset after the last byte taken
//                                    incoming = offset of the daemon's next byte

/** Acknowledge at the latest after this much; the daemon's window is 256 KiB. */
const ackStep = 32 * 1024;

export class Stream {
  #next = 0;
  #incoming = 0;
  #rendered = 0;
  #acked = 0;
  #replayEnd = 0;
  #attached = false;

  get next(): number {
    return this.#next;
  }

  get rendered(): number {
    return this.#rendered;
  }

  get acked(): number {
    return this.#acked;
  }

  /** The daemon streams this terminal on the present connection. */
  get attached(): boolean {
    return this.#attached;
  }

  /** What was printed before the attach is on the screen: typing may begin. */
  get live(): boolean {
    return this.#attached && this.#rendered >= this.#replayEnd;
  }

  /** A connection begins to stream at `offset`; `first`: nothing is known of
   * this session yet. Returns how many bytes were missed. */
  attach(offset: number, head: number, first: boolean): number {
    if (first) this.#next = this.#rendered = offset;
    this.#attached = true;
    this.#incoming = offset;
    this.#replayEnd = Math.max(head, offset);
    this.#acked = Math.min(this.#rendered, offset);
    return this.#skipTo(offset);
  }

  detach(): void {
    this.#attached = false;
  }

  /** Takes a data frame; returns the part of it that is new. */
  take(bytes: Uint8Array): Uint8Array {
    const known = Math.max(0, this.#next - this.#incoming);
    this.#incoming += bytes.length;
    const fresh = known === 0 ? bytes : bytes.subarray(known);
    this.#next += fresh.length;
    return fresh;
  }

  /** The daemon goes on at `to`. Returns how many bytes were missed. */
  gap(to: number): number {
    this.#incoming = to;
    return this.#skipTo(to);
  }

  /** Everything before `offset` is drawn. Returns whether to acknowledge at
   * once; if not, acknowledge soon. */
  render(offset: number): boolean {
    this.#rendered = Math.max(this.#rendered, offset);
    return this.#rendered - this.#acked >= ackStep;
  }

  /** The offset to acknowledge now, or null when the daemon knows it. */
  takeAck(): number | null {
    if (!this.#attached || this.#rendered <= this.#acked) return null;
    return (this.#acked = this.#rendered);
  }

  #skipTo(offset: number): number {
    const missed = offset - this.#next;
    if (missed <= 0) return 0;
    if (this.#rendered === this.#next) this.#rendered = offset;
    this.#next = offset;
    return missed;
  }
}
