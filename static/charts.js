/* Puts a plotly chart in the place of each server-made picture. Plotly itself is fetched when the first one comes near the window,
   and so is never when there is none; without this script, when it fails and on paper, the pictures stay. */
"use strict";

(() => {
  const address = document.currentScript.dataset.plotly;
  const figures = [...document.querySelectorAll(".chart-figure")].filter((figure) => figure.querySelector("script"));
  const settings = { displayModeBar: false, displaylogo: false, responsive: true, scrollZoom: false, doubleClick: false, showTips: false, locale: "fr" };
  const drawn = new Map();
  let plotly;

  function fetched() {
    plotly ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = address;
      script.onload = () => resolve(window.Plotly);
      script.onerror = reject;
      document.head.append(script);
    });
    return plotly;
  }

  /* What « var(--name) » is worth in the page now: a colour as rgb(), whatever it is mixed of, or a font. */
  function worth(value, place) {
    const name = /^var\((--[\w-]+)\)$/.exec(value)[1];
    const plain = getComputedStyle(place).getPropertyValue(name).trim();
    if (!CSS.supports("color", plain)) return plain;
    const brush = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const probe = document.createElement("span");
    probe.style.color = plain;
    place.append(probe);
    brush.fillStyle = getComputedStyle(probe).color;
    probe.remove();
    brush.fillRect(0, 0, 1, 1);
    const [red, green, blue] = brush.getImageData(0, 0, 1, 1).data;
    return `rgb(${red},${green},${blue})`;
  }

  function coloured(text, place) {
    const known = {};
    return JSON.parse(text, (_, value) =>
      typeof value === "string" && value.startsWith("var(--") ? (known[value] ??= worth(value, place)) : value);
  }

  /* The server leaves room for a legend of one name a line; where they stand side by side, the chart is lower. */
  function trim(place) {
    const legend = place.querySelector(".legend");
    if (!legend) return;
    const spare = Math.floor(place.getBoundingClientRect().bottom - legend.getBoundingClientRect().bottom) - 8;
    const { height, margin } = place.layout;
    if (spare > 0) window.Plotly.relayout(place, { height: height - spare, "margin.b": margin.b - spare });
  }

  async function draw(figure) {
    const { newPlot } = await fetched();
    const picture = figure.querySelector("svg.chart");
    const place = document.createElement("div");
    place.className = "chart-plot";
    place.setAttribute("role", "img");
    place.setAttribute("aria-label", picture.querySelector("title").textContent);
    figure.append(place);
    const { data, layout } = coloured(figure.querySelector("script").textContent, place);
    await newPlot(place, data, layout, settings);
    trim(place);
    figure.classList.add("is-drawn");
    drawn.set(figure, place);
  }

  function recolour() {
    for (const [figure, place] of drawn) {
      const { data, layout } = coloured(figure.querySelector("script").textContent, place);
      window.Plotly.react(place, data, layout, settings);
    }
  }

  const watcher = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (isIntersecting) {
        watcher.unobserve(target);
        draw(target).catch(() => target.querySelector(".chart-plot")?.remove());
      }
    }
  }, { rootMargin: "400px" });
  figures.forEach((figure) => watcher.observe(figure));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
})();
