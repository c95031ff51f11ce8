// What all charts of our own share: plotly.js, fetched once, and the page's colours. It is put in
// front of the scripts that need it.

let library; // The promise of plotly.js: one for all charts of the page.

function plotly(url) {
  library ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = url;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => {
      library = undefined; // The server may be starting again: the next figure asks anew.
      script.remove();
      reject(new Error("plotly.js could not be loaded from " + url));
    };
    document.head.append(script);
  });
  return library;
}

// The page's colours as a template: whatever the figure itself sets goes before it.
function template(parent) {
  const style = getComputedStyle(parent);
  const of = (name) => style.getPropertyValue("--st-" + name).trim();
  const axis = {
    gridcolor: of("border-color"),
    linecolor: of("border-color"),
    zerolinecolor: of("border-color"),
    tickcolor: of("border-color"),
    automargin: true,
    // As Streamlit draws the other charts; plotly.js alone makes titles larger than all words around.
    title: { font: { size: 14 } },
    tickfont: { size: 12 },
  };
  return {
    layout: {
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      colorway: of("chart-categorical-colors").split(","),
      font: { family: of("font"), color: of("text-color"), size: 14 },
      hoverlabel: {
        bgcolor: of("background-color"),
        bordercolor: of("border-color"),
        font: { family: of("font"), color: of("text-color") },
      },
      legend: { bgcolor: "rgba(0,0,0,0)" },
      modebar: { bgcolor: "rgba(0,0,0,0)", color: of("gray-color"), activecolor: of("text-color") },
      xaxis: axis,
      yaxis: axis,
    },
  };
}
