// The convolution at one position. The scene came once; nothing here asks the server for anything.
// The one thing that is computed here is the product of a number of the patch with one of the kernel:
// sums, biases and activations stand in the maps that the server computed.

const ARRAYS = { f4: Float32Array, u1: Uint8Array };

function decoded({ dtype, bdata, shape }) {
  const bytes = Uint8Array.from(atob(bdata), (letter) => letter.charCodeAt(0));
  return { values: new ARRAYS[dtype](bytes.buffer), shape: shape.split(",").map(Number) };
}

function rgb(hex) {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

/** From a share of the scale, 0 to 1, to red, green and blue. */
function colour(scale, share) {
  const place = Math.min(1, Math.max(0, share));
  const after = Math.max(1, scale.findIndex(([stop]) => stop >= place));
  const [[from, low], [to, high]] = [scale[after - 1], scale[after]];
  const part = (place - from) / (to - from);
  const [one, other] = [rgb(low), rgb(high)];
  return one.map((level, at) => Math.round(level + part * (other[at] - level)));
}

function signed(scene, value, limit) {
  return colour(scene.colours.signed, value / (2 * limit) + 0.5);
}

function ofInput(scene, value) {
  if (scene.gray) return colour(scene.colours.brightness, value);
  return signed(scene, value, scene.limits.input);
}

function written(value) {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size < 0.0005) return "\u2248 0";
  const places = size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 ? 2 : 3;
  const text = size >= 10000 ? size.toPrecision(2) : size.toFixed(places);
  return (value < 0 ? "\u2212" : "") + text;
}

function paint(node, [red, green, blue]) {
  node.style.background = `rgb(${red}, ${green}, ${blue})`;
  node.style.color = 0.299 * red + 0.587 * green + 0.114 * blue > 140 ? "#111" : "#fff";
}

function draw(canvas, rows, columns, pixel) {
  [canvas.width, canvas.height] = [columns, rows];
  const image = new ImageData(columns, rows);
  for (let at = 0; at < rows * columns; at++) {
    const found = pixel(at);
    if (found) image.data.set([...found, 255], 4 * at);
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}

function drawInput(root) {
  const { scene, channel } = root.step;
  const [rows, columns, channels] = scene.input.shape;
  draw(root.querySelector(".input canvas"), rows, columns, (at) =>
    scene.outside.values[at] ? null : ofInput(scene, scene.input.values[at * channels + channel]),
  );
}

function drawMaps(root) {
  const { scene } = root.step;
  const [rows, columns] = scene.before.shape;
  for (const [name, map, limit] of [
    ["sum", scene.before, scene.limits.before],
    ["passed", scene.activation, scene.limits.activation],
  ]) {
    draw(root.querySelector(`.${name} canvas`), rows, columns, (at) =>
      signed(scene, map.values[at], limit),
    );
  }
}

function placed(node, top, left, height, width, [rows, columns]) {
  node.style.top = (100 * top) / rows + "%";
  node.style.left = (100 * left) / columns + "%";
  node.style.height = (100 * height) / rows + "%";
  node.style.width = (100 * width) / columns + "%";
}

function fill(root, name, caption, cells, columns) {
  const table = root.querySelector(`.grid.${name}`);
  const size = columns > 7 ? 1.1 : columns > 4 ? 2.3 : 3.1;
  table.style.setProperty("--cell", size + "rem");
  table.style.setProperty("--letters", columns > 7 ? "0" : columns > 4 ? ".65rem" : ".8rem");
  const rows = Math.ceil(cells.length / columns);
  if (table.rows.length !== rows || table.rows[0]?.cells.length !== columns) {
    table.replaceChildren();
    table.createCaption();
    for (let row = 0; row < rows; row++) {
      const line = table.insertRow();
      for (let column = 0; column < columns; column++) line.insertCell();
    }
  }
  table.caption.textContent = caption;
  cells.forEach(({ value, shade, outside }, at) => {
    const cell = table.rows[Math.floor(at / columns)].cells[at % columns];
    cell.textContent = written(value);
    cell.title = outside ? "padding: counts as 0" : String(value);
    cell.className = outside ? "outside" : "";
    paint(cell, shade);
  });
}

/** The numbers under the kernel, of the chosen channel. */
function calculation(scene, channel, row, column) {
  const [rows, columns, channels] = scene.kernel.shape;
  const width = scene.input.shape[1];
  const cells = { patch: [], kernel: [], products: [] };
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const at =
        (row * scene.strides[0] + r * scene.dilation[0]) * width +
        column * scene.strides[1] + c * scene.dilation[1];
      const outside = scene.outside.values[at] === 1;
      const value = scene.input.values[at * channels + channel];
      const weight = scene.kernel.values[(r * columns + c) * channels + channel];
      const product = value * weight;
      cells.patch.push({ value, shade: ofInput(scene, value), outside });
      cells.kernel.push({ value: weight, shade: signed(scene, weight, scene.limits.kernel) });
      cells.products.push({ value: product, shade: signed(scene, product, scene.limits.products) });
    }
  }
  return cells;
}

