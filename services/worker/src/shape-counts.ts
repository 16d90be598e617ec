import type { RunRows } from "./worker-event.ts";

/** Counts the different shapes that engines were given. */
export interface ShapeCounts {
  /** Notes a run; gives the number of different shapes of its model if it is one more now. Counts up to {@link mostShapes}. */
  count(model: string, rows: RunRows): number | undefined;
}

/** Shapes that are told apart for each model: more say only that they are many. */
export const mostShapes = 4096;

export function createShapeCounts(): ShapeCounts {
  const shapesOf = new Map<string, Set<string>>();
  return {
    count: (model, { rowCount, length }) => {
      const shapes = shapesOf.get(model) ?? new Set();
      const shape = `${rowCount}x${length}`;
      if (shapes.size >= mostShapes || shapes.has(shape)) return undefined;
      shapesOf.set(model, shapes.add(shape));
      return shapes.size;
    },
  };
}
