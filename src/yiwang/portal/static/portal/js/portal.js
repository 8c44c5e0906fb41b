/* Small comforts; every page works without them. */
(function () {
  "use strict";

  // "/" goes to the page's search
  document.addEventListener("keydown", function (event) {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    var box = document.querySelector("main [data-slash]") || document.querySelector("[data-slash]");
    if (box) { event.preventDefault(); box.focus(); box.select(); }
  });

  // Ctrl+Enter sends the form it is pressed in
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    var form = event.target.closest("form[data-ctrl-enter]");
    if (form) { event.preventDefault(); form.requestSubmit(); }
  });

  // a select of a filter line submits its form
  document.addEventListener("change", function (event) {
    var box = event.target;
    if (box.matches("select[data-submit]")) box.form.requestSubmit();
    if (box.matches("[data-check-all]")) {
      document.querySelectorAll('input[type="checkbox"][name="' + box.dataset.checkAll + '"]:not(:disabled)').forEach(function (one) {
        if (one.closest("tr") && one.closest("tr").hidden) return;
        one.checked = box.checked;
      });
    }
    if (box.matches('input[type="checkbox"]')) count(box.name);
    if (box.matches("[data-check-all]")) count(box.dataset.checkAll);
  });

  function count(name) {
    if (!name) return;
    var all = document.querySelectorAll('input[type="checkbox"][name="' + name + '"]');
    var ticked = Array.prototype.filter.call(all, function (one) { return one.checked; }).length;
    document.querySelectorAll('[data-count-of="' + name + '"]').forEach(function (place) { place.textContent = String(ticked); });
    document.querySelectorAll('[data-check-all="' + name + '"]').forEach(function (box) {
      box.checked = ticked > 0 && ticked === all.length;
      box.indeterminate = ticked > 0 && ticked < all.length;
    });
  }

  // a kept text goes into the box it is for
  document.addEventListener("change", function (event) {
    var list = event.target;
    if (!list.matches("[data-fills]")) return;
    var chosen = list.options[list.selectedIndex];
    if (!chosen.dataset.text) return;
    document.getElementById(list.dataset.fills).value = chosen.dataset.text;
    if (list.dataset.fillsToo && chosen.dataset.too) document.getElementById(list.dataset.fillsToo).value = chosen.dataset.too;
  });

  // narrow the rows of a table while typing
  document.addEventListener("input", function (event) {
    var box = event.target;
    if (!box.matches("[data-narrow]")) return;
    var wanted = box.value.trim().toLowerCase();
    document.querySelectorAll("#" + box.dataset.narrow + " tbody tr").forEach(function (row) {
      row.hidden = wanted !== "" && row.textContent.toLowerCase().indexOf(wanted) < 0;
    });
  });

  document.addEventListener("click", function (event) {
    var copy = event.target.closest("[data-copy]");
    if (copy) {
      var source = document.getElementById(copy.dataset.copy);
      navigator.clipboard.writeText(source ? source.dataset.text || source.textContent : copy.dataset.text).then(function () {
        var words = copy.querySelector("[data-copied]");
        if (!words) return;
        var before = words.textContent;
        words.textContent = words.dataset.copied;
        window.setTimeout(function () { words.textContent = before; }, 1600);
      });
    }
    // a link to a dangerous page opens its dialog instead, where the page has one
    var opener = event.target.closest("[data-dialog]");
    if (opener) {
      var dialog = document.getElementById(opener.dataset.dialog);
      if (dialog && dialog.showModal) { event.preventDefault(); dialog.showModal(); }
    }
    if (event.target.closest("[data-close]")) {
      var open = event.target.closest("dialog");
      if (open) { event.preventDefault(); open.close(); }
    }
    // tabs over panels that are already in the page
    var tab = event.target.closest("[data-panel]");
    if (tab) show(tab);
    // a menu closes when something else is clicked
    document.querySelectorAll("details.menu[open]").forEach(function (menu) {
      if (!menu.contains(event.target)) menu.removeAttribute("open");
    });
  });
  // … and when the keyboard walks out of it
  document.addEventListener("focusin", function (event) {
    document.querySelectorAll("details.menu[open]").forEach(function (menu) {
      if (!menu.contains(event.target)) menu.removeAttribute("open");
    });
  });
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape") document.querySelectorAll("details.menu[open]").forEach(function (menu) { menu.removeAttribute("open"); menu.querySelector("summary").focus(); });
    var tab = event.target.closest && event.target.closest('[role="tab"]');
    if (tab && (event.key === "ArrowRight" || event.key === "ArrowLeft")) {
      var all = Array.prototype.slice.call(tab.parentElement.querySelectorAll('[role="tab"]'));
      var next = all[(all.indexOf(tab) + (event.key === "ArrowRight" ? 1 : all.length - 1)) % all.length];
      next.focus(); show(next);
    }
  });

  function show(tab) {
    tab.parentElement.querySelectorAll("[data-panel]").forEach(function (one) {
      var mine = one === tab;
      one.setAttribute("aria-selected", String(mine));
      one.tabIndex = mine ? 0 : -1;
      document.getElementById(one.dataset.panel).hidden = !mine;
    });
    var copy = tab.closest(".code-tabs") && tab.closest(".code-tabs").querySelector("[data-copy]");
    if (copy) copy.dataset.copy = tab.dataset.panel;
  }

  // what is folded on a narrow window opens on a wide one, until the person has chosen
  function fold(box) {
    var wide = window.matchMedia("(min-width: " + box.dataset.foldUnder + "px)");
    var chosen = false;
    function fit() { if (!chosen) box.open = wide.matches; }
    box.querySelector("summary").addEventListener("click", function () { chosen = true; });
    wide.addEventListener("change", fit);
    fit();
  }

  // rows that do not fit beside each other become label and value; on a phone all do
  function fit(box) {
    box.classList.remove("stacked");
    box.classList.toggle("stacked", window.innerWidth < 600 || box.scrollWidth > box.clientWidth);
  }
  var widths = new WeakMap();
  var fitting = new ResizeObserver(function (entries) {
    entries.forEach(function (entry) {
      if (widths.get(entry.target) === entry.contentRect.width) return; // only its height changed
      widths.set(entry.target, entry.contentRect.width);
      fit(entry.target);
    });
  });
  function boxes(root) {
    return Array.prototype.filter.call(root.querySelectorAll(".table-scroll"), function (box) { return box.querySelector(".table-rows"); });
  }
  document.fonts.addEventListener("loadingdone", function () { boxes(document).forEach(fit); });

  function ready(root) {
    boxes(root).forEach(function (box) { fit(box); fitting.observe(box); });
    root.querySelectorAll(".script-only[hidden]").forEach(function (one) { one.hidden = false; });
    root.querySelectorAll("[role=tablist]").forEach(function (list) {
      var first = list.querySelector('[aria-selected="true"]') || list.querySelector("[data-panel]");
      if (first) show(first);
    });
    root.querySelectorAll("[data-count-of]").forEach(function (place) { count(place.dataset.countOf); });
    root.querySelectorAll("details[data-fold-under]").forEach(fold);
    var summary = root.querySelector("#errors");
    if (summary) summary.focus();
  }
  document.addEventListener("DOMContentLoaded", function () { ready(document); });
  document.addEventListener("htmx:afterSwap", function (event) { ready(event.target); });
})();
