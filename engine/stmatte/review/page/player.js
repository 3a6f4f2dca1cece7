// The page of a shot: which frame, which view, and everything that shows it.

class Player {
  constructor(shot) {
    this.shot = shot;
    this.shelf = new Shelf(shot);
    this.index = 0;
    this.chosen = -1; // an object's place; -1 for all
    this.looked = { view: "overlay", colour: [31, 111, 58], gain: 4 };
    this.playing = false;
    this.turn = 0;
    this.canvas = document.getElementById("picture");
    [this.canvas.height, this.canvas.width] = shot.shown;
    document.getElementById("stage").style.setProperty("--aspect", shot.shown[1] / shot.shown[0]);
    this.pixels = new ImageData(shot.shown[1], shot.shown[0]);
    this.strip = new Strip(document.getElementById("strip"), shot, (index) => this.show(index));
    this.crop = new Crop(document.getElementById("crop"), shot, this.shelf);
    this.readout = new Readout(this.canvas, shot, this.shelf, () => (this.playing ? null : this.index));
    legend(document.getElementById("legend"), shot);
    this._furnish();
    this.notes = new Notes(shot, this.strip, this);
    keyboard(this);
    // The address may have been rewritten by a picture that came meanwhile: the event knows better.
    addEventListener("hashchange", ({ newURL }) => this.follow(new URL(newURL).hash));
    this.follow(location.hash);
  }

  /** Show the frame at an index, and stay within what there is. */
  show(index) {
    this.index = Math.min(this.shot.frames.length - 1, Math.max(0, index));
    this.strip.show(this.index);
    this._tell();
    return this._draw();
  }

  goTo(frame) {
    this.stop();
    const index = this.shot.frames.findIndex((number) => number >= frame);
    this.show(index < 0 ? Infinity : index);
  }

  step(frames) {
    this.stop();
    this.show(this.index + frames);
  }

  /** Go to the next frame on which something is to be looked at. */
  toMark(direction) {
    this.stop();
    const found = (index) => this.shot.objects.some(({ marks }) => marks[index] !== "fresh" && marks[index] !== (marks[index - direction] ?? ""));
    let index = this.index + direction;
    while (index > 0 && index < this.shot.frames.length - 1 && !found(index)) index += direction;
    this.show(index);
  }

  look(changes) {
    Object.assign(this.looked, changes);
    if (this.looked.view === "difference" && !this.shot.previous) this.looked.view = "matte";
    this._press("views", VIEWS.findIndex(({ id }) => id === this.looked.view));
    document.getElementById("colour").hidden = this.looked.view !== "colour";
    document.getElementById("gain").hidden = this.looked.view !== "difference";
    this._draw();
  }

  choose(at) {
    this.chosen = at;
    this._press("objects", at + 1);
    document.getElementById("whom").value = at < 0 ? "" : this.shot.objects[at].name;
    this._draw();
  }

  nextObject() {
    this.choose(this.chosen + 1 < this.shot.objects.length ? this.chosen + 1 : -1);
  }

  toggle() {
    if (this.playing) this.stop();
    else this.play();
  }

  /** Play in a loop, every frame; where the machine cannot keep up, it plays slower and says so. */
  play() {
    const pace = 1000 / this.shot.rate;
    let due = performance.now() + pace, times = [];
    this.playing = true;
    document.getElementById("play").textContent = "Stop";
    this.readout.show();
    const beat = (now) => {
      if (!this.playing) return;
      const [first, last] = this.strip.loop ?? [0, this.shot.frames.length - 1];
      const next = this.index >= last || this.index < first ? first : this.index + 1;
      for (let ahead = 0; ahead < 6; ahead++) this.shelf.frame(Math.min(last, next + ahead));
      if (now >= due - 2 && this.shelf.ready.has(next)) {
        this.show(next);
        times = [...times.slice(-24), now];
        due = Math.max(due + pace, now);
        const rate = times.length > 6 ? (1000 * (times.length - 1)) / (now - times[0]) : this.shot.rate;
        document.getElementById("speed").textContent = `${rate.toFixed(0)} of ${this.shot.rate} fps`;
      }
      requestAnimationFrame(beat);
    };
    requestAnimationFrame(beat);
  }

