// The sheet with a script: the rate as one types, what is typed kept on the site every few seconds.
(() => {
  const form = document.getElementById("saisie");
  if (!form) return;
  const status = form.querySelector("[data-autosave]");
  const number = (text) => {
    const cleaned = text.replace(/[\s\u00a0\u2009\u202f%€]/g, "").replace(",", ".");
    return cleaned === "" ? NaN : Number(cleaned);
  };
  const rateFormat = new Intl.NumberFormat("fr-FR", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

  for (const line of form.querySelectorAll("[data-rate]")) {
    const [numerator, denominator] = line.querySelectorAll("input[type=text]");
    const output = line.querySelector("output");
    line.addEventListener("input", () => {
      const rate = (number(numerator.value) * 100) / number(denominator.value);
      output.textContent = Number.isFinite(rate) ? `${rateFormat.format(rate)}\u00a0%` : "—";
    });
  }

  // Kept on the site as typed, under one's own name; when the site does not answer, in this browser until it does.
  const local = `spaser-saisie:${form.dataset.user}:${location.pathname}`;
  let typed = false;
  let waiting;
  const body = () => {
    const data = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (typeof value === "string") data.append(name, value);
    data.append("autosave", "1");
    return data;
  };
  const keep = async (data) => {
    let answer;
    try {
      answer = await fetch(location.pathname, { method: "POST", body: data, redirect: "manual" });
    } catch {
      answer = null;
    }
    if (answer && answer.ok) {
      localStorage.removeItem(local);
      return answer;
    }
    keepHere(data);
    return null;
  };
  const keepHere = (data) => {
    data.delete("csrfmiddlewaretoken");
    localStorage.setItem(local, data.toString());
  };
  const autosave = async () => {
    waiting = undefined;
    const kept = await keep(body());
    const now = new Date();
    const time = `${now.getHours()}\u00a0h\u00a0${String(now.getMinutes()).padStart(2, "0")}`;
    status.textContent = kept
      ? `Saisie gardée à ${time}, pas encore enregistrée.`
      : "Le site ne répond pas : votre saisie reste gardée dans ce navigateur.";
  };
  form.addEventListener("input", (event) => {
    if (event.target.type === "file") return;
    typed = true;
    clearTimeout(waiting);
    waiting = setTimeout(autosave, 1500);
  });
  addEventListener("pagehide", () => {
    if (typed && waiting && !navigator.sendBeacon(location.pathname, body())) keepHere(body()); // too long for it
  });
  form.addEventListener("submit", (event) => {
    clearTimeout(waiting);
    waiting = undefined;
    if (event.submitter?.name === "abandon") localStorage.removeItem(local);
    else if (localStorage.getItem(local)) keepHere(body()); // the site may still not answer; the next page compares
  });

  // What this browser kept while the site did not answer: handed to the site, which shows it as typed.
  const left = localStorage.getItem(local);
  if (left) {
    const data = new URLSearchParams(left);
    data.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    keep(data).then((kept) => kept?.status === 204 && location.reload()); // 200: all of it is saved already
  }

  // A message that names a field opens what hides it.
  const reveal = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let node = target; node; node = node.parentElement) if (node.tagName === "DETAILS") node.open = true;
    target.scrollIntoView();
    if (target.tagName === "DETAILS") target.querySelector("summary").focus();
    else if (target.matches("input, select, textarea, [tabindex]")) target.focus();
    else target.querySelector("input:not([type=hidden]), select, textarea")?.focus({ preventScroll: true });
  };
  addEventListener("hashchange", reveal);
  reveal();
})();
