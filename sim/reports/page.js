const data = JSON.parse(document.getElementById("data").textContent);
const config = { responsive: true, displayModeBar: false };

for (const place of document.querySelectorAll("[data-figure]")) {
  const figure = data[place.dataset.figure];
  Plotly.newPlot(place, figure.data, figure.layout, config).then(() => {
    root.dataset.drawn = Number(root.dataset.drawn) + 1;
  });
}
