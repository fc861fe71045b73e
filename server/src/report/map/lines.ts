/** The course of a line from card to card: straight down where nothing stands in the way, else as the layout found it. */

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** How far a line runs on upright that turns aside early or late. */
const bend = 48;

/** Returns the points that a line passes, from the edge of one card to the edge of another. */
export function course(from: Box, to: Box, found: readonly Point[], others: readonly Box[]): readonly Point[] {
  const isDown = from.top + from.height <= to.top;
  const isUp = to.top + to.height <= from.top;
  if (!isDown && !isUp) return found;
  const start = { x: from.left + from.width / 2, y: isDown ? from.top + from.height : from.top };
  const end = { x: to.left + to.width / 2, y: isDown ? to.top : to.top + to.height };
  if (isDown) {
    const detour = [start, ...found.slice(1, -1), end];
    const late = [start, { x: start.x, y: Math.max(start.y, end.y - bend) }, end];
    const early = [start, { x: end.x, y: Math.min(end.y, start.y + bend) }, end];
    const isFree = (points: readonly Point[]): boolean => !others.some((box) => crosses(points, box));
    return [[start, end], detour, late, early].find(isFree) ?? detour;
  }
  // A loop back takes the layout's detour, beside what leads there.
  const [foot, tip] = [found[0] ?? start, found.at(-1) ?? end];
  return [{ x: foot.x, y: start.y }, ...found.slice(1, -1), { x: tip.x, y: end.y }];
}

/** Returns the line as the data of a path: from point to point in curves that leave and arrive upright. */
export function curve(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return "";
  let [path, last] = [`M${round(first.x)} ${round(first.y)}`, first];
  for (const point of rest) {
    const middle = round((last.y + point.y) / 2);
    path += `C${round(last.x)} ${middle} ${round(point.x)} ${middle} ${round(point.x)} ${round(point.y)}`;
    last = point;
  }
  return path;
}

/** Tells whether the curve through these points touches a box, or comes close to it. */
export function crosses(points: readonly Point[], box: Box): boolean {
  const [clear, parts] = [7, 24];
  return points.slice(1).some((end, index) => {
    const start = points[index] ?? end;
    for (let part = 0; part <= parts; part++) {
      const { x, y } = between(start, end, part / parts);
      const inside =
        x > box.left - clear &&
        x < box.left + box.width + clear &&
        y > box.top - clear &&
        y < box.top + box.height + clear;
      if (inside) return true;
    }
    return false;
  });
}

/** Returns the point at this part of the curve: a cubic whose handles stand upright, half the way each. */
function between(start: Point, end: Point, part: number): Point {
  const [across, down] = [part * part * (3 - 2 * part), 1.5 * part * (1 - part) + part ** 3];
  return { x: start.x + (end.x - start.x) * across, y: start.y + (end.y - start.y) * down };
}

export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
