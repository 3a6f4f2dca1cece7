// What the views show: pixels from a plate and coverage. Pure; no page, no clock.
//
// Objects are laid over grey, black or a colour in light, as a compositor does it, not in the
// screen's numbers: an edge looks here as it will in the composite.

const VIEWS = [
  { id: "plate", name: "Plate" },
  { id: "overlay", name: "Overlay" },
  { id: "grey", name: "On grey" },
  { id: "black", name: "On black" },
  { id: "colour", name: "On colour" },
  { id: "inverse", name: "Inverse" },
  { id: "matte", name: "Matte" },
  { id: "difference", name: "Difference" },
];

const GREY = [118, 118, 118]; // 18 % of the light of white, in sRGB
const TINT = 0.45;

// sRGB, IEC 61966-2-1: what a screen's number is in light, and back.
const LIGHT = Float32Array.from({ length: 256 }, (_, i) =>
  i / 255 <= 0.04045 ? i / 255 / 12.92 : ((i / 255 + 0.055) / 1.055) ** 2.4);
const STEPS = 16384;
const SCREEN = Uint8ClampedArray.from({ length: STEPS + 1 }, (_, i) => {
  const light = i / STEPS;
  return 255 * (light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055);
});

/**
 * Fill `out` (red, green, blue, alpha) with a view.
 *
 * plate    pixels as `out`, or null
 * mattes   Float32Array in [0, 1] of every object that is looked at, or null
 * before   the same of the version before
 * look     { view, size: [h, w], colours: of the objects in [0, 1], colour: [r, g, b], gain }
 */
function compose(out, plate, mattes, before, look) {
  switch (look.view) {
    case "plate": return copied(out, plate);
    case "overlay": return overlaid(out, plate, mattes, look);
    case "matte": return plain(out, together(mattes, look));
    case "difference": return differing(out, together(mattes, look), together(before, look), look.gain);
    case "inverse": return mixed(out, plate, together(mattes, look), GREY, true);
    case "black": return mixed(out, plate, together(mattes, look), [0, 0, 0], false);
    case "colour": return mixed(out, plate, together(mattes, look), look.colour, false);
    default: return mixed(out, plate, together(mattes, look), GREY, false);
  }
}

/** The coverage of all objects that are looked at, at most 1. */
function together(mattes, look) {
  const there = mattes.filter((matte) => matte !== null);
  if (there.length === 1) return there[0];
  const sum = new Float32Array(look.size[0] * look.size[1]);
  for (const matte of there) for (let i = 0; i < sum.length; i++) sum[i] += matte[i];
  return sum.map((covered) => Math.min(1, covered));
}

function copied(out, plate) {
  if (plate === null) for (let i = 0; i < out.length; i++) out[i] = i % 4 === 3 ? 255 : 0;
  else out.set(plate);
}

function plain(out, matte) {
  for (let i = 0, o = 0; i < matte.length; i++, o += 4) {
    out[o] = out[o + 1] = out[o + 2] = 255 * matte[i];
    out[o + 3] = 255;
  }
}

/** Middle grey where nothing changed, brighter where there is more of a matte, else darker. */
function differing(out, now, before, gain) {
  for (let i = 0, o = 0; i < now.length; i++, o += 4) {
    out[o] = out[o + 1] = out[o + 2] = 128 + 127.5 * gain * (now[i] - before[i]);
    out[o + 3] = 255;
  }
}

function mixed(out, plate, matte, ground, inverse) {
  const under = ground.map((value) => LIGHT[value]);
  for (let i = 0, o = 0; i < matte.length; i++, o += 4) {
    const covered = inverse ? 1 - matte[i] : matte[i];
    for (let c = 0; c < 3; c++) {
      const over = plate === null ? 0 : LIGHT[plate[o + c]];
      out[o + c] = SCREEN[(STEPS * (over * covered + under[c] * (1 - covered)) + 0.5) | 0];
    }
    out[o + 3] = 255;
  }
}

/** Each object in its colour, a bright line inside its edge and a dark one outside. */
function overlaid(out, plate, mattes, look) {
  const shown = new Float32Array(look.size[0] * look.size[1] * 3);
  for (let i = 0, p = 0; i < shown.length; i++, p += i % 3 === 0 ? 2 : 1) shown[i] = plate === null ? 0 : plate[p] / 255;
  mattes.forEach((matte, at) => {
    if (matte === null) return;
    for (let i = 0, s = 0; i < matte.length; i++) for (let c = 0; c < 3; c++, s++) {
      shown[s] += matte[i] * TINT * (look.colours[at][c] - shown[s]);
    }
  });
  mattes.forEach((matte, at) => matte !== null && outlined(shown, matte, look.colours[at], look.size));
  for (let i = 0, o = 0, s = 0; o < out.length; i++, o += 4) {
    for (let c = 0; c < 3; c++, s++) out[o + c] = Math.floor(255 * Math.min(1, Math.max(0, shown[s])) + 0.5);
    out[o + 3] = 255;
  }
}

function outlined(shown, matte, colour, [height, width]) {
  const thick = Math.max(1, Math.round(height / 1080));
  for (let y = 0, i = 0; y < height; y++) for (let x = 0; x < width; x++, i++) {
    const inside = matte[i] >= 0.5;
    if (!borders(matte, inside, x, y, height, width, thick)) continue;
    for (let c = 0; c < 3; c++) shown[3 * i + c] = inside ? colour[c] : 0.35 * shown[3 * i + c];
  }
}

/** Whether a pixel has one of the other side near it; what is beyond the picture has no side. */
function borders(matte, inside, x, y, height, width, thick) {
  for (let v = Math.max(0, y - thick); v <= Math.min(height - 1, y + thick); v++) {
    for (let u = Math.max(0, x - thick); u <= Math.min(width - 1, x + thick); u++) {
      if (matte[v * width + u] >= 0.5 !== inside) return true;
    }
  }
  return false;
}

/** Steps of 1/255 as coverage. */
function asCoverage(steps) {
  return steps === null ? null : Float32Array.from(steps, (step) => step / 255);
}
