// A form that is being filled in is kept on the server, so that nothing typed is lost.
"use strict";
(() => {
  const form = document.querySelector("form[data-draft]");
  const line = document.getElementById("draft");
  if (!form || !line) return;
  const address = "/v1/drafts/" + form.dataset.draft;
  const PAUSE = 800, AGAIN = 3000;
  let seen = Number(form.dataset.seen), timer = 0, isSaving = false, isDirty = false, isSent = false, isStopped = false;

  function fields() {
    const found = {};
    for (const [name, value] of new FormData(form)) (found[name] ??= []).push(value);
    return found;
  }
  function later(pause) {
    clearTimeout(timer);
    if (!isSent && !isStopped) timer = setTimeout(save, pause);
  }
  function ask(stored) {
    // Another page saved this form meanwhile: both are whole, and somebody says which one goes on.
    isStopped = true;
    const box = document.createElement("span");
    const choice = (words, act) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn";
      button.textContent = words;
      button.addEventListener("click", act);
      box.append(" ", button);
    };
    box.append("这份草稿在另一个页面改过。");
    choice("用这一页的", () => { seen = stored.seen; isStopped = false; save(); });
    choice("用那一页的", () => { isDirty = false; location.reload(); });
    line.replaceChildren(box);
  }
  async function save(keepalive = false) {
    if (isSaving || isSent || isStopped) return;
    isSaving = true;
    isDirty = false;
    const answer = await fetch(address, {
      method: "PUT", keepalive, headers: { "Content-Type": "application/json" }, body: JSON.stringify({ form: fields(), seen }),
    }).catch(() => null);
    isSaving = false;
    if (isSent) return;
    if (answer?.ok) {
      seen = (await answer.json()).seen;
      line.textContent = "草稿已存 " + new Date().toTimeString().slice(0, 5);
      if (isDirty) later(PAUSE);
    } else if (answer?.status === 409) {
      isDirty = true;
      ask((await answer.json()).stored);
    } else if (answer?.status === 401) {
      isDirty = true;
      line.textContent = "草稿还没有存：请重新登录。";
      window.tanfang.signInAgain(() => save());
    } else {
      isDirty = true;
      line.textContent = "没有连上服务器，草稿稍后再存；写的内容都在这一页上。";
      later(AGAIN);
    }
  }
  const typed = () => { isDirty = true; later(PAUSE); };
  form.addEventListener("input", typed);
  form.addEventListener("change", typed);
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    isSent = true;
    clearTimeout(timer);
  });
  addEventListener("pageshow", () => { isSent = false; });
  addEventListener("pagehide", () => { if (isDirty) save(true); });
})();
