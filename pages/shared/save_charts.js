// The charts that stand on the page -> files, each as it stands: zoomed, and in the page's colours.

const AGAIN = 500; // Milliseconds until it is looked again which charts there are.
const SHARPER = 2; // Pixels of a PNG for each on the screen.

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

function encoded(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}

// The letters have to come along: a picture knows none of the page's, and those that it takes
// instead are wider, and run out of their place.
async function lettersOf(text) {
  const faces = [];
  for (const sheet of document.styleSheets) {
    let rules = [];
    try {
      rules = [...sheet.cssRules];
    } catch {
      continue; // Of another address.
    }
    for (const { style } of rules.filter((rule) => rule instanceof CSSFontFaceRule)) {
      const of = (name) => style.getPropertyValue(name);
      const family = of("font-family").replaceAll(/["']/g, "");
      const [, file] = of("src").match(/url\(["']?(.+?)["']?\)/) ?? [];
      if (!file || of("font-style") === "italic" || !text.includes(family)) continue;
      const answer = await fetch(new URL(file, sheet.href ?? document.baseURI));
      const source = await encoded(await answer.blob());
      faces.push(
        `@font-face{font-family:"${family}";font-weight:${of("font-weight")};src:url(${source})}`,
      );
    }
  }
  return faces.join("");
}

async function drawing(node, { url, about }, ground) {
  const Plotly = await plotly(url);
  const figure = { data: node.data, layout: { ...node.layout, paper_bgcolor: ground } };
  const { offsetWidth: width, offsetHeight: height } = node;
  const answer = await fetch(await Plotly.toImage(figure, { format: "svg", width, height }));
  const text = await answer.text();
  const words = about.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  const front = `<desc>${words}</desc><style>${await lettersOf(text)}</style>`;
  const svg = text.replace(/<svg[^>]*>/, (tag) => tag + front);
  return { width, height, svg: new Blob([svg], { type: "image/svg+xml" }) };
}

async function inPixels({ width, height, svg }) {
  const picture = new Image();
  picture.src = await encoded(svg);
  await picture.decode();
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: width * SHARPER, height: height * SHARPER });
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
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
async function described(png, about) {
  const chunk = new TextEncoder().encode(`iTXtDescription\0\0\0\0\0${about}`);
  const [length, sum] = [new DataView(new ArrayBuffer(4)), new DataView(new ArrayBuffer(4))];
  length.setUint32(0, chunk.length - 4);
  sum.setUint32(0, checksum(chunk));
  return new Blob([png.slice(0, 33), length, chunk, sum, png.slice(33)], { type: "image/png" });
}

async function save(root, kind) {
  const { message, charts } = root.charts;
  const title = root.querySelector("select").value;
  const ground = getComputedStyle(root).getPropertyValue("--st-background-color").trim();
  const drawn = await drawing(charts.get(title), message, ground);
  const file = kind === "svg" ? drawn.svg : await described(await inPixels(drawn), message.about);
  const link = document.createElement("a");
  link.download = fileName(message.stem, title, kind);
  link.href = URL.createObjectURL(file);
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

async function press(root, button) {
  const said = root.querySelector("output");
  said.textContent = "";
  button.disabled = true;
  try {
    await save(root, button.value);
  } catch (error) {
    said.textContent = `The chart could not be saved. ${error.message ?? error}`;
  }
  button.disabled = false;
}

function list(root) {
  const charts = chartsOfPage();
  root.charts.charts = charts;
  root.hidden = !charts.size;
  const select = root.querySelector("select");
  const titles = [...charts.keys()];
  if (titles.join() === [...select.options].map(({ value }) => value).join()) return;
  const before = select.value;
  select.replaceChildren(...titles.map((title) => new Option(title)));
  if (charts.has(before)) select.value = before;
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".save-charts");
  root.charts = { message: data };
  list(root);
  for (const button of root.querySelectorAll("button")) button.onclick = () => press(root, button);
  // The page may still be drawing its charts, or draw others while the menu is open.
  const watch = setInterval(() => list(root), AGAIN);
  return () => clearInterval(watch);
}
