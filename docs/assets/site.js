// What the theme leaves to do for who reads by keyboard or screen reader: boxes that scroll can be reached, and each
// navigation has a name of its own.
(() => {
  const reachable = () => {
    document.querySelectorAll("pre > code, .md-typeset__scrollwrap, .highlight pre").forEach(box => {
      if (box.scrollWidth > box.clientWidth) box.setAttribute("tabindex", "0");
      else box.removeAttribute("tabindex");
    });
  };
  const named = () => {
    document.querySelectorAll("nav.md-code__nav").forEach((nav, i) => {
      nav.setAttribute("aria-label", `Code block ${i + 1}`);
    });
    const seen = new Map();
    document.querySelectorAll("nav.md-nav").forEach(nav => {
      const by = nav.getAttribute("aria-labelledby");
      const label = (by && document.getElementById(by)?.textContent || nav.getAttribute("aria-label") || "").trim();
      const times = (seen.get(label) || 0) + 1;
      seen.set(label, times);
      if (times > 1 || by) {
        nav.removeAttribute("aria-labelledby");
        nav.setAttribute("aria-label", times > 1 ? `${label}, level ${nav.dataset.mdLevel || times}, ${times}` : `${label}, pages`);
      }
    });
  };
  const search = () => document.querySelector(".md-search")?.setAttribute("aria-label", "Search");
  const all = () => { search(); reachable(); named(); };
  addEventListener("load", () => { all(); setTimeout(all, 250); });
  addEventListener("resize", reachable);
  new MutationObserver(named).observe(document.documentElement, { childList: true, subtree: true });
})();
