// Comfort only: the page works as plain forms without this file.
"use strict";
document.documentElement.classList.add("js");

for (const form of document.querySelectorAll("form.upload")) {
  const input = form.querySelector("input[type=file]");
  const drop = form.querySelector(".drop");
  const chosen = form.querySelector(".chosen");
  const problem = form.querySelector(".problem");
  const most = Number(form.dataset.most);
  chosen.dataset.empty = chosen.textContent;

  const isTooLarge = () => input.files.length > 0 && input.files[0].size > most;
  const look = () => {
    problem.hidden = !isTooLarge();
    chosen.textContent = input.files.length > 0 ? input.files[0].name : chosen.dataset.empty;
  };
  input.addEventListener("change", look);

  for (const name of ["dragenter", "dragover"]) {
    drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("over"); });
  }
  for (const name of ["dragleave", "drop"]) {
    drop.addEventListener(name, () => drop.classList.remove("over"));
  }
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length === 0) return;
    input.files = event.dataTransfer.files;
    look();
    if (!isTooLarge()) form.requestSubmit();
  });

  form.addEventListener("submit", (event) => {
    if (isTooLarge()) { event.preventDefault(); look(); return; }
    form.querySelector("button").disabled = true;
    form.querySelector(".busy").hidden = false;
  });
}

for (const form of document.querySelectorAll("form.send")) {
  form.addEventListener("submit", () => { form.querySelector("button").disabled = true; });
}
for (const button of document.querySelectorAll("button.print")) {
  button.addEventListener("click", () => window.print());
}
// Coming back with «Назад» finds the buttons alive again.
window.addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("button[disabled]")) button.disabled = false;
  for (const busy of document.querySelectorAll(".busy")) busy.hidden = true;
});
