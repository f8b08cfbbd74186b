// The page is whole without this script. It adds the filter, the copy buttons, and opens the row that a link points to.
"use strict";

(() => {
  const rows = [...document.querySelectorAll("details.row")];
  const form = document.getElementById("filter");

  const matches = (row, text, status, column) =>
    row.dataset.name.toLowerCase().includes(text) &&
    ((!status && !column) ||
      row.dataset.has.split(" ").some((mark) => {
        const [key, value] = mark.split(":");
        return value && (!column || key === column) && (status ? value === status : value !== "none");
      }));

  const apply = () => {
    const { text, status, column, shown } = form.elements;
    const wanted = text.value.trim().toLowerCase();
    let count = 0;
    for (const row of rows) {
      row.hidden = !matches(row, wanted, status.value, column.value);
      count += row.hidden ? 0 : 1;
    }
    for (const chapter of document.querySelectorAll(".chapter")) {
      chapter.hidden = !chapter.querySelector("details.row:not([hidden])");
    }
    shown.value = count === rows.length ? `${count} identities` : `${count} of ${rows.length} identities`;
  };

  const reveal = () => {
    let target = null;
    try {
      target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    } catch {
      return; // not one of our addresses
    }
    const row = target && target.closest("details.row");
    if (!row) return;
    if (row.hidden) {
      form.reset();
      apply();
    }
    row.open = true;
    target.scrollIntoView();
  };

  const select = (element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
  };

  // A page opened from a file may not be given the clipboard: then the text is selected, ready to be copied by hand.
  const copy = async (button, code) => {
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
    } catch {
      select(code);
      button.textContent = document.execCommand("copy") ? "Copied" : "Selected";
    }
    setTimeout(() => (button.textContent = "Copy"), 1500);
  };

  for (const snippet of document.querySelectorAll(".snippet")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.addEventListener("click", () => copy(button, snippet.querySelector("code")));
    snippet.append(button);
  }

  if (form) {
    form.hidden = false;
    form.addEventListener("input", apply);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.elements.unfold.addEventListener("click", () => rows.forEach((row) => (row.open = row.open || !row.hidden)));
    form.elements.fold.addEventListener("click", () => rows.forEach((row) => (row.open = false)));
    apply();
  }
  addEventListener("hashchange", reveal);
  // A second click on the same link changes no hash.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (link && link.hash === location.hash) reveal();
  });
  reveal();
})();
