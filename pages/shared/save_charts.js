// The charts that stand on the page -> files, each as it stands: zoomed, and in the page's colours.

const SHARPER = 2; // Pixels of a PNG for each on the screen.
const KINDS = {
  png: "the chart, in pixels",
  svg: "the chart as a drawing, sharp at any size",
};

function titleOf({ layout }) {
  const text = layout.title?.text ?? "";
  return text.split("<br>")[0].replace(/<[^>]+>/g, "").trim() || "Chart";
}

// Those that can be seen, by their titles; of one title the second is the second.
function chartsOfPage() {
  const found = new Map();
  for (const node of document.querySelectorAll(".js-plotly-plot")) {
    if (!node.layout || !node.getClientRects().length) continue;
    const title = titleOf(node);
    let name = title;
    for (let number = 2; found.has(name); number += 1) name = `${title} (${number})`;
    found.set(name, node);
  }
  return found;
}

function fileName(stem, title, kind) {
  const words = title.toLowerCase().split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  return `${[stem, ...words].join("-")}.${kind}`;
}

function checksum(bytes) {
  let sum = -1;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}

// A sentence inside the PNG, as image viewers show it: a chunk of text after the header's.
function describedPng(bytes, about) {
  const chunk = new TextEncoder().encode(`iTXtDescription\0\0\0\0\0${about}`);
  const [length, sum] = [new DataView(new ArrayBuffer(4)), new DataView(new ArrayBuffer(4))];
  length.setUint32(0, chunk.length - 4);
  sum.setUint32(0, checksum(chunk));
  return new Blob([bytes.slice(0, 33), length, chunk, sum, bytes.slice(33)], { type: "image/png" });
}

function describedSvg(text, about) {
  const words = about.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return new Blob([text.replace(/<svg[^>]*>/, (tag) => `${tag}<desc>${words}</desc>`)], {
    type: "image/svg+xml",
  });
}

async function made(node, kind, { url, about }, ground) {
  const Plotly = await plotly(url);
  const figure = { data: node.data, layout: { ...node.layout, paper_bgcolor: ground } };
  const address = await Plotly.toImage(figure, {
    format: kind,
    width: node.offsetWidth,
    height: node.offsetHeight,
    scale: kind === "png" ? SHARPER : 1,
  });
  const answer = await fetch(address);
  return kind === "png"
    ? describedPng(new Uint8Array(await answer.arrayBuffer()), about)
    : describedSvg(await answer.text(), about);
}

function hand(blob, name) {
  const link = document.createElement("a");
  link.download = name;
  link.href = URL.createObjectURL(blob);
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function button(root, title, node, kind) {
  const { message } = root.charts;
  const press = document.createElement("button");
  const name = fileName(message.stem, title, kind);
  Object.assign(press, { type: "button", textContent: kind.toUpperCase() });
  press.title = `${name}: ${KINDS[kind]}`;
  press.setAttribute("aria-label", `${title} as ${kind.toUpperCase()}`);
  press.onclick = async () => {
    const said = root.querySelector(".save-charts-said");
    press.disabled = true;
    said.textContent = "";
    const ground = getComputedStyle(root).getPropertyValue("--st-background-color").trim();
    try {
      hand(await made(node, kind, message, ground), name);
    } catch (error) {
      said.textContent = `${title} could not be saved. ${error.message ?? error}`;
    }
    press.disabled = false;
  };
  return press;
}

function list(root) {
  const rows = [...chartsOfPage()].map(([title, node]) => {
    const row = document.createElement("div");
    const words = document.createElement("span");
    words.textContent = title;
    row.append(words, ...Object.keys(KINDS).map((kind) => button(root, title, node, kind)));
    return row;
  });
  root.hidden = !rows.length;
  root.querySelector(".save-charts-rows").replaceChildren(...rows);
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".save-charts");
  root.charts = { message: data };
  list(root);
  // The page may have been drawn anew since the menu was open last.
  const watcher = new IntersectionObserver(() => list(root));
  watcher.observe(parentElement.querySelector(".save-charts-here"));
  return () => watcher.disconnect();
}
