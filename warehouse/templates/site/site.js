"use strict";
// The page is whole without this: it switches the language, tells the release's age, and narrows long pages.
(function () {
  const root = document.documentElement;
  const tools = document.getElementById("languages");
  const buttons = [...tools.querySelectorAll("button")];

  function remembered() {
    const asked = new URLSearchParams(location.search).get("lang");
    if (asked) return asked;
    try { return localStorage.getItem("blue-ledger-language"); } catch { return null; }
  }
  function speak(language) {
    const chosen = language === "en" ? "en" : "zh-CN";
    root.lang = chosen;
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.language === chosen));
    tellAge();
  }
  for (const button of buttons) {
    button.addEventListener("click", () => {
      try { localStorage.setItem("blue-ledger-language", button.dataset.language); } catch { /* a file may not remember */ }
      speak(button.dataset.language);
    });
  }

  function tellAge() {
    const built = document.getElementById("built");
    const hours = Math.max(0, (Date.now() - Date.parse(built.dateTime)) / 3600000);
    const stale = hours > Number(built.dataset.staleHours);
    const zh = hours < 48 ? `${Math.floor(hours)} 小时前` : `${Math.floor(hours / 24)} 天前`;
    const en = hours < 48 ? `${Math.floor(hours)} h ago` : `${Math.floor(hours / 24)} days ago`;
    for (const place of document.querySelectorAll("#age, .age")) {
      place.textContent = root.lang === "en" ? en + (stale ? " · STALE" : "") : zh + (stale ? " · 已过期" : "");
      place.classList.toggle("stale", stale);
    }
    document.body.classList.toggle("is-stale", stale);
  }

  // one indicator at a time
  const chooser = document.getElementById("choose-indicator");
  if (chooser) {
    const panels = [...document.querySelectorAll("[data-panel]")];
    const show = (key) => { for (const panel of panels) panel.hidden = panel.dataset.panel !== key; };
    const wanted = location.hash.slice(1);
    const inputs = [...chooser.querySelectorAll("input")];
    const first = inputs.find((input) => input.value === wanted) || inputs[0];
    chooser.hidden = false;
    if (first) { first.checked = true; show(first.value); }
    chooser.addEventListener("change", (event) => show(event.target.value));
  }

  // a filter over a long list
  const filter = document.getElementById("filter");
  if (filter) {
    const entries = [...document.querySelectorAll("[data-entry]")];
    const none = document.getElementById("filter-none");
    document.getElementById("filter-box").hidden = false;
    filter.addEventListener("input", () => {
      const wanted = filter.value.trim().toLowerCase();
      let shown = 0;
      for (const entry of entries) {
        entry.hidden = wanted !== "" && !entry.dataset.entry.toLowerCase().includes(wanted);
        shown += entry.hidden ? 0 : 1;
      }
      none.hidden = shown > 0;
    });
  }

  // where `blue-ledger serve` shows the page, the other releases are one step away
  if (/^https?:$/.test(location.protocol) && /^\/(releases\/[^/]+\/)?site\//.test(location.pathname)) {
    const link = document.createElement("a");
    link.href = "/releases/";
    link.textContent = "各期版本 Releases";
    document.getElementById("others").append(link);
  }

  tools.hidden = false;
  speak(remembered());
})();
