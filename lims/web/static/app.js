/* Livelot, behaviour of every page: keys, theme, dialogs, focus after a swap, idle lock, connection.
   Plain script, no library; htmx is optional here. Every control works without this file, slower. */
(function () {
  "use strict";
  var doc = document, root = doc.documentElement, body = doc.body;
  function $(id) { return doc.getElementById(id); }
  function all(sel, from) { return Array.prototype.slice.call((from || doc).querySelectorAll(sel)); }
  function visible(el) { return el.getClientRects().length > 0; }
  function say(text) { var live = $("live"); if (live) live.textContent = text; }
  function token() {
    try { return JSON.parse(body.getAttribute("hx-headers"))["X-CSRFToken"]; } catch (e) { return ""; }
  }
  function remember(key, value) { try { localStorage.setItem(key, value); } catch (e) { /* private mode */ } }
  function recall(key) { try { return localStorage.getItem(key); } catch (e) { return null; } }

  /* theme: storage for this browser, cookie so that the server renders it without a flash */
  function setTheme(name) {
    root.setAttribute("data-theme", name);
    remember("theme", name);
    doc.cookie = "theme=" + name + ";path=/;max-age=31536000;samesite=lax";
    all("[data-theme-set]").forEach(function (b) {
      b.setAttribute("aria-pressed", String(b.getAttribute("data-theme-set") === name));
    });
  }
  function isDark() {
    var name = root.getAttribute("data-theme");
    return name === "dark" || (name === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  }
  var kept = recall("theme");
  if (/^(light|dark|auto)$/.test(kept || "") && kept !== root.getAttribute("data-theme")) setTheme(kept);

  /* dialogs: <dialog> traps focus and gives it back by itself */
  function open(id) {
    var d = $(id);
    if (d && d.showModal) { if (d.open) d.close(); d.showModal(); }
  }
  function prepare(from) {
    all("dialog[open][data-modal]", from).forEach(function (d) { d.removeAttribute("open"); d.showModal(); });
    var summary = (from.matches && from.matches(".errsum")) ? from : from.querySelector(".errsum");
    if (summary) {
      summary.focus();
      if (!/^Error: /.test(doc.title)) doc.title = "Error: " + doc.title;
    }
  }

  doc.addEventListener("click", function (e) {
    var at = e.target.closest ? e.target : e.target.parentElement, el;
    all("details.menu[open]").forEach(function (m) { if (!m.contains(at)) m.open = false; });
    if ((el = at.closest("[data-open]"))) { e.preventDefault(); open(el.getAttribute("data-open")); }
    else if ((el = at.closest("[data-close]"))) { e.preventDefault(); el.closest("dialog").close(); }
    else if ((el = at.closest("[data-theme-set]"))) setTheme(el.getAttribute("data-theme-set"));
    else if (at.closest("[data-theme-next]")) setTheme(isDark() ? "light" : "dark");
    else if ((el = at.closest("a[href='#q']"))) { e.preventDefault(); $("q").focus(); $("q").select(); }
    else if ((el = at.closest("[data-pick]"))) { e.preventDefault(); $(el.getAttribute("data-pick")).click(); }
    else if ((el = at.closest(".errsum a[href^='#']"))) {
      var field = $(el.getAttribute("href").slice(1));
      if (field) { e.preventDefault(); field.focus(); field.scrollIntoView({ block: "center" }); }
    }
    if (at.closest("[aria-disabled='true']")) e.preventDefault();
  });

  /* one press, one request: a second submit of the same form is dropped */
  doc.addEventListener("submit", function (e) {
    if (e.defaultPrevented || e.target.method === "dialog" || e.target.hasAttribute("data-unlock")) return;
    if (e.target.hasAttribute("data-sent")) e.preventDefault();
    else if (e.target.method === "post" && !e.target.hasAttribute("hx-post")) e.target.setAttribute("data-sent", "");
  });
  window.addEventListener("pageshow", function () {
    all("form[data-sent]").forEach(function (f) { f.removeAttribute("data-sent"); });
  });

  /* keyboard: single letters outside fields only, off when the person wants none (WCAG 2.1.4) */
  var pending = 0;
  function typing(el) { return el && (/^(INPUT|TEXTAREA|SELECT)$/.test(el.tagName) || el.isContentEditable); }
  function move(step) {
    var rows = all("[data-rows] > tr").filter(function (r) { return visible(r) && r.querySelector("a, button"); });
    if (!rows.length) return;
    var at = rows.findIndex(function (r) { return r.classList.contains("sel"); });
    var next = rows[Math.max(0, Math.min(rows.length - 1, at < 0 ? 0 : at + step))];
    rows.forEach(function (r) { r.classList.toggle("sel", r === next); });
    (next.querySelector("[data-row]") || next.querySelector("a, button")).focus();
    next.scrollIntoView({ block: "nearest" });
  }
  function press(key) {
    var el = all("[data-key]").filter(function (b) {
      return b.getAttribute("data-key") === key && visible(b) && !b.disabled && !b.closest("dialog");
    })[0];
    if (el) el.click();
    return !!el;
  }
  doc.addEventListener("keydown", function (e) {
    if (e.isComposing) return;
    if (e.key === "Escape") all("details.menu[open]").forEach(function (m) { m.open = false; m.firstElementChild.focus(); });
    if (doc.querySelector("dialog:modal")) return;
    if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) { if (press("Ctrl ↵")) e.preventDefault(); return; }
    if (e.ctrlKey || e.altKey || e.metaKey || typing(e.target) || body.getAttribute("data-keys") === "off") return;
    var key = e.key, go = pending && Date.now() - pending < 1500;
    pending = 0;
    if (go) {
      var link = all("[data-go]").filter(function (a) { return a.getAttribute("data-go") === key; })[0];
      if (link) { e.preventDefault(); link.click(); }
      return;
    }
    if (key === "g") pending = Date.now();
    else if (key === "/" && $("q")) { e.preventDefault(); $("q").focus(); $("q").select(); }
    else if (key === "?" && $("keys")) { e.preventDefault(); open("keys"); }
    else if (key === "j" || key === "k") { e.preventDefault(); move(key === "j" ? 1 : -1); }
    else if (key.length === 1 && press(key)) e.preventDefault();
  });

  /* files: a drop zone hands the file to its input */
  ["dragover", "dragleave", "drop"].forEach(function (name) {
    doc.addEventListener(name, function (e) {
      var zone = e.target.closest && e.target.closest(".drop");
      if (!zone) return;
      e.preventDefault();
      zone.classList.toggle("over", name === "dragover");
      var input = zone.querySelector("input[type=file]");
      if (name === "drop" && input && e.dataTransfer.files.length) {
        input.files = e.dataTransfer.files;
        input.dispatchEvent(new Event("change", { bubbles: true }));
      }
    });
  });
  doc.addEventListener("change", function (e) {
    var zone = e.target.type === "file" && e.target.closest(".drop"), name = zone && zone.querySelector("[data-name]");
    if (name && e.target.files.length) {
      name.textContent = Array.prototype.map.call(e.target.files, function (f) { return f.name; }).join(", ");
    }
  });

  /* connection */
  function offline(is) { var b = $("offline"); if (b) b.hidden = !is; }
  window.addEventListener("offline", function () { offline(true); });
  window.addEventListener("online", function () { offline(false); });
  offline(navigator.onLine === false);

  /* htmx: a refusal without a place of its own is shown in #flash; 422 and 409 swap where the page says */
  function flash(html, text) {
    var box = $("flash");
    if (!box) return;
    if (html) { box.innerHTML = html; return; }
    box.textContent = "";
    var ban = doc.createElement("div");
    ban.className = "ban fail"; ban.setAttribute("role", "alert"); ban.textContent = text;
    box.appendChild(ban);
  }
  doc.addEventListener("htmx:beforeSwap", function (e) {
    var status = e.detail.xhr.status;
    if (status < 400 || status === 409 || status === 422) return;
    e.detail.shouldSwap = false;
    if (status === 423) { lock(false); return; }
    var html = e.detail.xhr.responseText || "";
    if (html && !/<html|<!doctype/i.test(html) && /^\s*</.test(html)) flash(html, "");
    else flash("", "The server answered " + status + ". Nothing was changed; what you typed is still here.");
  });
  doc.addEventListener("htmx:afterSettle", function (e) { prepare(e.detail.elt || e.target); });
  doc.addEventListener("htmx:sendError", function () { offline(true); });
  doc.addEventListener("htmx:afterOnLoad", function () { offline(false); });

  /* idle lock: covers the page and keeps it, with every draft in it; all tabs share one clock */
  var after = Number(body.getAttribute("data-lock-after")) * 1000, last = Date.now(), locked = false;
  function lock(tell) {
    var d = $("lock");
    if (!d || locked) return;
    locked = true;
    root.classList.add("locked");
    d.showModal();
    if (tell) fetch(body.getAttribute("data-lock-url"), { method: "POST", headers: { "X-CSRFToken": token() } }).catch(function () { offline(true); });
  }
  function unlock(answer) {
    var fresh = answer.headers.get("X-CSRFToken");
    if (fresh) {
      body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": fresh }));
      all("input[name=csrf_token]").forEach(function (i) { i.value = fresh; });
    }
    locked = false;
    active();
    root.classList.remove("locked");
    $("lock").close();
    doc.dispatchEvent(new CustomEvent("livelot:unlocked"));
    say("Unlocked");
  }
  function active() { last = Date.now(); if (!locked) remember("active", String(last)); }
  function left() { return after - (Date.now() - Math.max(last, Number(recall("active")) || 0)); }
  if (after > 0 && $("lock")) {
    ["pointerdown", "keydown", "wheel", "touchstart"].forEach(function (name) {
      doc.addEventListener(name, function () { if (Date.now() - last > 1000) active(); }, { passive: true });
    });
    active();
    setInterval(function () {
      if (left() <= 0) lock(true);
      var place = $("locks-in");
      if (place) place.textContent = " · locks in " + Math.max(1, Math.ceil(left() / 60000)) + " min";
    }, Math.min(5000, Math.max(200, after / 4)));
    $("lock").addEventListener("cancel", function (e) { e.preventDefault(); });
    $("lock").addEventListener("close", function () { if (locked) $("lock").showModal(); });
    $("lock").querySelector("form").addEventListener("submit", function (e) {
      e.preventDefault();
      var form = e.target, note = $("lock-e"), pw = $("lock-pw");
      fetch(form.action, { method: "POST", body: new FormData(form), headers: { "X-CSRFToken": token() } }).then(function (r) {
        pw.value = "";
        if (r.ok && !r.redirected) { note.hidden = true; unlock(r); return null; }
        return r.text().then(function (text) {
          note.textContent = text.length && text.length < 200 && !/</.test(text) ? text : "The password is not right.";
          note.hidden = false; pw.focus();
        });
      }).catch(function () { note.textContent = "No connection. Try again."; note.hidden = false; });
    });
  }

  prepare(doc);
})();
