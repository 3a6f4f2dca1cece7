// Notes saved as a file, which `stmatte review --notes` reads.

function saveNotes(shots, name) {
  const text = JSON.stringify({ format: "stmatte.notes/1", shots }, null, 1);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}
