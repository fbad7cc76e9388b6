// The page of a making looks again every two seconds, and says what has changed; once it is published the page leads to the edition.
(() => {
  const EVERY = 2000;
  const GOING = ["queued", "running"];
  const section = document.querySelector("[data-making]");

  function show(fresh) {
    const said = section.querySelector("[data-said]");
    const saidNow = fresh.querySelector("[data-said]");
    if (said.textContent !== saidNow.textContent) said.replaceChildren(...saidNow.childNodes);
    const bar = section.querySelector("progress");
    const barNow = fresh.querySelector("progress");
    if (bar && barNow) Object.assign(bar, { max: barNow.max, value: barNow.value });
    if (bar && !barNow) bar.remove();
    if (section.dataset.making !== fresh.dataset.making) {
      section.querySelector("[data-doors]").replaceChildren(...fresh.querySelector("[data-doors]").childNodes);
      section.dataset.making = fresh.dataset.making;
    }
  }

  async function look() {
    try {
      const response = await fetch(section.dataset.address, { credentials: "same-origin" });
      if (response.redirected || !response.ok) return window.location.assign(response.url);
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      show(page.querySelector("[data-making]"));
    } catch {
      // the network is away: the next look may find it back
    }
    if (GOING.includes(section.dataset.making)) window.setTimeout(look, EVERY);
  }

  if (GOING.includes(section.dataset.making)) window.setTimeout(look, EVERY);
})();
