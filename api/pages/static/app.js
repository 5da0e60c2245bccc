// What a page does beyond its links and forms, which all work without this.
"use strict";
(() => {
  const $ = (selector, inside = document) => inside.querySelector(selector);
  const status = () => $("#status");

  // What was done is read out, also when it stood there before anybody listened.
  function say(words, isBad = false) {
    const line = document.createElement("div");
    line.textContent = words;
    line.className = isBad ? "said bad" : "said";
    status().replaceChildren(line);
  }
  const readOut = () => setTimeout(() => {
    for (const line of status().children) line.replaceWith(line.cloneNode(true));
  }, 150);

  // Text size: at once, and nothing that is being typed is lost.
  document.addEventListener("submit", (event) => {
    const form = event.target.closest(".sizes");
    if (!form || !event.submitter) return;
    event.preventDefault();
    document.documentElement.className = event.submitter.value;
    for (const button of form.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button === event.submitter));
    }
    const body = new URLSearchParams({ size: event.submitter.value, next: "/login" });
    fetch(form.action, { method: "POST", body, keepalive: true, redirect: "manual" });
    dispatchEvent(new Event("resize"));
  });

  // A second tap on a form that is on its way sends nothing.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.dataset.sent) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    form.dataset.sent = "1";
    event.submitter?.setAttribute("aria-disabled", "true");
  });
  const resend = (form) => {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("[aria-disabled]")) button.removeAttribute("aria-disabled");
  };
  addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(resend));

  // The session is over: the password is asked on the page itself, and then what was to be done is done.
  let waiting = null;
  function signInAgain(goOn) {
    if (waiting) return void waiting.push(goOn);
    const template = $("#again");
    if (!template) return location.reload();
    waiting = [goOn];
    const form = template.content.cloneNode(true).firstElementChild;
    const wrong = $(".wrong", form);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      event.stopPropagation();
      const said = { username: form.elements.username.value, password: form.elements.password.value };
      const headers = { "Content-Type": "application/json" };
      const answer = await fetch("/v1/session", { method: "POST", headers, body: JSON.stringify(said) }).catch(() => null);
      if (!answer?.ok) {
        wrong.textContent = answer ? (await answer.json()).detail : "没有连上服务器，请再试。";
        wrong.hidden = false;
        form.elements.password.focus();
        return;
      }
      const { user } = await answer.json();
      // What somebody else began on this page is not for whoever signed in now.
      if (user.user_id !== document.body.dataset.user || user.password_to_choose) return location.assign("/");
      const actions = waiting;
      waiting = null;
      form.remove();
      say("已重新登录。");
      actions.forEach((action) => action());
    });
    status().after(form);
    form.scrollIntoView({ block: "nearest" });
    form.elements.password.focus();
  }
  window.tanfang = { say, signInAgain };

  // htmx: answers that replace a part of the page.
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const { status: code } = detail.xhr;
    if (code === 401) {
      const { elt, triggeringEvent: event } = detail.requestConfig;
      detail.shouldSwap = false;
      detail.isError = false;
      signInAgain(() => (event?.type === "submit" ? elt.requestSubmit(event.submitter) : htmx.trigger(elt, event?.type)));
    } else if (code === 409 || code === 422) {
      // A form that comes back takes the place of the whole page, wherever it was sent from.
      detail.shouldSwap = true;
      detail.isError = false;
      detail.target = $("#main");
      detail.selectOverride = "#main";
      detail.swapOverride = "outerHTML";
    }
  });
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    const form = detail.elt.closest("form");
    if (form) resend(form);
    if (detail.failed && detail.xhr.status !== 401) {
      const words = detail.xhr.status === 0 ? "没有连上服务器，刚才的操作没有完成，请再试。" : "刚才的操作没有完成，请再试。";
      const plain = detail.xhr.getResponseHeader("content-type")?.startsWith("text/plain");
      say(plain ? detail.xhr.responseText : words, true);
    }
  });
  // The changed part is where reading goes on, unless somebody is typing somewhere else meanwhile.
  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    const part = detail.target?.id ? document.getElementById(detail.target.id) : detail.target;
    const active = document.activeElement;
    if (!part || part.dataset.quiet !== undefined || (active && active !== document.body && !part.contains(active))) return;
    const first = $("[autofocus]", part) || part;
    if (!first.hasAttribute("tabindex") && first === part) first.tabIndex = -1;
    first.focus({ preventScroll: first === part });
  });

  // A password can be looked at while it is typed; small keyboards make mistakes.
  for (const field of document.querySelectorAll("input[type=password]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "link peek";
    button.textContent = "显示密码";
    button.addEventListener("click", () => {
      const isShown = field.type === "password";
      field.type = isShown ? "text" : "password";
      button.textContent = isShown ? "隐藏密码" : "显示密码";
    });
    field.after(button);
  }

  // A table that is wider than the page can be moved with the keyboard.
  const widths = () => document.querySelectorAll(".sideways").forEach((box) => {
    box.toggleAttribute("tabindex", box.scrollWidth > box.clientWidth);
    if (box.hasAttribute("tabindex")) box.tabIndex = 0;
  });
  addEventListener("resize", widths);
  widths();

  // The menu of a telephone closes when it is left.
  document.addEventListener("click", (event) => {
    const more = $(".more[open]");
    if (more && !more.contains(event.target)) more.open = false;
  });
  document.addEventListener("keydown", (event) => {
    const more = $(".more[open]");
    if (more && event.key === "Escape") more.open = false;
  });
  if (status()?.childElementCount) readOut();
})();