function chips(root, at) {
  const { scene, channel } = root.step;
  const count = scene.channels.length;
  const box = root.querySelector(".by-channel");
  box.hidden = count === 1;
  if (count === 1) return;
  box.querySelector("p").textContent =
    `The same in each of the ${count} input channels: their sums, to be added up (click to look into one)`;
  const list = box.querySelector(".chips");
  if (list.children.length !== count) {
    list.replaceChildren(
      ...scene.channels.map((number, place) => {
        const chip = document.createElement("button");
        chip.type = "button";
        chip.append(document.createElement("small"), document.createElement("span"));
        chip.onclick = () => choose(root, place);
        return chip;
      }),
    );
  }
  [...list.children].forEach((chip, place) => {
    const value = scene.byChannel.values[at * count + place];
    chip.children[0].textContent = root.step.names[place].replace("channel ", "");
    chip.children[1].textContent = written(value);
    chip.setAttribute("aria-pressed", place === channel);
    paint(chip, signed(scene, value, scene.limits.channels));
  });
}

function chain(root, at) {
  const { scene, channel } = root.step;
  const count = scene.channels.length;
  const sums = Array.from(scene.byChannel.values.subarray(at * count, (at + 1) * count));
  const convolved = scene.convolved.values[at];
  const parts = [["", sums[channel], count > 1 ? `sum, ${root.step.names[channel]}` : "sum of the products", "channels"]];
  if (count > 1) parts.push(["+ the other channels \u2192", scene.total.values[at], "sum of all channels", "sum"]);
  parts.push([`${scene.bias < 0 ? "\u2212" : "+"} bias ${written(Math.abs(scene.bias))} =`, convolved, "with the bias", "sum"]);
  if (scene.normalization) parts.push(["normalized \u2192", scene.before.values[at], scene.normalization, "before"]);
  const last = scene.function === "linear" ? "no activation \u2192" : `${scene.function} \u2192`;
  parts.push([last, scene.activation.values[at], "pixel of the map", "activation"]);
  root.querySelector(".chain").replaceChildren(
    ...parts.map(([sign, value, words, limit]) => {
      const [item, box, bold, below] = ["li", "div", "b", "span"].map((tag) => document.createElement(tag));
      box.className = "number";
      bold.textContent = written(value);
      bold.title = String(value);
      below.textContent = words;
      box.append(bold, below);
      paint(box, signed(scene, value, scene.limits[limit]));
      if (sign) item.append(sign);
      item.append(box);
      return item;
    }),
  );
  return parts;
}

function show(root, aloud) {
  const { scene, row, column, channel, names, filling } = root.step;
  const [rows, columns] = scene.kernel.shape;
  const size = scene.before.shape;
  const at = row * size[1] + column;
  const reach = [(rows - 1) * scene.dilation[0] + 1, (columns - 1) * scene.dilation[1] + 1];
  placed(root.querySelector(".input .frame"), row * scene.strides[0], column * scene.strides[1], ...reach, scene.input.shape);
  for (const name of ["sum", "passed"]) {
    placed(root.querySelector(`.${name} .frame`), row, column, 1, 1, size);
    const [below, rest] = root.querySelectorAll(`.${name} .veil`);
    placed(below, row + 1, 0, size[0] - row - 1, size[1], size);
    placed(rest, row, column + 1, 1, size[1] - column - 1, size);
  }
  root.classList.toggle("filling", filling);
  const which = scene.channels.length > 1 || names[channel] !== "0" ? `, ${names[channel]}` : "";
  const cells = calculation(scene, channel, row, column);
  const gaps = Math.max(...scene.dilation) > 1 ? ` (every ${scene.dilation.join(" x ")} pixels)` : "";
  fill(root, "patch", `Patch${which}${gaps}`, cells.patch, columns);
  fill(root, "kernel", `Kernel${which}`, cells.kernel, columns);
  fill(root, "products", "Products", cells.products, columns);
  chips(root, at);
  const parts = chain(root, at);
  const place = `Row ${row + scene.corner[0]}, column ${column + scene.corner[1]} of the map`;
  root.querySelector(".place").textContent = place;
  if (aloud) {
    root.querySelector(".spoken").textContent =
      `${place}: ` + parts.map(([, value, words]) => `${words} ${written(value)}`).join(", ");
  }
}

