/* Livelot, public check: the browser computes the SHA-256 of a PDF and asks for that number. The file stays here. */
(function () {
  "use strict";
  var zone = document.querySelector("[data-verify]");
  if (!zone) return;
  var input = zone.querySelector("input[type=file]"), answer = document.querySelector("[data-verify-answer]");

  function show(tone, title, text, digest) {
    answer.textContent = "";
    answer.className = "ban " + tone;
    var box = document.createElement("div"), head = document.createElement("b"), body = document.createElement("span");
    head.textContent = title + " ";
    body.textContent = text;
    box.appendChild(head); box.appendChild(body);
    if (digest) {
      var line = document.createElement("div"), code = document.createElement("span");
      line.className = "small soft"; line.textContent = "SHA-256 ";
      code.className = "mono wrap"; code.textContent = digest.replace(/(.{4})(?=.)/g, "$1 ");
      line.appendChild(code); box.appendChild(line);
    }
    answer.appendChild(box);
    answer.hidden = false;
  }
  function hex(buffer) {
    return Array.prototype.map.call(new Uint8Array(buffer), function (n) { return (n < 16 ? "0" : "") + n.toString(16); }).join("");
  }
  function ask(digest) {
    var expected = zone.getAttribute("data-expect");
    if (expected) {
      if (expected === digest) show("pass", "Same file.", "Your PDF is, byte for byte, the certificate shown above.", digest);
      else show("fail", "Not the same file.", "Your PDF differs from the certificate shown above.", digest);
      return null;
    }
    return fetch(zone.getAttribute("data-verify") + digest, { headers: { Accept: "application/json" } }).then(function (r) {
      if (!/json/.test(r.headers.get("Content-Type") || "")) { location.assign(zone.getAttribute("data-verify") + digest); return null; }
      return r.json().then(function (found) { show(found.tone || "", found.title || "", found.text || "", digest); });
    });
  }
  function check(file) {
    if (!window.crypto || !crypto.subtle) {
      show("warn", "Not possible here.", "This browser computes fingerprints on a secure address (https) only. Check by number and code instead.");
      return;
    }
    show("", "Reading", file.name + " …");
    file.arrayBuffer().then(function (bytes) { return crypto.subtle.digest("SHA-256", bytes); }).then(hex).then(ask)
      .catch(function () { show("warn", "No answer.", "The file could not be read or the connection failed. Nothing was sent but the fingerprint."); });
  }
  input.addEventListener("change", function () { if (input.files.length) check(input.files[0]); });
})();
