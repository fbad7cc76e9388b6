// The explorer with a script: the link of the view is copied by a button, and an address keeps only what is asked.
(() => {
  const button = document.querySelector("[data-copy]");
  if (button && navigator.clipboard) {
    const said = button.parentElement.querySelector("[role=status]");
    button.parentElement.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(new URL(button.dataset.copy, location.href).href);
        said.textContent = "Lien copié.";
      } catch {
        said.textContent = "Copiez l’adresse de la page : c’est celle de la vue.";
      }
    });
  }

  const form = document.querySelector("form[data-tidy]");
  if (!form) return;
  const columns = [...form.querySelectorAll("[name=colonnes]")];
  const untouched = columns.map((box) => box.checked).join();
  const inAddress = new URLSearchParams(location.search).has("colonnes");
  form.addEventListener("submit", () => {
    for (const field of form.querySelectorAll("input, select")) field.disabled = !field.value;
    const same = columns.map((box) => box.checked).join() === untouched;
    if (same && !inAddress) for (const box of columns) box.disabled = true;
  });
  addEventListener("pageshow", () => {
    for (const field of form.elements) field.disabled = false;
  });
})();