  stop() {
    if (!this.playing) return;
    this.playing = false;
    document.getElementById("play").textContent = "Play";
    document.getElementById("speed").textContent = `${this.shot.rate} fps`;
    this.show(this.index);
  }

  /** First and last frame number that a note is about. */
  about() {
    const [first, last] = this.strip.loop ?? [this.index, this.index];
    return [this.shot.frames[first], this.shot.frames[last]];
  }

  bound(begins) {
    const [first, last] = this.strip.loop ?? [begins ? 0 : 0, this.shot.frames.length - 1];
    this.strip.loop = begins ? [this.index, Math.max(this.index, last)] : [Math.min(first, this.index), this.index];
    this._bounded();
  }

  unbound() {
    this.strip.loop = null;
    this._bounded();
  }

  surround() {
    const on = document.body.classList.toggle("grey");
    document.getElementById("surround").setAttribute("aria-pressed", on);
  }

  full() {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.getElementById("stage").requestFullscreen();
  }

  /** Go where the end of an address points: #1043,view=matte,object=hero */
  follow(hash) {
    const [frame, ...rest] = decodeURIComponent(hash.slice(1)).split(",");
    const said = Object.fromEntries(rest.map((each) => each.split("=")));
    this.choose(this.shot.objects.findIndex(({ name }) => name === said.object));
    this.look(VIEWS.some(({ id }) => id === said.view) ? { view: said.view } : {});
    if (/^-?\d+$/.test(frame)) this.goTo(Number(frame));
    else this.show(this.index);
  }

  async _draw() {
    const turn = ++this.turn, index = this.index, shot = this.shot;
    const frame = await this.shelf.frame(index);
    if (turn !== this.turn) return;
    const of = (planes) => planes.map((steps, at) => (this.chosen < 0 || this.chosen === at ? asCoverage(steps) : null));
    const look = { ...this.looked, size: shot.shown, colours: shot.objects.map(({ colour }) => colour) };
    compose(this.pixels.data, frame.plate, of(frame.now), of(frame.before), look);
    this.canvas.getContext("2d").putImageData(this.pixels, 0, 0);
    this._lacking(frame);
    document.body.dataset.shown = `${shot.frames[index]} ${look.view} ${this.chosen < 0 ? "" : shot.objects[this.chosen].name}`.trim();
    if (this.playing) return;
    this._address();
    this.readout.show();
    this.crop.show(index, this.chosen, look);
  }

  _lacking(frame) {
    const words = [];
    if (frame.plate === null) words.push("The plate cannot be read here.");
    const lack = this.shot.objects.filter((_, at) => frame.now[at] === null).map(({ name }) => name);
    if (lack.length) words.push(`No matte yet: ${lack.join(", ")}.`);
    if (this.looked.view === "difference" && frame.before.some((plane) => plane === null)) words.push(`Not all is there in ${this.shot.previous}.`);
    const place = document.getElementById("absent");
    place.textContent = words.join(" ");
    place.hidden = words.length === 0;
  }

  _tell() {
    const { frames, objects, digests } = this.shot;
    document.getElementById("frame").textContent = frames[this.index];
    document.getElementById("span").textContent = ranged(this.about());
    document.getElementById("words-of-frame").textContent = objects.map(({ name, marks, stale, doubts, areas }) => {
      const behind = stale[this.index] && marks[this.index] !== "stale" ? ", its file is stale" : "";
      const known = doubts[this.index] === null ? "" : `, uncertainty ${doubts[this.index].toFixed(2)}`;
      const area = areas[this.index] === null ? "" : `, area ${(100 * areas[this.index]).toFixed(2)} %`;
      return `${name}: ${marks[this.index]}${behind}${known}${area}`;
    }).join("    ");
    document.getElementById("digest").textContent = digests[this.index].slice(0, 24);
  }

