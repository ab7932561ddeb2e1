"use strict";
// Works on the table that is in the page already; without it only comfort is missing.
(() => {
  const copy = document.getElementById("copy");
  const command = document.getElementById("command");
  if (copy && command) {
    const select = () => {
      const range = document.createRange();
      range.selectNodeContents(command);
      const selection = getSelection();
      selection.removeAllRanges();
      selection.addRange(range);
    };
    const tell = (text) => {
      copy.textContent = text;
      setTimeout(() => (copy.textContent = "Copy"), 2500);
    };
    copy.hidden = false;
    copy.setAttribute("aria-live", "polite");
    copy.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(command.textContent);
        tell("Copied");
      } catch {
        select(); // an old browser, or a frame that may not: the old way, or by hand
        tell(document.execCommand("copy") ? "Copied" : "Selected: press Ctrl+C");
      }
    });
  }

  const table = document.getElementById("missing-table");
  if (!table) return;
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const text = (row, column) => row.cells[column].textContent.trim();
  const number = (row, column) => Number(text(row, column).replaceAll(",", "") || -1);
  const collator = new Intl.Collator(undefined, { numeric: true });

  const headers = [...table.tHead.rows[0].cells];
  headers.forEach((header, column) => {
    const numeric = header.dataset.sort === "number";
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = header.textContent;
    header.replaceChildren(button);
    // Chromium repeats the head of a table on every sheet only where there are no buttons in it.
    addEventListener("beforeprint", () => header.replaceChildren(button.textContent));
    addEventListener("afterprint", () => header.replaceChildren(button));
    button.addEventListener("click", () => {
      const now = header.getAttribute("aria-sort");
      const first = numeric ? "descending" : "ascending";
      const other = numeric ? "ascending" : "descending";
      const order = now === first ? other : first;
      headers.forEach((each) => each.removeAttribute("aria-sort"));
      header.setAttribute("aria-sort", order);
      const sign = order === "ascending" ? 1 : -1;
      const compare = numeric
        ? (a, b) => number(a, column) - number(b, column)
        : (a, b) => collator.compare(text(a, column), text(b, column));
      body.append(...[...rows].sort((a, b) => sign * compare(a, b)));
    });
  });

  const wanted = document.getElementById("wanted");
  const visible = document.getElementById("visible");
  const plain = (string) => string.normalize("NFC").toLowerCase();
  const haystack = rows.map((row) => plain(`${text(row, 0)} ${row.lastElementChild.textContent}`));
  const filter = () => {
    const needle = plain(wanted.value.trim());
    let count = 0;
    rows.forEach((row, i) => {
      row.hidden = !haystack[i].includes(needle);
      count += !row.hidden;
    });
    visible.textContent = `${count.toLocaleString("en")} of ${rows.length.toLocaleString("en")} shown`;
  };
  wanted.addEventListener("input", filter);
  document.getElementById("search").hidden = false;
  filter();
})();
