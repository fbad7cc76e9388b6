// Beside a field that takes a colour in letters, the browser's own way to pick one. Without it the field is typed.
for (const field of document.querySelectorAll("input[name=accent]")) {
  const picker = document.createElement("input");
  picker.type = "color";
  picker.value = "#1f5380";
  picker.className = "colour-picker";
  picker.setAttribute("aria-label", "Choisir la couleur");
  const show = () => { if (/^#[0-9a-f]{6}$/i.test(field.value)) picker.value = field.value.toLowerCase(); };
  show();
  field.addEventListener("input", show);
  picker.addEventListener("input", () => { field.value = picker.value; });
  field.after(picker);
}
