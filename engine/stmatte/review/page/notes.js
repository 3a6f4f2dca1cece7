// Notes typed on frames. They are kept in the page, and beside it in the browser where it lets
// a page from disk do that; what counts is the file that is saved.

class Notes {
  constructor(shot, strip, player) {
    Object.assign(this, { shot, strip, player });
    this.key = `stmatte.notes/1 ${location.pathname} ${shot.version}`;
    this.notes = remembered(this.key);
    this.saved = this.notes.length === 0;
    this.words = document.getElementById("words");
    this.whom = document.getElementById("whom");
    for (const name of ["", ...shot.objects.map((object) => object.name)]) {
      this.whom.add(new Option(name || "whole picture", name));
    }
    document.getElementById("note").addEventListener("submit", (event) => {
      event.preventDefault();
      this.add(this.words.value.trim());
    });
    document.getElementById("save").addEventListener("click", () => this.save());
    addEventListener("beforeunload", (event) => this.saved || this.kept || event.preventDefault());
    this.show();
  }

  add(text) {
    if (!text) return;
    this.notes.push({ object: this.whom.value, frames: ranged(this.player.about()), text });
    this.notes.sort((one, other) => firstOf(one) - firstOf(other));
    this.words.value = "";
    this.words.blur();
    this._changed();
  }

  remove(note) {
    this.notes = this.notes.filter((other) => other !== note);
    this._changed();
  }

  _changed() {
    this.saved = false;
    this.show();
  }

  /** What `stmatte review --notes` reads. */
  document() {
    const { name, version, frames, rate } = this.shot;
    const all = ranged([frames[0], frames[frames.length - 1]]);
    return { shot: name, version, frames: all, rate, notes: this.notes };
  }

  save() {
    saveNotes([this.document()], `${this.shot.name}.notes.json`);
    this.saved = true;
    this.show();
  }

  show() {
    this.kept = remember(this.key, this.notes, this.document());
    const list = document.getElementById("notes");
    list.replaceChildren(...this.notes.map((note) => this._item(note)));
    document.getElementById("save").disabled = this.notes.length === 0;
    const unsaved = document.getElementById("unsaved");
    unsaved.hidden = this.saved;
    unsaved.textContent = this.kept
      ? "Not saved as a file yet; this browser remembers them on this machine."
      : "Not saved as a file yet, and this browser does not remember them.";
    this.strip.noted = this.notes.map((note) => this._indices(note));
    this.strip.draw();
  }

  _indices(note) {
    const [first, last] = endsOf(note);
    const frames = this.shot.frames;
    return [Math.max(0, frames.findIndex((f) => f >= first)), Math.max(0, frames.findLastIndex((f) => f <= last))];
  }

  _item(note) {
    const item = document.createElement("li");
    const go = document.createElement("button");
    go.textContent = note.frames + (note.object ? ` ${note.object}` : "");
    go.addEventListener("click", () => this.player.goTo(firstOf(note)));
    const away = document.createElement("button");
    away.textContent = "Remove";
    away.className = "away";
    away.addEventListener("click", () => this.remove(note));
    const words = document.createElement("span");
    words.textContent = note.text;
    item.append(go, words, away);
    return item;
  }
}

function ranged([first, last]) {
  return first === last ? String(first) : `${first}-${last}`;
}

/** First and last frame of a note; numbers may be negative. */
function endsOf(note) {
  const found = /^(-?\d+)(?:-(-?\d+))?$/.exec(note.frames);
  return found ? [Number(found[1]), Number(found[2] ?? found[1])] : [0, 0];
}

function firstOf(note) {
  return endsOf(note)[0];
}

function remembered(key) {
  try {
    return JSON.parse(localStorage.getItem(key)).notes.filter((note) => typeof note.text === "string");
  } catch {
    return []; // nothing there, or a browser that keeps nothing for a page from disk
  }
}

function remember(key, notes, whole) {
  try {
    if (notes.length) localStorage.setItem(key, JSON.stringify(whole));
    else localStorage.removeItem(key);
    return true;
  } catch {
    return false;
  }
}
