// FIPS 180-4. Browsers digest only what lies in memory whole, and only on pages that came by HTTPS; files here have
// gigabytes. The server computes the digest itself and refuses a file that has another, so nothing is trusted to this.

const BLOCK = 64;

/** The first 64 primes; the constants are fractions of their roots. */
const PRIMES = Array.from({ length: 310 }, (_, at) => at + 2).filter((one, at, all) =>
  all.slice(0, at).every((smaller) => one % smaller !== 0),
);

/** 32-bit words in a row. A `DataView` reads and writes them as numbers, without a check at each. */
function words(values: number[]): DataView {
  const view = new DataView(new ArrayBuffer(values.length * 4));
  values.forEach((value, at) => {
    view.setUint32(at * 4, value);
  });
  return view;
}

/** The first 32 bits behind the point. Doubles have 18 more there, so no rounding reaches them. */
const fraction = (root: number) => Math.floor((root % 1) * 2 ** 32);

const ROUNDS = words(PRIMES.map((prime) => fraction(Math.cbrt(prime))));

const turned = (word: number, bits: number) => (word >>> bits) | (word << (32 - bits));

/** A SHA-256 digest of bytes that come in parts. */
export class Sha256 {
  readonly #state = words(PRIMES.slice(0, 8).map((prime) => fraction(Math.sqrt(prime))));
  readonly #words = words(Array(BLOCK).fill(0));
  readonly #rest = new Uint8Array(BLOCK);
  /** Bytes in `#rest`, fewer than a block between calls. */
  #held = 0;
  #length = 0;

  /** Takes the next part. */
  update(part: Uint8Array): this {
    this.#length += part.length;
    let from = 0;
    if (this.#held > 0) {
      from = Math.min(BLOCK - this.#held, part.length);
      this.#rest.set(part.subarray(0, from), this.#held);
      this.#held += from;
      if (this.#held < BLOCK) return this;
      this.#block(new DataView(this.#rest.buffer), 0);
    }
    const view = new DataView(part.buffer, part.byteOffset, part.byteLength);
    for (; from + BLOCK <= part.length; from += BLOCK) this.#block(view, from);
    this.#rest.set(part.subarray(from));
    this.#held = part.length - from;
    return this;
  }

  /** The digest, hexadecimal. Nothing can be added afterwards. */
  hex(): string {
    const end = this.#held < BLOCK - 8 ? BLOCK : BLOCK * 2;
    const padding = new Uint8Array(end - this.#held);
    padding[0] = 0x80;
    new DataView(padding.buffer).setBigUint64(padding.length - 8, BigInt(this.#length) * 8n);
    this.update(padding);
    return Array.from({ length: 8 }, (_, at) =>
      this.#state
        .getUint32(at * 4)
        .toString(16)
        .padStart(8, "0"),
    ).join("");
  }

  #block(view: DataView, from: number): void {
    const w = this.#words;
    for (let at = 0; at < BLOCK; at += 4) w.setInt32(at, view.getInt32(from + at));
    for (let at = BLOCK; at < BLOCK * 4; at += 4) {
      const near = w.getInt32(at - 8);
      const far = w.getInt32(at - 60);
      const mixed =
        (turned(near, 17) ^ turned(near, 19) ^ (near >>> 10)) +
        (turned(far, 7) ^ turned(far, 18) ^ (far >>> 3));
      w.setInt32(at, w.getInt32(at - 28) + w.getInt32(at - 64) + mixed);
    }
    const state = this.#state;
    let a = state.getInt32(0);
    let b = state.getInt32(4);
    let c = state.getInt32(8);
    let d = state.getInt32(12);
    let e = state.getInt32(16);
    let f = state.getInt32(20);
    let g = state.getInt32(24);
    let h = state.getInt32(28);
    for (let at = 0; at < BLOCK * 4; at += 4) {
      const choice = (e & f) ^ (~e & g);
      const turn = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25);
      const one = (h + turn + choice + ROUNDS.getInt32(at) + w.getInt32(at)) | 0;
      const majority = (a & b) ^ (a & c) ^ (b & c);
      const two = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + majority;
      h = g;
      g = f;
      f = e;
      e = (d + one) | 0;
      d = c;
      c = b;
      b = a;
      a = (one + two) | 0;
    }
    // Written out, since lists of eight words would be made anew in every round of every block.
    state.setInt32(0, state.getInt32(0) + a);
    state.setInt32(4, state.getInt32(4) + b);
    state.setInt32(8, state.getInt32(8) + c);
    state.setInt32(12, state.getInt32(12) + d);
    state.setInt32(16, state.getInt32(16) + e);
    state.setInt32(20, state.getInt32(20) + f);
    state.setInt32(24, state.getInt32(24) + g);
    state.setInt32(28, state.getInt32(28) + h);
  }
}
