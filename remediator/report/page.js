"use strict";
const form = document.forms[0];
const fits = (wanted, value) => !wanted || wanted === value;

function filter() {
  const { file, rule, state } = Object.fromEntries(new FormData(form));
  for (const section of document.querySelectorAll(".file")) {
    const items = [...section.querySelectorAll(".findings li")];
    for (const item of items) {
      item.hidden = !fits(rule, item.dataset.rule) || !fits(state, item.dataset.state);
    }
    const shown = items.some((item) => !item.hidden);
    section.hidden = !fits(file, section.dataset.file) || ((rule || state) && !shown);
  }
}

// A link can choose: report.html#rule=CYC001&state=left
for (const [name, value] of new URLSearchParams(location.hash.slice(1))) {
  if (form.elements[name]) form.elements[name].value = value;
}
form.addEventListener("change", filter);
filter();
