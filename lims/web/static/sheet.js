/* Livelot, the count sheet. Moves, codes, paste, saving cell by cell; no formula: the server computes the value.
   Enter next across then down, arrows move, T S L codes. A cell is saved as it is left, and so is every other
   control of a sheet that carries data-keep. What could not be sent stays in this browser and is sent when the
   connection or the session returns. */
(function () {
  "use strict";
  var doc = document, reasons = {}, waiting = null;
  var SAVED = "[data-sheet] input.cell, [data-sheet] [data-keep]";
  function $(id) { return doc.getElementById(id); }
  function list(nodes) { return Array.prototype.slice.call(nodes); }
  function sheet(cell) { return cell.closest("[data-sheet]"); }
  function cells(from) { return list(from.querySelectorAll("input.cell:not([readonly]):not([disabled])")); }
  function grid(cell) {
    return list(sheet(cell).querySelectorAll("tr")).map(cells).filter(function (row) { return row.length; });
  }
  function state(text, tone) {
    list(doc.querySelectorAll("[data-save-state]")).forEach(function (el) {
      el.textContent = text; el.className = "save-state small " + (tone || "soft");
    });
  }
  function clock() {
    var t = new Date();
    return [t.getHours(), t.getMinutes(), t.getSeconds()].map(function (n) { return (n < 10 ? "0" : "") + n; }).join(":");
  }

  /* what is not sent yet, per page */
  var shelf = "sheet:" + location.pathname;
  function unsent() { try { return JSON.parse(localStorage.getItem(shelf)) || {}; } catch (e) { return {}; } }
  function keep(name, entry) {
    var kept = unsent();
    if (entry) kept[name] = entry; else delete kept[name];
    try {
      if (Object.keys(kept).length) localStorage.setItem(shelf, JSON.stringify(kept)); else localStorage.removeItem(shelf);
    } catch (e) { /* storage refused: the value is still in the field */ }
  }

  function go(cell) { if (cell) { cell.focus(); if (cell.select) cell.select(); } }
  function open(el) { return el.getClientRects().length > 0 && !el.disabled && !el.readOnly; }
  function step(cell, by) {
    var line = cells(sheet(cell)), at = line.indexOf(cell), next = at < 0 ? null : line[at + by];
    if (!next && cell.form) {
      line = list(cell.form.querySelectorAll("input.cell, [data-keep]")).filter(open);
      next = line[line.indexOf(cell) + by];
    }
    go(next);
  }
  function climb(cell, by) {
    var rows = grid(cell), at = rows.findIndex(function (r) { return r.indexOf(cell) >= 0; }), next = rows[at + by];
    if (next) go(next[Math.min(rows[at].indexOf(cell), next.length - 1)]);
  }
  function look(cell) {
    if (!cell.hasAttribute("data-keep")) cell.classList.toggle("code", cell.value !== "" && !/^\d/.test(cell.value));
  }
  /* what the server sent, not what the browser put back after a reload */
  function served(el) {
    if (el.tagName !== "SELECT") return el.defaultValue;
    var kept = list(el.options).filter(function (o) { return o.defaultSelected; })[0];
    return kept ? kept.value : "";
  }

  function brief(text) { return !text ? "empty" : text.length > 60 ? text.slice(0, 60) + "…" : text; }
  /* a value that was recorded before changes only with a reason; the old one stays visible */
  function save(cell) {
    var value = cell.value.trim();
    look(cell);
    if (cell.hasAttribute("data-sending")) { if (value === cell.getAttribute("data-sending")) return; }
    else if (value === cell.getAttribute("data-saved") && !cell.classList.contains("bad")) return;
    if (cell.hasAttribute("data-recorded") && value !== cell.getAttribute("data-recorded") && !reasons[cell.name] && $("reason")) {
      waiting = cell;
      $("reason-was").textContent = brief(cell.getAttribute("data-recorded"));
      $("reason-now").textContent = brief(value);
      $("reason-text").value = "";
      if (!$("reason").open) $("reason").showModal();
      return;
    }
    send(cell);
  }
  function send(cell) {
    keep(cell.name, { value: cell.value, reason: reasons[cell.name] || "" });
    cell.setAttribute("data-sending", cell.value.trim());
    state("Saving…");
    if (window.htmx && cell.hasAttribute("hx-post")) window.htmx.trigger(cell, "livelot:save");
  }

  doc.addEventListener("change", function (e) { if (e.target.matches("[data-sheet] input.cell")) save(e.target); });
  doc.addEventListener("input", function (e) { if (e.target.matches("[data-sheet] input.cell")) look(e.target); });
  /* a list or a moment changes at each key: it is saved when it is left, like a cell */
  doc.addEventListener("focusout", function (e) { if (e.target.matches("[data-sheet] [data-keep]")) save(e.target); });
  doc.addEventListener("focusin", function (e) { if (e.target.matches("[data-sheet] input.cell")) e.target.select(); });

  doc.addEventListener("keydown", function (e) {
    var cell = e.target, table;
    if (!cell.matches || !cell.matches("[data-sheet] input.cell") || e.ctrlKey || e.altKey || e.metaKey || e.isComposing) return;
    table = sheet(cell);
    var code = e.key.length === 1 ? table.getAttribute("data-code-" + e.key.toLowerCase().replace(/[^a-z]/, "-")) : null;
    if (code && !cell.hasAttribute("data-plain")) { e.preventDefault(); cell.value = code; save(cell); if (!waiting) step(cell, 1); }
    else if (e.key === "Enter") { e.preventDefault(); save(cell); if (!waiting) step(cell, e.shiftKey ? -1 : 1); }
    else if (e.key === "ArrowDown") { e.preventDefault(); climb(cell, 1); }
    else if (e.key === "ArrowUp") { e.preventDefault(); climb(cell, -1); }
    else if (e.key === "ArrowLeft" && cell.selectionStart === 0) { e.preventDefault(); step(cell, -1); }
    else if (e.key === "ArrowRight" && cell.selectionEnd === cell.value.length) { e.preventDefault(); step(cell, 1); }
  });

  /* a scanner ends with Enter: go on, never submit */
  doc.addEventListener("keydown", function (e) {
    if (e.key !== "Enter" || e.ctrlKey || e.metaKey || e.isComposing || !e.target.matches("[data-sheet] [data-keep]") || e.target.tagName === "TEXTAREA") return;
    e.preventDefault();
    save(e.target);
    if (!waiting) step(e.target, e.shiftKey ? -1 : 1);
  });

  /* a block from a spreadsheet fills to the right and down, starting here */
  doc.addEventListener("paste", function (e) {
    if (!e.target.matches || !e.target.matches("[data-sheet] input.cell")) return;
    var rows = e.clipboardData.getData("text").replace(/\r/g, "").replace(/\n$/, "").split("\n").map(function (l) { return l.split("\t"); });
    if (rows.length === 1 && rows[0].length === 1) return;
    e.preventDefault();
    var lines = grid(e.target), top = lines.findIndex(function (r) { return r.indexOf(e.target) >= 0; }), left = lines[top].indexOf(e.target);
    rows.forEach(function (row, i) {
      row.forEach(function (value, j) {
        var cell = lines[top + i] && lines[top + i][left + j];
        if (cell && !cell.hasAttribute("data-recorded")) { cell.value = value.trim(); save(cell); }
      });
    });
  });

  /* the reason dialog */
  doc.addEventListener("submit", function (e) {
    if (e.target.id !== "reason-form") return;
    e.preventDefault();
    var text = $("reason-text").value.trim();
    if (!text || !waiting) { $("reason-text").focus(); return; }
    reasons[waiting.name] = text;
    var cell = waiting;
    waiting = null;
    $("reason").close();
    send(cell);
  });
  doc.addEventListener("close", function (e) {
    if (e.target.id !== "reason" || !waiting) return;
    waiting.value = waiting.getAttribute("data-recorded");
    look(waiting); waiting.focus();
    waiting = null;
  }, true);

  /* the request and its answer */
  doc.addEventListener("htmx:configRequest", function (e) {
    var name = e.detail.elt.name;
    if (!e.detail.elt.matches(SAVED)) return;
    e.detail.elt.setAttribute("data-sent", e.detail.elt.value.trim());
    if (reasons[name]) e.detail.parameters.reason = reasons[name];
  });
  doc.addEventListener("htmx:afterRequest", function (e) {
    var cell = e.detail.elt, code = e.detail.xhr ? e.detail.xhr.status : 0;
    if (!cell.matches || !cell.matches(SAVED)) return;
    var note = $(cell.id + "-msg"), bad = !!note && note.textContent.trim() !== "";
    cell.classList.toggle("bad", bad);
    if (cell.closest(".fld")) cell.closest(".fld").classList.toggle("err", bad);
    if (bad) cell.setAttribute("aria-invalid", "true"); else cell.removeAttribute("aria-invalid");
    var sent = cell.getAttribute("data-sent"); /* the person may have typed on meanwhile */
    if (cell.getAttribute("data-sending") === sent) cell.removeAttribute("data-sending");
    if (code >= 200 && code < 300) {
      cell.setAttribute("data-saved", sent);
      if (cell.hasAttribute("data-recorded")) cell.setAttribute("data-recorded", sent);
      delete reasons[cell.name];
      if (cell.value.trim() === sent) {
        keep(cell.name, null);
        if (stands(cell) !== null) { cell.value = stands(cell); look(cell); cell.setAttribute("data-saved", cell.value.trim()); }
      }
      record(cell);
      state("Saved " + clock(), "pass-t");
    } else if (code === 0 || code === 423 || code >= 500) state("Not saved, kept on this device", "fail-t");
    else {
      keep(cell.name, null);
      delete reasons[cell.name];
      record(cell);
      state(code === 409 ? "Not saved, someone else changed this sheet" : "Not saved, see the marked cell", "fail-t");
    }
  });

  /* the server says what stands in the record now: the next change of it asks for a reason */
  function stands(cell) {
    var told = $(cell.id + "-was");
    return told && told.hasAttribute("data-recorded") && cell.tagName !== "TEXTAREA" ? told.getAttribute("data-recorded") : null;
  }
  function record(cell) {
    var told = $(cell.id + "-was");
    if (told && told.hasAttribute("data-recorded")) cell.setAttribute("data-recorded", told.getAttribute("data-recorded"));
  }

  function resend() {
    var kept = unsent();
    Object.keys(kept).forEach(function (name) {
      var cell = list(doc.querySelectorAll(SAVED)).filter(function (el) { return el.name === name; })[0];
      if (!cell) return;
      cell.value = kept[name].value;
      if (kept[name].reason) reasons[name] = kept[name].reason;
      save(cell);
    });
  }
  window.addEventListener("online", resend);
  doc.addEventListener("livelot:unlocked", resend);
  window.addEventListener("load", function () {
    list(doc.querySelectorAll(SAVED)).forEach(function (cell) {
      cell.setAttribute("data-saved", served(cell).trim());
      look(cell);
    });
    if (Object.keys(unsent()).length) resend();
  });
})();
