// The strip of frames: six marks, curves of uncertainty and area, keys that are advised, notes.
//
// A mark is told by its form; it has no colour of its own. Drawn anew when the window's width
// changes; while frames play, only the playhead moves.

const MARKS = {
  fresh: "fresh", stale: "stale: to be made again", keyed: "keyed by the artist",
  absent: "said to be absent", locked: "locked", doubtful: "doubtful",
};
const RULER = 20, LANE = 16, CURVE = 26, GAP = 6;
const SVG = "http://www.w3.org/2000/svg";

function drawn(name, attributes, parent) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (parent) parent.append(element);
  return element;
}

class Strip {
  constructor(place, shot, seek) {
    this.place = place;
    this.shot = shot;
    this.index = 0;
    this.loop = null;
    this.noted = [];
    this.names = document.createElement("div");
    this.names.className = "names";
    this.names.style.paddingTop = `${RULER}px`;
    for (const object of shot.objects) this.names.append(named(object));
    this.svg = drawn("svg", { role: "img", "aria-label": "Frames" });
    place.append(this.names, this.svg);
    const to = (event) => seek(this.indexAt(event.clientX - this.svg.getBoundingClientRect().left));
    this.svg.addEventListener("pointerdown", (event) => {
      this.svg.setPointerCapture(event.pointerId);
      to(event);
    });
    this.svg.addEventListener("pointermove", (event) => event.buttons === 1 && to(event));
    new ResizeObserver(() => this.draw()).observe(place);
  }

  indexAt(x) {
    return Math.min(this.shot.frames.length - 1, Math.max(0, Math.floor(x / this.step)));
  }

  draw() {
    const { frames, objects } = this.shot;
    this.width = Math.max(100, this.place.clientWidth - this.names.offsetWidth);
    this.step = this.width / frames.length;
    const height = RULER + objects.length * (LANE + CURVE + GAP);
    this.svg.replaceChildren();
    this.svg.setAttribute("width", this.width);
    this.svg.setAttribute("height", height);
    this._patterns();
    if (this.loop) this._between(...this.loop, height);
    this._ruler(height);
    objects.forEach((object, at) => this._lane(object, RULER + at * (LANE + CURVE + GAP)));
    this._noted();
    this.head = drawn("g", { class: "playhead" }, this.svg);
    drawn("rect", { x: -Math.max(1, this.step / 2), y: 0, width: Math.max(2, this.step), height }, this.head);
    this.show(this.index);
  }

  /** Move the playhead. */
  show(index) {
    this.index = index;
    if (this.head) this.head.setAttribute("transform", `translate(${this.middle(index)} 0)`);
  }

  middle(index) {
    return (index + 0.5) * this.step;
  }

  _patterns() {
    const hatch = drawn("pattern", {
      id: "hatch", width: 5, height: 5, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)",
    }, drawn("defs", {}, this.svg));
    drawn("rect", { width: 2, height: 5 }, hatch);
  }

  _between(first, last, height) {
    drawn("rect", {
      class: "loop", x: first * this.step, y: 0, width: (last - first + 1) * this.step, height,
    }, this.svg);
  }

  _ruler(height) {
    const every = [1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000].find((n) => n * this.step >= 56) ?? 2000;
    this.shot.frames.forEach((frame, index) => {
      if (frame % every) return;
      const x = this.middle(index);
      drawn("line", { class: "tick", x1: x, x2: x, y1: RULER - 5, y2: height }, this.svg);
      const near = x < 20 ? "start" : x > this.width - 20 ? "end" : "middle";
      drawn("text", { x: near === "start" ? 0 : near === "end" ? this.width : x, y: 11, "text-anchor": near }, this.svg).textContent = frame;
    });
  }

  _lane(object, top) {
    const lane = drawn("g", { class: "lane", "data-object": object.name }, this.svg);
    for (const [mark, first, last] of runs(object.marks)) {
      const group = drawn("g", { class: `mark ${mark}`, "data-mark": mark, "data-first": this.shot.frames[first], "data-last": this.shot.frames[last] }, lane);
      this._mark(mark, first, last, top, group);
    }
    // What the artist said is shown before stale; that its file does not say so yet, below it.
    for (const [behind, first, last] of runs(object.stale.map((stale, index) => stale && object.marks[index] !== "stale"))) {
      if (behind) drawn("rect", { class: "behind", x: first * this.step, y: top + LANE - 1, width: (last - first + 1) * this.step, height: 4 }, lane);
    }
    for (const [changed, first, last] of runs(object.changed)) {
      if (changed === true) drawn("path", { class: "changed", d: this._ticks(first, last, top + LANE) }, lane);
    }
    const floor = top + LANE + CURVE;
    drawn("line", { class: "floor", x1: 0, x2: this.width, y1: floor, y2: floor }, lane);
    const most = Math.max(...object.areas.map((area) => area ?? 0), 1e-9);
    this._curve("area", object.areas.map((area) => (area === null ? null : area / most)), floor, lane);
    this._curve("doubt", object.doubts, floor, lane);
    for (const advice of this.shot.advice) {
      if (advice.object === object.name) this._advised(advice.frame, top, lane);
    }
  }

  _mark(mark, first, last, top, group) {
    const x = first * this.step, width = (last - first + 1) * this.step, y = top + LANE / 2;
    if (mark === "fresh") drawn("rect", { x, y: y - 1, width, height: 2 }, group);
    if (mark === "stale") drawn("rect", { x, y: top + 2, width, height: LANE - 4 }, group);
    if (mark === "locked") drawn("rect", { x: x + 0.5, y: top + 3, width: Math.max(1, width - 1), height: LANE - 6 }, group);
    for (let index = first; index <= last; index++) drawn("path", { d: glyph(mark, this.middle(index), y, this.step) }, group);
  }

  /** A short stroke on each frame. */
  _ticks(first, last, y) {
    return Array.from({ length: last - first + 1 }, (_, at) => `M${this.middle(first + at)} ${y}v5`).join("");
  }

  _curve(kind, values, floor, lane) {
    for (const points of unbroken(values)) {
      const line = points.map(([i, v]) => `${this.middle(i).toFixed(1)} ${(floor - v * (CURVE - 4)).toFixed(1)}`).join("L");
      drawn("path", { class: kind, d: points.length > 1 ? `M${line}` : `M${line}h1` }, lane);
    }
  }

  _advised(frame, top, lane) {
    const x = this.middle(this.shot.frames.indexOf(frame)), y = top + LANE + 9;
    drawn("path", { class: "advised", d: `M${x} ${y - 6}l6 6l-6 6l-6 -6z` }, lane);
  }

  _noted() {
    for (const [first, last] of this.noted) {
      const x = first * this.step, width = Math.max(3, (last - first + 1) * this.step);
      drawn("path", { class: "noted", d: `M${x} ${RULER - 5}h${width}v3h${-width}z` }, this.svg);
    }
  }
}

