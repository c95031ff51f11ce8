// A picture that changes over some moments, with charts beside it whose cursor follows. All moments
// are here already: neither the slider nor the player asks the server for anything.

const WHOLE = 8000; // Milliseconds that a replay takes at most ...
const LONGEST = 500; // ... and one moment of it.
const PHONE = 480; // Pixels across, below which a button would lie over the titles.

function decoded({ bdata, shape }) {
  const bytes = Uint8Array.from(atob(bdata), (letter) => letter.charCodeAt(0));
  const numbers = new Float32Array(bytes.buffer);
  const size = Number(shape.split(",")[1]);
  return Array.from({ length: numbers.length / size }, (_, at) =>
    numbers.subarray(at * size, (at + 1) * size),
  );
}

function rowsOf(frame, width) {
  return Array.from({ length: frame.length / width }, (_, row) =>
    // plotly.js takes null for a gap.
    Array.from(frame.subarray(row * width, (row + 1) * width), (v) => (Number.isNaN(v) ? null : v)),
  );
}

function nodesFor(root, charts) {
  const [picture, side] = [".replay-picture", ".replay-side"].map((one) => root.querySelector(one));
  while (picture.children.length < 1) picture.append(document.createElement("div"));
  while (side.children.length < charts.length - 1) side.append(document.createElement("div"));
  return [picture.children[0], ...side.children];
}

// How high the picture has to be: on a narrow screen its cells are small, for they stay square.
// The colour scale is placed from the figure's lower edge, and stays where it is below the title.
function fit({ data, layout }, width, height) {
  const { l, r, t, b } = layout.margin;
  const [across, down] = [layout.xaxis, layout.yaxis].map(({ range }) =>
    Math.abs(range[1] - range[0]),
  );
  const needed = Math.ceil(t + b + ((width - l - r) * down) / across);
  if (needed >= height) return height;
  const bar = data[0].colorbar;
  bar.y = 1 - ((1 - bar.y) * height) / needed;
  layout.height = needed;
  return needed;
}

async function draw(root) {
  const { message, parent } = root.replay;
  const Plotly = await plotly(message.charts[0].url);
  if (!root.isConnected) return;
  const nodes = nodesFor(root, message.charts);
  root.replay.width = root.offsetWidth;
  for (const [at, { figure, height, alt }] of message.charts.entries()) {
    const { data, layout } = structuredClone(figure);
    Object.assign(layout, { template: template(parent), autosize: true });
    nodes[at].style.height = (at ? height : fit({ data, layout }, nodes[at].offsetWidth, height)) + "px";
    nodes[at].setAttribute("role", "img");
    nodes[at].setAttribute("aria-label", alt);
    await Plotly.react(nodes[at], data, layout, {
      ...message.camera,
      displayModeBar: root.offsetWidth < PHONE ? false : "hover",
      responsive: true,
    });
  }
  root.replay.nodes = nodes;
  show(root);
}

function show(root) {
  const { message, frames, nodes, at } = root.replay;
  root.querySelector(".replay-slider").value = at;
  root.querySelector(".replay-slider").setAttribute("aria-valuetext", message.names[at]);
  root.querySelector(".replay-now").textContent = message.names[at];
  if (!nodes) return;
  window.Plotly.restyle(nodes[0], { z: [rowsOf(frames[at], message.width)] }, [0]);
  const place = message.places[at];
  for (const node of nodes.slice(1)) {
    window.Plotly.relayout(node, { "shapes[0].x0": place, "shapes[0].x1": place });
  }
}

function play(root, on) {
  const state = root.replay;
  clearInterval(state.timer);
  state.timer = undefined;
  const button = root.querySelector(".replay-play");
  button.textContent = on ? "\u23F8 Pause" : "\u25B6 Play";
  button.setAttribute("aria-label", on ? "Pause" : "Play");
  if (!on) return;
  const last = state.frames.length - 1;
  if (state.at >= last) state.at = 0;
  show(root);
  state.timer = setInterval(() => {
    const now = root.replay; // Another order of the kernels may have come meanwhile.
    if (!root.isConnected) return clearInterval(now.timer);
    now.at = Math.min(now.at + 1, last);
    show(root);
    if (now.at >= last) play(root, false);
  }, Math.min(LONGEST, WHOLE / (last + 1)));
}

// Whether only the picture is another one, as with another order: then the replay goes on.
function ofTheSameMoments(one, other) {
  return one?.at === other.at && JSON.stringify(one.names) === JSON.stringify(other.names);
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".replay");
  const text = new TextDecoder().decode(data);
  if (root.replay?.text !== text) {
    const before = root.replay;
    const message = JSON.parse(text);
    const { at, timer } = ofTheSameMoments(before?.message, message)
      ? before
      : { at: message.at, timer: clearInterval(before?.timer) };
    root.replay = { text, message, frames: decoded(message.frames), at, timer };
  }
  const state = root.replay;
  state.parent = parentElement;
  const slider = root.querySelector(".replay-slider");
  slider.max = state.frames.length - 1;
  slider.oninput = () => {
    play(root, false);
    root.replay.at = Number(slider.value);
    show(root);
  };
  root.querySelector(".replay-play").onclick = () => play(root, !root.replay.timer);
  if (!state.timer) play(root, false);
  draw(root).catch((error) => console.error(error));
  const watcher = new ResizeObserver(() => {
    if (!root.replay.nodes || !root.offsetWidth || root.offsetWidth === root.replay.width) return;
    draw(root).catch((error) => console.error(error));
  });
  watcher.observe(root);
  return () => {
    watcher.disconnect();
    if (root.isConnected) return;
    clearInterval(root.replay.timer);
    for (const node of root.replay.nodes ?? []) window.Plotly?.purge(node);
  };
}
