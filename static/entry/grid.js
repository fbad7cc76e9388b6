// The grid of a campaign as a spreadsheet: keys move between cells, a copied block pastes over several of them.
// Nothing is stored here: the form goes to the preview, as it does without this script.
(() => {
  "use strict";

  const form = document.querySelector(".grid-form");
  if (!form) return;
  const columns = ["value", "numerator", "denominator", "missing"];
  const rows = [...form.querySelectorAll("tr[data-code]")];
  const said = form.querySelector("[data-said]");
  const cellOf = (row, column) => rows[row]?.querySelector(`[data-column="${columns[column]}"]`) ?? null;
  const placeOf = (cell) => [rows.indexOf(cell.closest("tr")), columns.indexOf(cell.dataset.column)];

  const focus = (cell) => {
    cell.focus();
    if (cell.select) cell.select();
  };

  // The next cell in a direction, past those that the measure does not have; a rate and a value stand for each other.
  const next = (cell, down, right) => {
    let [row, column] = placeOf(cell);
    if (down) {
      row += down;
      if (!rows[row]) return null;
      return cellOf(row, column) ?? (column < 3 ? cellOf(row, 0) ?? cellOf(row, 1) : null);
    }
    for (column += right; column >= 0 && column < columns.length; column += right) {
      if (cellOf(row, column)) return cellOf(row, column);
    }
    return null;
  };

  const atEdge = (cell, right) => {
    if (cell.tagName === "SELECT" || cell.selectionStart !== cell.selectionEnd) return cell.tagName === "SELECT" || cell.value.length === cell.selectionEnd - cell.selectionStart;
    return cell.selectionStart === (right > 0 ? cell.value.length : 0);
  };

  form.addEventListener("keydown", (event) => {
    const cell = event.target;
    if (!cell.dataset.column || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const arrows = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    const listed = cell.tagName === "SELECT" || cell.list; // its own up and down choose a word
    let move = null;
    if (event.key === "Enter") move = [event.shiftKey ? -1 : 1, 0];
    else if (!event.shiftKey && arrows[event.key]) {
      const [down, right] = arrows[event.key];
      if (down ? !listed : atEdge(cell, right)) move = [down, right];
    }
    if (!move) return;
    event.preventDefault(); // Enter does not send the form half filled
    const target = next(cell, ...move);
    if (target) focus(target);
  });

  // A block as spreadsheets copy it: tabs and line ends, quotes around a cell that holds either.
  const parse = (text) => {
    const block = [[""]];
    let quoted = false;
    for (let i = 0; i < text.length; i += 1) {
      const row = block[block.length - 1];
      const last = row.length - 1;
      if (quoted) {
        if (text[i] === '"' && text[i + 1] === '"') { row[last] += '"'; i += 1; }
        else if (text[i] === '"') quoted = false;
        else row[last] += text[i];
      } else if (text[i] === '"' && row[last] === "") quoted = true;
      else if (text[i] === "\t") row.push("");
      else if (text[i] === "\n") block.push([""]);
      else if (text[i] !== "\r") row[last] += text[i];
    }
    while (block.length > 1 && block[block.length - 1].every((cell) => cell.trim() === "")) block.pop();
    return block;
  };

  const plain = (text) => text.trim().toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "");
  const reasons = { nd: "not_available", "n.d.": "not_available", "n/d": "not_available", so: "not_applicable", "s.o.": "not_applicable", "s/o": "not_applicable" };

  // Put a word in a cell; false when the cell cannot hold it.
  const put = (cell, text) => {
    if (cell.tagName !== "SELECT") {
      cell.value = text;
      return true;
    }
    const option = [...cell.options].find((one) => plain(one.textContent) === plain(text) || one.value === reasons[plain(text)]);
    if (option) cell.value = option.value;
    return Boolean(option);
  };

  form.addEventListener("paste", (event) => {
    const cell = event.target;
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!cell.dataset.column || !/[\t\n]/.test(text.replace(/\r?\n$/, ""))) return;
    event.preventDefault();
    const [top, left] = placeOf(cell);
    const outside = [];
    let filled = 0;
    parse(text).forEach((line, down) => {
      line.forEach((raw, right) => {
        const word = raw.trim();
        const target = cellOf(top + down, left + right);
        if (target && put(target, word)) filled += 1;
        else if (word !== "") {
          const code = rows[top + down]?.dataset.code;
          outside.push(code ? `« ${word.slice(0, 30)} » (${code})` : `« ${word.slice(0, 30)} »`);
        }
      });
    });
    const cells = filled > 1 ? "cellules remplies" : "cellule remplie";
    const left_out = outside.slice(0, 10).join(", ") + (outside.length > 10 ? "…" : "");
    said.textContent = `${filled} ${cells}.` + (outside.length ? ` Hors de la grille ou refusé : ${left_out}.` : "");
    said.classList.toggle("flagged", outside.length > 0);
  });
})();
