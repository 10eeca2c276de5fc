import { rotate } from "#providers/embeddings/rotate.ts";

/**
 * How much of the variance each direction has.
 *   natural  the k-th direction has 1/k, as trained embeddings have about: the first 512 of 1,536
 *            directions carry 86 %. All directions are mixed, so that every dimension counts the same.
 *   flat     all have the same. The passages of a topic are then nearly equally far from everything,
 *            which no model's are: the hardest case that there is.
 */
export type Spectrum = "natural" | "flat";

/** Makes vectors that look like embeddings: topics, passages around them, questions near a passage. */
export type VectorSource = {
  /** A passage's vector, as PostgreSQL reads it; of a topic. */
  readonly passage: (topic: number) => string;
  /** A question near a passage: its vector with as much noise as gives a cosine of about .7. */
  readonly question: (passage: string) => string;
  /** A whole number below the limit. */
  readonly below: (limit: number) => number;
};

const DIMENSIONS = 1536;

/** Topics are 60° apart from their passages on average, as embeddings of one subject are. */
const TOPIC_SHARE = 1;
const NOISE_SHARE = 1.7;

/** Whole numbers are a third of the text that fractions are, and precise enough for angles. */
const SCALE = 10;

/** The same seed makes the same vectors. */
export function createVectorSource(seed: number, spectrum: Spectrum): VectorSource {
  const random = createRandom(seed);
  const topics = new Map<number, Float64Array>();
  const deviations = deviationsOf(spectrum);
  const normals = (): Float64Array => {
    const drawn = deviations.map((deviation) => deviation * normal(random));
    return spectrum === "flat" ? drawn : rotate(drawn);
  };
  const topicOf = (topic: number): Float64Array => {
    const known = topics.get(topic) ?? normals();
    topics.set(topic, known);
    return known;
  };
  return {
    passage: (topic) => {
      const centre = topicOf(topic);
      const noise = normals();
      return write(
        centre.map(
          (value, index) => SCALE * (TOPIC_SHARE * value + NOISE_SHARE * (noise[index] ?? 0)),
        ),
      );
    },
    question: (passage) => {
      const parts: unknown = JSON.parse(passage);
      if (!Array.isArray(parts)) throw new Error("This is no vector");
      const size = SCALE * Math.hypot(TOPIC_SHARE, NOISE_SHARE);
      const noise = normals();
      const near = parts.map((value, index) => Number(value) + size * (noise[index] ?? 0));
      return write(near);
    },
    below: (limit) => Math.floor(random() * limit),
  };
}

/** Of each direction before they are mixed; their squares are 1 on average. */
function deviationsOf(spectrum: Spectrum): Float64Array {
  const variances = Float64Array.from({ length: DIMENSIONS }, (_, index) =>
    spectrum === "flat" ? 1 : 1 / (index + 1),
  );
  const mean = variances.reduce((sum, variance) => sum + variance, 0) / DIMENSIONS;
  return variances.map((variance) => Math.sqrt(variance / mean));
}

function write(values: ArrayLike<number>): string {
  return `[${Array.from(values, (value) => Math.round(value)).join(",")}]`;
}

/** Nearly normal: the sum of four uniform numbers, with variance 1. */
function normal(random: () => number): number {
  return (random() + random() + random() + random() - 2) * Math.sqrt(3);
}

/** Mulberry32. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
