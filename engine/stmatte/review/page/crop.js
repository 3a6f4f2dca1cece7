// An edge at 200 %: the plate's own pixels and the exact matte, in the view that is chosen.

class Crop {
  constructor(canvas, shot, shelf) {
    Object.assign(this, { canvas, shot, shelf, turn: 0 });
    this.where = document.getElementById("where");
  }

  /** Show a frame. `look` is as for `compose`; `chosen` is an object's place, or -1 for all. */
  async show(index, chosen, look) {
    const turn = ++this.turn;
    const at = chosen >= 0 ? chosen : this._busiest(index);
    const crop = at < 0 ? null : this.shot.objects[at].crops[index];
    if (!crop) return this._empty();
    const [picture, planes] = await Promise.all([this.shelf.crop(index, at), this.shelf.exact(index)]);
    if (turn !== this.turn || picture === null || planes[at] === null) return;
    const [left, top, width, height] = crop;
    // The version before is not carried at this size: a difference is shown as the matte.
    const view = look.view === "difference" ? "matte" : look.view;
    const piece = new Float32Array(width * height);
    for (let y = 0, i = 0; y < height; y++) for (let x = 0; x < width; x++, i++) {
      piece[i] = exactAt(planes[at], (top + y) * this.shot.size[1] + left + x);
    }
    const shown = new ImageData(width, height);
    const mattes = this.shot.objects.map((_, other) => (other === at ? piece : null));
    compose(shown.data, picture.data, mattes, mattes, { ...look, view, size: [height, width] });
    this.canvas.width = width;
    this.canvas.height = height;
    this.canvas.style.aspectRatio = `${width * aspect(this.shot)} / ${height}`;
    this.canvas.style.width = `${2 * width * aspect(this.shot)}px`;
    this.canvas.getContext("2d").putImageData(shown, 0, 0);
    this.where.textContent = `${this.shot.objects[at].name} at ${left}, ${top}`;
  }

  /** The object in the most doubt there, of those that have an edge; -1 if none has. */
  _busiest(index) {
    let found = -1, most = -1;
    this.shot.objects.forEach((object, at) => {
      if (object.crops[index] && (object.doubts[index] ?? 0) > most) {
        most = object.doubts[index] ?? 0;
        found = at;
      }
    });
    return found;
  }

  _empty() {
    this.where.textContent = "no edge here";
    this.canvas.width = this.canvas.width; // wipes it
  }
}

/** Width of a plate's pixel over its height, as the pictures have it. */
function aspect(shot) {
  return (shot.shown[1] / shot.shown[0]) / (shot.size[1] / shot.size[0]);
}
