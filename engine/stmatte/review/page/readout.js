// The exact values under the pointer, from the page's lossless copy of the mattes.

class Readout {
  constructor(canvas, shot, shelf, now) {
    Object.assign(this, { canvas, shot, shelf, now, pointer: null });
    this.table = document.getElementById("values");
    this.rows = shot.objects.map((object) => {
      const row = this.table.insertRow();
      row.insertCell().textContent = object.name;
      return row.insertCell();
    });
    canvas.addEventListener("pointermove", (event) => this.look(event));
    canvas.addEventListener("pointerleave", () => this.look(null));
    this.show();
  }

  look(event) {
    this.pointer = event === null ? null : [event.clientX, event.clientY];
    this.show();
  }

  /** The plate's pixel under the pointer, [x, y] from the top left; null beside the picture. */
  pixel() {
    if (this.pointer === null) return null;
    const box = this.canvas.getBoundingClientRect();
    const [height, width] = this.shot.size;
    const x = Math.floor(((this.pointer[0] - box.left) / box.width) * width);
    const y = Math.floor(((this.pointer[1] - box.top) / box.height) * height);
    return x < 0 || y < 0 || x >= width || y >= height ? null : [x, y];
  }

  /** Tell the values; while frames play there are none to read. */
  async show() {
    const pixel = this.pixel(), index = this.now();
    document.getElementById("at").textContent = pixel === null ? "" : `${pixel[0]}, ${pixel[1]}`;
    if (pixel === null || index === null) {
      for (const cell of this.rows) cell.textContent = "";
      this.table.dataset.pixel = "";
      return;
    }
    const planes = await this.shelf.exact(index);
    if (index !== this.now() || String(this.pixel()) !== String(pixel)) return;
    const place = pixel[1] * this.shot.size[1] + pixel[0];
    this.rows.forEach((cell, at) => {
      cell.textContent = planes[at] === null ? "no matte" : valued(exactAt(planes[at], place));
    });
    this.table.dataset.pixel = `${this.shot.frames[index]}:${pixel}`;
  }
}

/** A half float in as few digits as tell it from its neighbours: five that count. */
function valued(value) {
  return value === 0 || value === 1 ? String(value) : value.toPrecision(5);
}
