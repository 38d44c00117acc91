"use strict";
// Brings the page to life: the age of the newest report counts on, the table
// sorts by the column whose head is pressed, and each picture of a chart
// becomes a chart whose values can be read off.
const data = JSON.parse(document.getElementById("data").textContent);
const stamp = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ") + " UTC";

// span prints seconds in their two largest units.
function span(seconds) {
  const units = [["d", 86400], ["h", 3600], ["m", 60], ["s", 1]];
  const first = Math.max(units.findIndex(([, size]) => seconds >= size), 0);
  return units.slice(first, first + 2).map(([unit, size], i) => {
    const n = Math.floor(i ? seconds % units[first][1] / size : seconds / size);
    return n || !i ? n + unit : "";
  }).join("");
}

function showAge() {
  const now = Date.now() / 1000, age = now - data.last, text = document.getElementById("age");
  if (age < 60 || now < data.made) return; // the clock was set back, or there is nothing to add
  text.textContent = `The last report is ${span(age)} old now; this page was made ${stamp(data.made)}.`;
  const late = data.late > 0 && age > data.late;
  text.classList.toggle("warning", late);
  if (late) text.textContent += " Make it again; when there is no newer report, check whether the timer or cron job still runs.";
}
showAge();
setInterval(showAge, 60000);

// Times sort by their datetime, numbers by value; pressed again, the other
// way round.
for (const table of document.querySelectorAll("table")) {
  const heads = [...table.tHead.rows[0].cells];
  const key = (row, i) => {
    const cell = row.cells[i], time = cell.querySelector("time");
    return time ? time.dateTime : cell.textContent.trim();
  };
  heads.forEach((head, i) => head.querySelector("button")?.addEventListener("click", () => {
    const numeric = head.classList.contains("n");
    const before = head.getAttribute("aria-sort");
    const down = before ? before === "ascending" : numeric;
    const rows = [...table.tBodies[0].rows].sort((a, b) => {
      const x = key(a, i), y = key(b, i);
      return (numeric ? x - y : x < y ? -1 : x > y ? 1 : 0) * (down ? -1 : 1);
    });
    heads.forEach(h => h.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    table.tBodies[0].append(...rows);
  }));
}

const theme = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
const faded = (color, alpha) => color.replace("rgb(", "rgba(").replace(")", `, ${alpha})`);
const short = (n) => n >= 1e9 ? n / 1e9 + "G" : n >= 1e6 ? n / 1e6 + "M" : n >= 1e4 ? n / 1e3 + "k" : String(n);
// clock marks times: of day, with the date where one begins, or dates.
const clock = (_, marks, column, space, step) => marks.map((at, i) => {
  const [date, time] = new Date(at * 1000).toISOString().split("T");
  return step >= 86400 ? date : time.slice(0, step < 60 ? 8 : 5) + (i && time > "00:00:01" ? "" : "\n" + date);
});
const whole = Array.from({length: 10}, (_, power) => [1, 2, 5].map(n => n * 10 ** power)).flat(); // no half sockets

// heights are where the lines of a chart run: one upon the other where they
// are stacked. Where nothing is known there is none.
function heights(chart) {
  let floor = [];
  return chart.lines.map(line => {
    const top = line.counts.map((n, i) => n < 0 ? null : n + (chart.stacked && floor[i] || 0));
    floor = top;
    return top;
  });
}

// draw puts a chart into its figure, in the colours of the legend there.
function draw(figure) {
  const chart = data.charts[figure.dataset.chart], times = data.axes[chart.axis];
  const colors = [...figure.querySelectorAll(".key rect")].map(r => getComputedStyle(r).fill);
  const axis = {stroke: theme("soft"), grid: {stroke: theme("rule"), width: 1}, ticks: {show: false}, font: "12px system-ui, sans-serif"};
  const plot = new uPlot({
    width: figure.clientWidth, height: 220,
    padding: [12, 34, 0, 0], legend: {show: false},
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "UTC"),
    scales: {y: {range: (_, low, high) => [0, Math.max(1, high, chart.limit) * 1.06]}},
    axes: [{...axis, space: 90, values: clock}, {...axis, label: chart.unit, labelFont: axis.font, labelSize: 20, labelGap: 0, size: 44, incrs: whole, values: (_, marks) => marks.map(short)}],
    series: [{}, ...colors.map(color => ({stroke: color, width: chart.stacked ? 1 : 2, fill: faded(color, chart.stacked ? .55 : .12), points: {size: 5, fill: color}}))],
    bands: chart.stacked ? colors.slice(1).map((_, i) => ({series: [i + 2, i + 1]})) : [],
    hooks: {setCursor: [u => read(figure, chart, times, u.cursor.idx)], draw: [u => chart.limit && drawLimit(u, chart.limit, axis)]},
  }, [times, ...heights(chart)], figure);
  figure.prepend(plot.root);
  figure.classList.add("drawn");
  return plot;
}

function drawLimit(u, limit, axis) {
  const y = u.valToPos(limit, "y", true), {left, width} = u.bbox, c = u.ctx;
  c.save();
  c.strokeStyle = c.fillStyle = axis.stroke;
  c.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
  c.beginPath();
  c.moveTo(left, y);
  c.lineTo(left + width, y);
  c.stroke();
  c.textAlign = "right";
  c.textBaseline = "bottom";
  c.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
  c.fillText("limit " + limit, left + width, y - 2 * devicePixelRatio);
  c.restore();
}

// read writes the values at a point below the chart; without a point, what
// stood there.
function read(figure, chart, times, point) {
  const at = (i) => chart.lines[i].counts[point];
  const known = point != null && at(0) >= 0;
  figure.querySelector(".when").textContent = point == null ? "" : known ? stamp(times[point]) : "no report";
  figure.querySelectorAll(".value").forEach((value, i) => {
    value.dataset.rest ??= value.textContent;
    value.textContent = point == null ? value.dataset.rest : known ? `${at(i)} ${chart.unit}` : "";
  });
}

// The arrow keys move from point to point.
function onKey(event, plot) {
  const step = {ArrowLeft: -1, ArrowRight: 1}[event.key];
  if (!step) return;
  event.preventDefault();
  const last = plot.data[0].length - 1, i = Math.min(Math.max((plot.cursor.idx ?? (step < 0 ? last + 1 : -1)) + step, 0), last);
  plot.setCursor({left: plot.valToPos(plot.data[0][i], "x"), top: 0});
}

for (const figure of document.querySelectorAll("figure")) {
  let plot = draw(figure);
  figure.tabIndex = 0;
  figure.addEventListener("keydown", event => onKey(event, plot));
  new ResizeObserver(() => plot.setSize({width: figure.clientWidth, height: 220})).observe(figure);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    plot.destroy();
    plot = draw(figure);
  });
}
