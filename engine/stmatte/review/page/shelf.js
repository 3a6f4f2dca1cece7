// Frames as they are unpacked, the latest kept: playing must not unpack everything at once.

const MOST_BYTES = 192 * 2 ** 20;

class Shelf {
  constructor(shot) {
    this.shot = shot;
    this.frames = new Map(); // index -> promise, the one used longest ago first
    this.ready = new Map(); // index -> frame, once it is unpacked
    this.exactly = { index: -1, planes: null };
    const pixels = shot.shown[0] * shot.shown[1];
    this.most = Math.max(4, Math.floor(MOST_BYTES / (pixels * (4 + 2 * shot.objects.length))));
  }

  /** What the page carries of a frame; pieces that it has not are null. */
  frame(index) {
    const held = this.frames.get(index) ?? this._unpack(index);
    this.frames.delete(index);
    this.frames.set(index, held);
    for (const old of this.frames.keys()) {
      if (this.frames.size <= this.most) break;
      this.frames.delete(old);
      this.ready.delete(old);
    }
    return held;
  }

  async _unpack(index) {
    const number = this.shot.frames[index];
    const plate = textOf(`plate/${number}`);
    const planes = (kind) => Promise.all(this.shot.objects.map((_, at) => plane(`${kind}/${number}/${at}`)));
    const [picture, now, before] = await Promise.all([
      plate === null ? null : pictureOf(plate), planes("shown"), planes("before"),
    ]);
    // What did not change since the version before is carried once.
    this.shot.objects.forEach((object, at) => {
      if (object.changed[index] === false) before[at] = now[at];
    });
    const frame = { plate: picture === null ? null : picture.data, now, before };
    if (this.frames.has(index)) this.ready.set(index, frame);
    return frame;
  }

  /** The bits of every object's matte on a frame, at the plate's size. Only the latest is kept. */
  exact(index) {
    if (this.exactly.index !== index) {
      const number = this.shot.frames[index];
      const planes = Promise.all(this.shot.objects.map((_, at) => plane(`exact/${number}/${at}`)));
      this.exactly = { index, planes };
    }
    return this.exactly.planes;
  }

  /** A piece of the plate in its own size, around an object's edge; null where it has none. */
  async crop(index, at) {
    const text = textOf(`crop/${this.shot.frames[index]}/${at}`);
    return text === null ? null : pictureOf(text);
  }
}

async function plane(name) {
  const text = textOf(name);
  return text === null ? null : unpacked(text);
}
