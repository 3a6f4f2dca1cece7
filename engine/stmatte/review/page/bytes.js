// Pieces of pixels that the page carries as text, and back to bytes, pictures and numbers.
// Knows nothing of shots.

/** The text of a piece, or null where the page has none of that name. */
function textOf(name) {
  const element = document.getElementById(name);
  return element === null ? null : element.textContent;
}

function bytesOf(text) {
  const raw = atob(text);
  const bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  return bytes;
}

/** The bytes that were packed into a piece. */
async function unpacked(text) {
  const packed = new Blob([bytesOf(text)]).stream();
  const stream = packed.pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** A picture's pixels as the file has them: red, green, blue, alpha from 0 to 255. */
async function pictureOf(text) {
  const file = new Blob([bytesOf(text)], { type: "image/webp" });
  const bitmap = await createImageBitmap(file, { colorSpaceConversion: "none" });
  const canvas = document.createElement("canvas");
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

/** The number that 16 bits of a half float mean. Mattes are neither negative nor infinite. */
function halfOf(bits) {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  return exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** A matte's value at a place, from its unpacked bits: all high bytes, then all low ones. */
function exactAt(bits, place) {
  return halfOf((bits[place] << 8) | bits[bits.length / 2 + place]);
}
