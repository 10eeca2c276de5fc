/** A threshold, and which shares of the questions find a passage that passes it. */
export type ThresholdChoice = {
  readonly threshold: number;
  readonly onTopicKept: number;
  readonly offTopicPassed: number;
};

/** Thresholds have this many steps to 1: finer than questions differ. */
const STEPS = 1_000;

/**
 * The highest threshold that keeps a share of the questions on topic. None that keeps as many lets
 * fewer of the others pass.
 * @param similarities each question's similarity to its best passage; on topic at least one.
 */
export function chooseThreshold(
  similarities: { readonly onTopic: readonly number[]; readonly offTopic: readonly number[] },
  keptShare: number,
): ThresholdChoice {
  const { onTopic, offTopic } = similarities;
  const ascending = onTopic.toSorted((first, second) => first - second);
  const lost = Math.floor((1 - keptShare) * ascending.length + 1e-9);
  const threshold = Math.floor((ascending[lost] ?? 0) * STEPS) / STEPS;
  return {
    threshold,
    onTopicKept: shareFrom(onTopic, threshold),
    offTopicPassed: shareFrom(offTopic, threshold),
  };
}

function shareFrom(similarities: readonly number[], threshold: number): number {
  if (similarities.length === 0) return 0;
  return similarities.filter((similarity) => similarity >= threshold).length / similarities.length;
}
