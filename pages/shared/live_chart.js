// A chart that is drawn into one node for as long as the page stands. Streamlit calls the default
// function again with each new figure and with each change of theme.

const PRESS = 400; // Milliseconds that a press may take until it is a click.
const CLICK = 1500; // Milliseconds by when plotly.js has long made of a click what it will.

function isWithin(milliseconds, since) {
  return since !== undefined && performance.now() - since < milliseconds;
}

async function draw(node) {
  clearTimeout(node.chart.later);
  const Plotly = await plotly(node.chart.url);
  if (!node.isConnected) return;
  if (node._dragging || isWithin(PRESS, node.chart.pressed) || isWithin(CLICK, node.chart.clicked)) {
    // A zoom box is being drawn, and a new figure would move the axes under it; or plotly.js still
    // waits whether a click on the legend is a double one, and would hide what by then has the
    // place of the trace that was clicked.
    clearTimeout(node.chart.later);
    node.chart.later = setTimeout(() => draw(node), 100);
    return;
  }
  const { figure, parent } = node.chart;
  // A copy: plotly.js writes the user's zoom and hidden traces into what it is given, and a figure
  // that then came a second time would bring them as its own, which ends their being kept.
  const { data, layout } = structuredClone(figure);
  Object.assign(layout, { template: template(parent), autosize: true });
  await Plotly.react(node, data, layout, {
    displaylogo: false,
    // On a phone it would lie over the title, and fingers zoom without it.
    displayModeBar: node.offsetWidth < 480 ? false : "hover",
    modeBarButtonsToRemove: ["select2d", "lasso2d"],
  });
  if (!node.chart.watcher) watch(node, Plotly);
}

function watch(node, Plotly) {
  const press = () => (node.chart.pressed = performance.now());
  node.addEventListener("pointerdown", press, { capture: true });
  node.on("plotly_legendclick", () => {
    node.chart.clicked = performance.now();
  });
  node.on("plotly_restyle", () => {
    node.chart.clicked = undefined;
  });
  node.chart.watcher = new ResizeObserver(() => {
    const shown = node.offsetWidth > 0 && node.offsetHeight > 0;
    const { width, height } = node._fullLayout;
    if (shown && (node.offsetWidth !== width || node.offsetHeight !== height)) {
      Plotly.Plots.resize(node);
    }
  });
  node.chart.watcher.observe(node);
}

export default function ({ data, parentElement }) {
  const { figure, height, alt, url } = JSON.parse(new TextDecoder().decode(data));
  const node = parentElement.querySelector(".live-chart");
  node.chart = { ...node.chart, figure, url, parent: parentElement };
  node.style.height = height + "px";
  node.setAttribute("aria-label", alt);
  draw(node).catch((error) => console.error(error));
  return () => {
    // Streamlit also calls this for a figure that a newer one overtook: then the node stays.
    if (node.isConnected) return;
    clearTimeout(node.chart.later);
    node.chart.watcher?.disconnect();
    window.Plotly?.purge(node);
  };
}
