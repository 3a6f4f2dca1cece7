// What keys do: as in a flipbook. Keys typed into a field are the field's.

function keyboard(player) {
  const keys = [
    ["Space", [" "], "play, stop", () => player.toggle()],
    ["Left, right", ["ArrowLeft", "ArrowRight"], "one frame back, on", (event) => player.step(event.key === "ArrowLeft" ? -1 : 1)],
    ["Shift, left, right", [], "ten frames", null],
    ["Up, down", ["ArrowUp", "ArrowDown"], "to the mark before, after: a key, a doubt, a stale frame", (event) => player.toMark(event.key === "ArrowUp" ? -1 : 1)],
    ["Home, end", ["Home", "End"], "first, last frame", (event) => player.show(event.key === "Home" ? 0 : Infinity)],
    ["1 to 8", ["1", "2", "3", "4", "5", "6", "7", "8"], "views, in their order", (event) => player.look({ view: VIEWS[Number(event.key) - 1].id })],
    ["O", ["o"], "next object, all of them", () => player.nextObject()],
    ["I, U", ["i", "u"], "where the loop, and a note, begin and end", (event) => player.bound(event.key === "i")],
    ["X", ["x"], "loop over all frames again", () => player.unbound()],
    ["N", ["n"], "type a note", () => document.getElementById("words").focus()],
    ["G", ["g"], "18 % grey around the picture", () => player.surround()],
    ["F", ["f"], "full screen", () => player.full()],
    ["?", ["?"], "these keys", () => document.getElementById("keys").showModal()],
  ];
  const table = document.querySelector("#keys table");
  for (const [name, , words] of keys) {
    const row = table.insertRow();
    row.insertCell().textContent = name;
    row.insertCell().textContent = words;
  }
  document.getElementById("help").addEventListener("click", () => document.getElementById("keys").showModal());
  addEventListener("keydown", (event) => {
    if (event.target.matches("input[type=text], input:not([type]), select, textarea")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || document.getElementById("keys").open) return;
    if (event.shiftKey && event.key.startsWith("Arrow")) {
      player.step(event.key === "ArrowLeft" ? -10 : event.key === "ArrowRight" ? 10 : 0);
      event.preventDefault();
      return;
    }
    const found = keys.find(([, pressed]) => pressed.includes(event.key) || pressed.includes(event.key.toLowerCase()));
    if (found === undefined || found[3] === null) return;
    found[3](event);
    event.preventDefault();
  });
}
