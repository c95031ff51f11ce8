// The network as a list of buttons. Streamlit calls the default function again with each new state
// of the page: the nodes stay as they are then, and so does the keyboard's focus.

const SVG = "http://www.w3.org/2000/svg";
const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

function element(tag, className, text = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

function drawing({ faces, colour }, [width, height]) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("width", width);
  svg.setAttribute("height", height);
  svg.setAttribute("aria-hidden", "true");
  for (const { points, opacity } of faces) {
    const side = document.createElementNS(SVG, "polygon");
    side.setAttribute("points", points.map((point) => point.join(",")).join(" "));
    side.setAttribute("fill", colour);
    side.setAttribute("fill-opacity", opacity);
    side.setAttribute("stroke", "currentColor");
    side.setAttribute("stroke-width", "0.8");
    side.setAttribute("stroke-linejoin", "round");
    svg.append(side);
  }
  return svg;
}

function node(one, size) {
  const made = element(one.layer ? "button" : "div", "node");
  const words = element("span", "words");
  words.append(element("div", "name", one.name), element("div", "output", one.output));
  made.append(drawing(one, size), words);
  made.title = one.words;
  if (one.layer) {
    made.type = "button";
    made.dataset.layer = one.name;
    made.setAttribute("aria-label", one.words);
  }
  return made;
}

function build(root, { title, nodes, size }) {
  const list = element("ol", "nodes");
  for (const one of nodes) {
    const item = document.createElement("li");
    item.append(node(one, size));
    list.append(item);
  }
  const hint = element("p", "sideways", `Scroll sideways: ${nodes.length - 1} layers.`);
  root.replaceChildren(element("div", "title", title), list, hint);
  root.setAttribute("aria-label", title);
}

// Where the strip goes on sideways, the chosen node is to be seen.
function show(list, chosen) {
  const [inner, outer] = [chosen, list].map((one) => one.getBoundingClientRect());
  if (inner.left < outer.left || inner.right > outer.right) {
    list.scrollLeft += (inner.left + inner.right - outer.left - outer.right) / 2;
  }
}

// On which sides of the strip, as it is on a phone, more nodes follow.
function tellOfMore(list) {
  const beyond = list.scrollWidth - list.clientWidth - list.scrollLeft;
  const sides = { left: list.scrollLeft > 4, right: beyond > 4 };
  list.dataset.more = Object.keys(sides).filter((side) => sides[side]).join(" ");
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".diagram");
  const shape = JSON.stringify([data.title, data.nodes]);
  if (root.shape !== shape) {
    build(root, data);
    root.shape = shape;
  }
  const list = root.querySelector(".nodes");
  list.onscroll = () => tellOfMore(list);
  root.watched?.disconnect();
  root.watched = new ResizeObserver(list.onscroll);
  root.watched.observe(list);
  const buttons = [...root.querySelectorAll("button")];
  for (const button of buttons) {
    const isChosen = button.dataset.layer === data.chosen;
    // One stop of the Tab key for the whole diagram; within it, the arrow keys lead on.
    button.tabIndex = isChosen ? 0 : -1;
    button.setAttribute("aria-pressed", String(isChosen));
  }
  const chosen = buttons.find((button) => button.dataset.layer === data.chosen);
  if (chosen && root.chosen !== data.chosen) show(list, chosen);
  root.chosen = data.chosen;
  root.onclick = (event) => {
    const button = event.target.closest("button");
    if (button) setTriggerValue("layer", button.dataset.layer);
  };
  root.onkeydown = (event) => {
    const place = buttons.indexOf(event.target.closest("button"));
    if (place < 0) return;
    const ends = { Home: 0, End: buttons.length - 1 };
    const next = ends[event.key] ?? place + STEPS[event.key];
    if (Number.isNaN(next)) return;
    event.preventDefault();
    buttons[next]?.focus();
  };
  return () => root.watched.disconnect();
}
