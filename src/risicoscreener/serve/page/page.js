// The page works without this. With it, screening keeps the place on the page, and what was changed
// stands out.
"use strict";

const form = document.getElementById("case");

function mark(field) {
  const before = field.tagName === "SELECT"
    ? [...field.options].filter((one) => one.defaultSelected).map((one) => one.value)[0] ?? ""
    : field.defaultValue;
  field.classList.toggle("changed", field.value !== before);
}

async function screen(event) {
  event.preventDefault();
  const result = document.getElementById("result");
  result.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
    });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.getElementById("result");
    result.replaceChildren(...found.childNodes);
    const heading = document.getElementById("outcome");
    heading.focus();
    heading.scrollIntoView();
  } catch {
    form.removeEventListener("submit", screen);
    form.requestSubmit();
  } finally {
    result.removeAttribute("aria-busy");
  }
}

if (form) {
  form.addEventListener("change", (event) => mark(event.target));
  form.addEventListener("submit", screen);
}
