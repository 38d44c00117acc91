"use strict";
// Sorts a table by the column whose head is pressed; pressed again, the other
// way round. Times sort by their datetime, numbers by value.
for (const table of document.querySelectorAll("table")) {
  const heads = [...table.tHead.rows[0].cells];
  const key = (row, i) => {
    const cell = row.cells[i], time = cell.querySelector("time");
    return time ? time.dateTime : cell.textContent.trim();
  };
  heads.forEach((head, i) => head.querySelector("button").addEventListener("click", () => {
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