  _address() {
    const object = this.chosen < 0 ? "" : `,object=${this.shot.objects[this.chosen].name}`;
    try {
      history.replaceState(null, "", `#${this.shot.frames[this.index]},view=${this.looked.view}${object}`);
    } catch {
      // some browsers refuse a page from disk; the address then stays as it was
    }
  }

  _bounded() {
    this.strip.draw();
    this._tell();
  }

  _press(group, pressed) {
    const buttons = document.getElementById(group).querySelectorAll("button");
    buttons.forEach((button, at) => button.setAttribute("aria-checked", at === pressed));
  }

  _furnish() {
    const { shot } = this, { frames } = shot;
    const by = (id) => document.getElementById(id);
    by("name").textContent = [shot.name, shot.version].filter(Boolean).join(" ");
    by("range").textContent = `${frames[0]}-${frames[frames.length - 1]}, ${frames.length} frames, ${shot.size[1]}x${shot.size[0]}`;
    for (const [id, page] of [["previous", shot.before], ["next", shot.after]]) {
      by(id).hidden = !page;
      by(id).href = page;
      by(id).querySelector("span").textContent = page.replace(/\.html$/, "");
    }
    VIEWS.forEach(({ id, name }, at) => {
      const button = option(by("views"), `${at + 1} ${name}`, () => this.look({ view: id }));
      button.disabled = id === "difference" && !shot.previous;
      if (button.disabled) button.title = "There is no version before to compare with";
      else if (id === "difference") button.title = `Grey: as in ${shot.previous}. Brighter: more matte than there. Darker: less`;
    });
    option(by("objects"), "All", () => this.choose(-1));
    shot.objects.forEach(({ name, colour }, at) => {
      const button = option(by("objects"), name, () => this.choose(at));
      button.style.setProperty("--swatch", `rgb(${colour.map((part) => Math.round(255 * part)).join(" ")})`);
    });
    by("objects").hidden = shot.objects.length < 2;
    by("first").onclick = () => (this.stop(), this.show(0));
    by("last").onclick = () => (this.stop(), this.show(Infinity));
    by("back").onclick = () => this.step(-1);
    by("on").onclick = () => this.step(1);
    by("play").onclick = () => this.toggle();
    by("surround").onclick = () => this.surround();
    by("full").onclick = () => this.full();
    by("speed").textContent = `${shot.rate} fps`;
    by("colour").querySelector("input").oninput = (event) => this.look({ colour: [1, 3, 5].map((at) => parseInt(event.target.value.slice(at, at + 2), 16)) });
    by("gain").querySelector("select").onchange = (event) => this.look({ gain: Number(event.target.value) });
    for (const [label, value] of [...shot.settings, ["digest of this frame", ""], ...shot.notes.map((note) => ["note", note])]) {
      const row = by("settings").insertRow();
      row.insertCell().textContent = label;
      const cell = row.insertCell();
      cell.textContent = value;
      if (label === "digest of this frame") cell.id = "digest";
    }
    for (const { frame, object, gain, reasons } of shot.advice) {
      const item = document.createElement("li"), go = document.createElement("button"), why = document.createElement("span");
      go.textContent = `${frame} ${object}`;
      go.onclick = () => this.goTo(frame);
      why.textContent = `${(100 * gain).toFixed(0)} % of the doubt would go: ${reasons.join("; ")}`;
      item.append(go, why);
      by("advice").append(item);
    }
    if (shot.unadvised) by("advice").replaceWith(Object.assign(document.createElement("p"), { className: "quiet", textContent: shot.unadvised }));
  }
}

function option(group, words, press) {
  const button = document.createElement("button");
  button.setAttribute("role", "radio");
  button.textContent = words;
  button.onclick = press;
  group.append(button);
  return button;
}

new Player(JSON.parse(document.getElementById("shot").textContent));