function go(root, row, column) {
  play(root, false);
  const [rows, columns] = root.step.scene.before.shape;
  root.step.row = Math.min(rows - 1, Math.max(0, row));
  root.step.column = Math.min(columns - 1, Math.max(0, column));
  root.step.filling = false;
  show(root, true);
}

function choose(root, channel) {
  root.step.channel = channel;
  root.querySelector(".channel").value = channel;
  drawInput(root);
  show(root, true);
}

function play(root, on) {
  const state = root.step;
  clearInterval(state.timer);
  state.timer = undefined;
  const button = root.querySelector(".play");
  button.textContent = on ? "\u23F8 Pause" : "\u25B6 Play";
  if (!on) return;
  const [rows, columns] = state.scene.before.shape;
  const last = rows * columns - 1;
  // From the first place on, unless a replay was halted on its way.
  let at = state.filling ? state.row * columns + state.column : 0;
  if (at >= last) at = 0;
  const step = () => {
    if (!root.isConnected) return clearInterval(state.timer);
    Object.assign(state, { row: Math.floor(at / columns), column: at % columns, filling: at < last });
    show(root, false);
    if (at++ >= last) play(root, false);
  };
  step();
  state.timer = setInterval(step, Number(root.querySelector(".speed").value));
}

const KEYS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0], Home: [0, -Infinity], End: [0, Infinity] };

function listen(root) {
  root.querySelector(".maps").onkeydown = (event) => {
    const move = KEYS[event.key];
    if (!move || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    go(root, root.step.row + move[0], root.step.column + move[1]);
  };
  for (const name of ["input", "sum", "passed"]) {
    const plane = root.querySelector(`.${name} .plane`);
    plane.onclick = (event) => {
      const { scene } = root.step;
      const box = plane.getBoundingClientRect();
      const share = [(event.clientY - box.top) / box.height, (event.clientX - box.left) / box.width];
      const [row, column] = share.map((part, axis) => {
        if (name !== "input") return Math.floor(part * scene.before.shape[axis]);
        const reach = (scene.kernel.shape[axis] - 1) * scene.dilation[axis];
        return Math.round((Math.floor(part * scene.input.shape[axis]) - reach / 2) / scene.strides[axis]);
      });
      go(root, row, column);
    };
  }
  root.querySelector(".play").onclick = () => play(root, !root.step.timer);
  root.querySelector(".speed").onchange = () => root.step.timer && play(root, true);
  root.querySelector(".channel").onchange = (event) => choose(root, Number(event.target.value));
}

function captions(root) {
  const { scene, names } = root.step;
  const select = root.querySelector(".channel");
  select.replaceChildren(...names.map((name, at) => new Option(name, at)));
  select.value = root.step.channel;
  root.querySelector(".channel-choice").hidden = names.length === 1;
  root.querySelector(".channel-choice").style.display = names.length === 1 ? "none" : "";
  const words = {
    input: scene.gray ? "Image" : "Map of the layer before",
    sum: scene.normalization ? "Sum + bias, normalized" : "Sum + bias",
    passed: scene.function === "linear" ? "The map" : `The map, after ${scene.function}`,
  };
  for (const [name, text] of Object.entries(words)) {
    root.querySelector(`.${name} figcaption`).textContent = text;
    root.querySelector(`.${name} canvas`).setAttribute("aria-label", `${text}; ${scene.name}`);
  }
}

function prepared(text) {
  const scene = JSON.parse(text);
  for (const name of ["input", "outside", "kernel", "byChannel", "total", "convolved", "before", "activation"]) {
    scene[name] = decoded(scene[name]);
  }
  return scene;
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".one-step");
  const text = new TextDecoder().decode(data);
  if (root.step?.text === text) return;
  clearInterval(root.step?.timer);
  const scene = prepared(text);
  const before = root.step;
  const colour = scene.gray && scene.channels.length === 3;
  const names = scene.channels.map((number) => (colour ? ["red", "green", "blue"][number] : `channel ${number}`));
  // Another kernel on the same image is looked at in the same place.
  const same = before && String(before.scene.before.shape) === String(scene.before.shape) && String(before.scene.corner) === String(scene.corner);
  const [row, column] = same ? [before.row, before.column] : scene.start;
  const channel = before?.names.length === names.length ? before.channel : scene.channel;
  root.step = { text, scene, names, row, column, channel, filling: false };
  captions(root);
  listen(root);
  drawInput(root);
  drawMaps(root);
  play(root, false);
  show(root, false);
}
