"use strict";
// Works on the table that is in the page already; without it only comfort is missing.
(() => {
  const $ = (id) => document.getElementById(id);

  // `text()` is what the button copies; `shown` is selected where the clipboard is out of reach.
  const copies = (button, text, shown) => {
    const label = button.textContent;
    const tell = (said) => {
      button.textContent = said;
      setTimeout(() => (button.textContent = label), 2500);
    };
    button.hidden = false;
    button.setAttribute("aria-live", "polite");
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(text());
        tell("Copied");
      } catch {
        getSelection().selectAllChildren(shown); // an old browser, or a frame that may not
        tell(document.execCommand("copy") ? "Copied" : "Selected: press Ctrl+C");
      }
    });
  };
  if ($("copy")) copies($("copy"), () => $("command").textContent, $("command"));

  const table = $("missing-table");
  if (!table) return;
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const text = (row, column) => row.cells[column].textContent.trim();
  const number = (row, column) => Number(text(row, column).replaceAll(",", "") || -1);
  const collator = new Intl.Collator(undefined, { numeric: true });

  const headers = [...table.tHead.rows[0].cells];
  const names = headers.map((header) => header.textContent);
  headers.forEach((header, column) => {
    const numeric = header.dataset.sort === "number";
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = names[column];
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

  const kindOf = (row) => row.lastElementChild.textContent;
  for (const kind of new Set(rows.map(kindOf))) $("kind").add(new Option(kind));
  const plain = (string) => string.normalize("NFC").toLowerCase();
  const token = (row) => row.querySelector(".token").textContent;
  const tokens = rows.map((row) => plain(token(row)));
  const filter = () => {
    const needle = plain($("wanted").value.trim());
    const kind = $("kind").value;
    let count = 0;
    rows.forEach((row, i) => {
      row.hidden = !tokens[i].includes(needle) || (kind !== "" && kindOf(row) !== kind);
      count += !row.hidden;
    });
    $("visible").textContent = `${count.toLocaleString("en")} of ${rows.length.toLocaleString("en")} shown`;
  };
  $("wanted").addEventListener("input", filter);
  $("kind").addEventListener("change", filter);
  for (const link of document.querySelectorAll("a.kind")) {
    link.addEventListener("click", () => {
      $("kind").value = link.textContent;
      if ($("kind").selectedIndex < 0) $("kind").value = ""; // none of it is in the list
      filter();
    });
  }

  const shown = () => [...body.rows].filter((row) => !row.hidden);
  const line = (row) => [...row.cells].map((cell, i) => {
    if (i === 0) return token(row);
    return headers[i].dataset.sort === "number" ? number(row, i) : text(row, i);
  });
  copies($("copy-list"), () => shown().map((row) => `${token(row)}\n`).join(""), body);
  $("save-list").addEventListener("click", () => {
    const lines = [names, ...shown().map(line)].map((cells) => `${cells.join("\t")}\n`);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(lines, { type: "text/tab-separated-values" }));
    link.download = `${$("save-list").dataset.name}.missing.tsv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  });
  $("tools").hidden = false;
  filter();
})();
