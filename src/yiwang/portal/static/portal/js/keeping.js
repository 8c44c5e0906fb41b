/* Keeps a form while it is written: on the server after each field, in this window's storage while there is no line. */
(function () {
  "use strict";
  var AGAIN = 15000, PATIENCE = 10000, ECHO = 5000;

  function name() {
    return Array.from(window.crypto.getRandomValues(new Uint8Array(16)), function (one) { return (one + 256).toString(16).slice(1); }).join("");
  }

  function keep(form) {
    var line = form.querySelector("[data-kept]");
    var place = "kept:" + form.dataset.keeper + ":" + form.dataset.keep;
    var dirty = false, failed = false, stopped = false, sending = null, leaving = false, waiting = 0, forgetting = 0;
    // what this page is called where it is told from other windows, how often it has sent, and whose text it took over
    var own = name(), turn = 0, before = "";

    function known() { return form.elements.namedItem("kept").value; }
    function pairs() {
      return Array.from(new FormData(form).entries()).filter(function (one) {
        return typeof one[1] === "string" && one[0] !== "csrfmiddlewaretoken";
      });
    }
    function hold(saved) {
      try { sessionStorage.setItem(place, JSON.stringify({ known: known(), window: own, saved: saved === true, pairs: pairs() })); } catch (full) { /* the page still has it */ }
    }
    function held() {
      try { return JSON.parse(sessionStorage.getItem(place)); } catch (broken) { return null; }
    }
    function drop() {
      try { sessionStorage.removeItem(place); } catch (closed) { /* nothing was held */ }
    }
    function body() {
      var sent = new URLSearchParams(new FormData(form));
      turn += 1;
      sent.set("window", own);
      sent.set("turn", turn);
      sent.set("before", before);
      return sent;
    }
    function say(words) {
      var hidden = form.elements.namedItem("kept");
      line.replaceChildren(hidden, words);
    }

    function save() {
      window.clearTimeout(waiting);
      window.clearTimeout(forgetting);
      dirty = true;
      hold();
      if (stopped) return Promise.resolve();
      if (sending) return sending.then(save);
      dirty = false;
      var cut = new AbortController();
      var late = window.setTimeout(function () { cut.abort(); }, PATIENCE);
      sending = fetch(form.dataset.keep, { method: "POST", body: body(), redirect: "manual", signal: cut.signal })
        .then(function (answer) {
          if (!answer.ok && answer.status !== 409) throw new Error(String(answer.status));
          return answer.text().then(function (text) {
            line.innerHTML = text;
            failed = false;
            stopped = answer.status === 409;
            if (!answer.ok || dirty) return;
            // a page that is being fetched already may show what stood here before this saving
            hold(true);
            forgetting = window.setTimeout(drop, ECHO);
          });
        })
        .catch(function () {
          dirty = failed = true;
          hold();
          say(line.dataset.offline);
          waiting = window.setTimeout(save, AGAIN);
        })
        .finally(function () { window.clearTimeout(late); sending = null; });
      return sending;
    }

    function fill(found) {
      Array.from(form.elements).forEach(function (one) {
        if (!one.name || one.type === "hidden" || one.type === "submit") return;
        var values = found.filter(function (pair) { return pair[0] === one.name; }).map(function (pair) { return pair[1]; });
        if (one.type === "checkbox" || one.type === "radio") one.checked = values.indexOf(one.value) >= 0;
        else if (values.length) one.value = values[0];
      });
      save();
    }

    form.addEventListener("input", function () { dirty = true; });
    form.addEventListener("change", save);
    form.addEventListener("click", function (event) {
      var over = event.target.closest("[data-keep-over]");
      if (!over) return;
      form.elements.namedItem("kept").value = over.dataset.keepOver;
      stopped = false;
      save();
    });
    window.addEventListener("online", function () { if (failed) save(); });
    // the last field is kept before the form goes, so that nothing comes after it
    form.addEventListener("submit", function (event) {
      if (sending && !leaving) {
        var button = event.submitter;
        event.preventDefault();
        leaving = true;
        sending.finally(function () { form.requestSubmit(button); });
        return;
      }
      leaving = true;
      window.clearTimeout(waiting);
      if (stopped) drop();
    });
    window.addEventListener("beforeunload", function (event) {
      if (failed && !leaving) event.preventDefault();
    });
    // closed in the middle of a field, or while it is being saved: it is sent on the way out
    window.addEventListener("pagehide", function () {
      if (!(dirty || sending) || leaving || stopped || failed) return;
      hold();
      navigator.sendBeacon(form.dataset.keep, body());
    });
    window.addEventListener("pageshow", function () { leaving = false; });

    var found = held();
    if (!found) return;
    var mine = found.window && found.window === form.dataset.window;
    var there = found.saved && (!mine || Number(found.known) <= Number(known()));
    if (form.hasAttribute("data-answered") || there) drop();
    else if (mine || found.known === known()) {
      before = found.window || "";
      fill(found.pairs);
    }
    else {
      var take = document.createElement("button");
      take.type = "button";
      take.className = "button button-s";
      take.textContent = line.dataset.take;
      take.addEventListener("click", function () { fill(found.pairs); });
      var words = document.createElement("span");
      words.append(line.dataset.found + " ", take);
      say(words);
    }
  }

  document.addEventListener("DOMContentLoaded", function () { document.querySelectorAll("form[data-keep]").forEach(keep); });
})();
