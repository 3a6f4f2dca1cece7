// The page over shots: notes that this browser remembers of them, counted and saved as one file.

const PREFIX = "stmatte.notes/1 ";

function all() {
  const folder = location.pathname.replace(/[^/]*$/, "");
  const found = [];
  try {
    for (let i = 0; i < localStorage.length; i++) {
      const key = localStorage.key(i);
      if (key.startsWith(PREFIX + folder)) found.push(JSON.parse(localStorage.getItem(key)));
    }
  } catch {
    return []; // a browser that keeps nothing for a page from disk
  }
  return found.sort((one, other) => (one.shot < other.shot ? -1 : 1));
}

function show() {
  const noted = all();
  for (const row of document.querySelectorAll("tr[data-shot]")) {
    const count = noted.filter(({ shot }) => shot === row.dataset.shot).reduce((sum, { notes }) => sum + notes.length, 0);
    const place = row.querySelector(".noted");
    place.hidden = count === 0;
    place.textContent = `${count} ${count === 1 ? "note" : "notes"}`;
  }
  document.getElementById("gather").hidden = noted.length === 0;
}

document.getElementById("gather").addEventListener("click", () => saveNotes(all(), "review.notes.json"));
addEventListener("pageshow", show);
show();