function named(object) {
  const label = document.createElement("div");
  label.style.height = `${LANE + CURVE + GAP}px`;
  const name = document.createElement("b");
  name.textContent = object.name;
  const most = Math.max(...object.areas.map((area) => area ?? 0));
  const scale = document.createElement("span");
  scale.textContent = `area to ${(100 * most).toPrecision(2)} %`;
  label.append(name, scale);
  return label;
}

/** What stands on single frames: a diamond, a cross, a triangle. The others are runs. */
function glyph(mark, x, y, step) {
  const r = Math.min(6, Math.max(3.5, step * 0.42));
  if (mark === "keyed") return `M${x} ${y - r - 1}l${r} ${r + 1}l${-r} ${r + 1}l${-r} ${-r - 1}z`;
  if (mark === "absent") return `M${x - r * 0.6} ${y - r * 0.6}l${1.2 * r} ${1.2 * r}m0 ${-1.2 * r}l${-1.2 * r} ${1.2 * r}`;
  if (mark === "doubtful") return `M${x} ${y - r}l${r} ${2 * r}h${-2 * r}z`;
  return "M0 0";
}

/** Neighbours that are alike: [value, first, last]. */
function runs(values) {
  const found = [];
  values.forEach((value, index) => {
    const last = found[found.length - 1];
    if (last && last[0] === value) last[2] = index;
    else found.push([value, index, index]);
  });
  return found;
}

/** Stretches of known values: lists of [index, value]. */
function unbroken(values) {
  const found = [];
  values.forEach((value, index) => {
    if (value === null) return;
    if (index > 0 && values[index - 1] !== null && found.length) found[found.length - 1].push([index, value]);
    else found.push([[index, value]]);
  });
  return found;
}

/** What each mark looks like, with its word. */
function legend(place, shot) {
  const entry = (draw, words) => {
    const item = document.createElement("span");
    const svg = drawn("svg", { width: 26, height: LANE });
    draw(svg);
    item.append(svg, words);
    place.append(item);
  };
  for (const [mark, words] of Object.entries(MARKS)) entry((svg) => {
    const sample = Object.assign(Object.create(Strip.prototype), { step: 26 });
    const group = drawn("g", { class: `mark ${mark}` }, svg);
    sample._mark(mark, 0, 0, 0, group);
  }, words);
  entry((svg) => drawn("path", { class: "advised", d: "M13 2l6 6l-6 6l-6 -6z" }, svg), "key advised");
  entry((svg) => drawn("path", { class: "doubt", d: "M2 12L10 4L24 9" }, svg), "uncertainty, 0 to 1");
  entry((svg) => drawn("path", { class: "area", d: "M2 11L24 5" }, svg), "area");
  if (shot.previous) entry((svg) => drawn("path", { class: "changed", d: "M4 5v5M9 5v5M14 5v5M19 5v5" }, svg), `changed since ${shot.previous}`);
}
