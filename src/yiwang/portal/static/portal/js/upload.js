/* Uploads by tus 1.0 in pieces of 4 MiB: what broke off goes on where the server says it stands. */
(function () {
  "use strict";
  var PIECE = 4 << 20, PATIENCE = 60000, LOOK = 2000;

  function wait(time) { return new Promise(function (go) { window.setTimeout(go, time); }); }

  function begin(form) {
    var input = form.querySelector("input[type=file]"), words = form.dataset;
    var token = form.elements.namedItem("csrfmiddlewaretoken").value;
    var line = form.querySelector("[data-upload-line]"), bar = line.querySelector("progress");
    var said = line.querySelector("output"), stop = form.querySelector("[data-upload-stop]");
    var sending = null, stopped = false;

    function key(file) { return ["tus", form.action, file.name, file.size, file.lastModified].join(":"); }
    function known(file) { try { return localStorage.getItem(key(file)); } catch (closed) { return null; } }
    function keep(file, place) {
      try { if (place) localStorage.setItem(key(file), place); else localStorage.removeItem(key(file)); } catch (closed) { /* it goes on in this window only */ }
    }
    function ask(method, place, headers, body) {
      sending = new AbortController();
      var late = window.setTimeout(function () { sending.abort(); }, PATIENCE * 2);
      headers = Object.assign({ "Tus-Resumable": "1.0.0", "X-CSRFToken": token }, headers);
      return fetch(place, { method: method, headers: headers, body: body, redirect: "manual", signal: sending.signal })
        .finally(function () { window.clearTimeout(late); });
    }
    function failed(answer) {
      return answer.json().catch(function () { return {}; }).then(function (told) {
        var error = new Error([told.detail, told.mend].filter(Boolean).join(" ") || words.failed);
        error.again = answer.status === 409 || answer.status === 423 || answer.status === 429 || answer.status === 460 || answer.status >= 500 && answer.status !== 507;
        error.gone = answer.status === 404 || answer.status === 410;
        throw error;
      });
    }
    function announce(file) {
      var told = new URLSearchParams({ name: file.name, length: file.size, media: "", mark: String(file.lastModified), csrfmiddlewaretoken: token });
      return ask("POST", form.dataset.announce, {}, told).then(function (answer) {
        if (answer.status !== 201) return failed(answer);
        keep(file, answer.headers.get("Location"));
        return answer.headers.get("Location");
      });
    }
    function standing(place) {
      return ask("HEAD", place, {}).then(function (answer) {
        if (answer.status !== 200) return failed(answer);
        return { offset: Number(answer.headers.get("Upload-Offset")), state: answer.headers.get("YW-File-State") };
      });
    }
    function checksum(data) {
      if (!window.crypto || !crypto.subtle) return Promise.resolve({});
      return crypto.subtle.digest("SHA-256", data).then(function (digest) {
        return { "Upload-Checksum": "sha256 " + btoa(String.fromCharCode.apply(null, new Uint8Array(digest))) };
      });
    }
    function show(file, offset, begun, first) {
      var share = file.size ? offset / file.size : 1, rate = (offset - first) / Math.max(1, Date.now() - begun);
      var left = rate > 0 ? Math.round((file.size - offset) / rate / 1000) : null;
      bar.value = share;
      said.textContent = Math.floor(share * 100) + " % · " + (offset / 1048576).toFixed(1) + " / " + (file.size / 1048576).toFixed(1) + " MB" +
        (left !== null && share < 1 ? " · " + words.left.replace("0", left) : "");
    }
    async function pieces(file, place, offset) {
      var begun = Date.now(), first = offset, tries = 0;
      show(file, offset, begun, first);
      while (offset < file.size && !stopped) {
        try {
          var data = await file.slice(offset, Math.min(file.size, offset + PIECE - offset % PIECE)).arrayBuffer();
          var headers = Object.assign({ "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(offset) }, await checksum(data));
          var answer = await ask("PATCH", place, headers, data);
          if (answer.status !== 204) await failed(answer);
          offset = Number(answer.headers.get("Upload-Offset"));
          tries = 0;
        } catch (problem) {
          if (stopped) return false;
          if (problem.again === false || tries > 20) throw problem;
          said.textContent = words.waiting;
          await wait(Math.min(30000, 500 * Math.pow(2, tries++)));
          try { offset = (await standing(place)).offset; } catch (still) { if (still.gone) throw still; }
          begun = Date.now(); first = offset;
        }
        show(file, offset, begun, first);
      }
      return !stopped;
    }
    async function upload(file) {
      var place = known(file), offset = 0;
      if (place) {
        try { offset = (await standing(place)).offset; } catch (problem) { if (!problem.gone) throw problem; place = null; keep(file, null); }
      }
      place = place || await announce(file);
      if (!await pieces(file, place, offset)) { said.textContent = words.paused; return; }
      keep(file, null);
      said.textContent = words.checking;
      var ends = Date.now() + 600000, state = "checking";
      while (state !== "ready" && state !== "refused" && Date.now() < ends) {
        await wait(LOOK / 4);
        state = (await standing(place)).state;
      }
      window.location.reload();
    }

    form.addEventListener("submit", function (event) {
      var file = input.files[0];
      if (!file) return;
      event.preventDefault();
      stopped = false;
      line.hidden = stop.hidden = false;
      line.classList.remove("field-error");
      form.querySelector("button[type=submit]").disabled = true;
      upload(file).catch(function (problem) {
        line.classList.add("field-error");
        said.textContent = problem.message || words.failed;
      }).finally(function () { stop.hidden = true; form.querySelector("button[type=submit]").disabled = false; });
    });
    stop.addEventListener("click", function () { stopped = true; if (sending) sending.abort(); });
    window.addEventListener("beforeunload", function (event) { if (!stop.hidden) event.preventDefault(); });
  }

  document.querySelectorAll("form[data-upload]").forEach(begin);
  if (document.querySelector("[data-checking]")) window.setTimeout(function () { window.location.reload(); }, LOOK * 2);
})();
