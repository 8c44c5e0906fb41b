/* Draws each chart from the table behind it, then folds the table; without this script the table stands open. */
(function () {
  "use strict";
  var drawn = [];

  function token(name) { return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim(); }

  function read(figure) {
    var table = figure.querySelector("table");
    var heads = Array.prototype.map.call(table.tHead.rows[0].cells, function (cell) { return cell.textContent.trim(); });
    var rows = Array.prototype.map.call(table.tBodies[0].rows, function (row) {
      return {
        label: row.cells[0].textContent.trim(),
        values: Array.prototype.map.call(row.querySelectorAll("td"), function (cell) {
          return cell.dataset.value === undefined ? null : Number(cell.dataset.value);
        })
      };
    });
    return { names: heads.slice(1), rows: rows };
  }

  function axisText() { return { color: token("ink-500"), fontSize: 12 }; }
  function short(value) { return value.toLocaleString("en"); }

  function lines(data, narrow) {
    // one line is named by the card that it stands in
    var named = data.names.length > 1;
    var dashes = ["solid", "dashed", "solid", "dotted", "dashed", "solid"];
    return {
      animation: false,
      grid: { left: 4, right: !named ? 16 : narrow ? 44 : 64, top: 16, bottom: 4, containLabel: true },
      xAxis: {
        type: "category", boundaryGap: data.rows.length === 1, data: data.rows.map(function (row) { return row.label.length > 5 ? row.label.slice(5) : row.label; }),
        axisLine: { lineStyle: { color: token("line-300") } }, axisTick: { show: false }, axisLabel: axisText()
      },
      yAxis: {
        type: "value", min: 0, minInterval: 1, splitNumber: 4,
        splitLine: { lineStyle: { color: token("line-100") } }, axisLabel: Object.assign({ formatter: short }, axisText())
      },
      series: data.names.slice(0, 6).map(function (name, at) {
        var color = token("chart-" + (at + 1));
        return {
          name: name, type: "line", silent: true, showSymbol: data.rows.length === 1, connectNulls: false,
          data: data.rows.map(function (row) { return row.values[at]; }),
          lineStyle: { color: color, width: at === 0 ? 2 : 1.5, type: dashes[at] }, itemStyle: { color: color },
          endLabel: { show: named, formatter: name, color: color, fontSize: 12, distance: 6 },
          labelLayout: { moveOverlap: "shiftY" }
        };
      })
    };
  }

  function bars(data, narrow) {
    var rows = data.rows.slice().reverse();
    return {
      animation: false,
      grid: { left: 4, right: 72, top: 4, bottom: 4, containLabel: true },
      xAxis: { type: "value", min: 0, show: false },
      yAxis: {
        type: "category", data: rows.map(function (row) { return row.label; }), axisLine: { show: false }, axisTick: { show: false },
        axisLabel: { color: token("ink-900"), fontSize: 13, width: narrow ? 112 : 200, overflow: "truncate" }
      },
      series: [{
        type: "bar", silent: true, barMaxWidth: 14, itemStyle: { color: token("chart-1"), borderRadius: 2 },
        data: rows.map(function (row) { return row.values[0]; }),
        label: { show: true, position: "right", formatter: function (one) { return short(one.value); }, color: token("ink-700"), fontSize: 12 }
      }]
    };
  }

  function draw(figure) {
    var place = figure.querySelector(".chart-drawing");
    var data = read(figure);
    if (!data.rows.length || !window.echarts) return;
    var narrow = window.innerWidth < 600;
    place.hidden = false;
    place.dataset.rows = String(Math.min(data.rows.length, 10));
    var chart = window.echarts.getInstanceByDom(place) || window.echarts.init(place, null, { renderer: "canvas" });
    var option = figure.dataset.chart === "bar" ? bars(data, narrow) : lines(data, narrow);
    option.textStyle = { fontFamily: getComputedStyle(document.body).fontFamily };
    chart.setOption(option);
    chart.resize();
    if (!figure.dataset.drawn) figure.querySelector("details").removeAttribute("open");
    figure.dataset.drawn = "yes";
    if (drawn.indexOf(figure) < 0) drawn.push(figure);
  }

  function all(root) { root.querySelectorAll("figure[data-chart]").forEach(draw); }
  document.addEventListener("DOMContentLoaded", function () { all(document); });
  document.addEventListener("htmx:afterSwap", function (event) { all(event.target); });
  var waiting = 0;
  function again() {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(function () { drawn = drawn.filter(function (one) { return one.isConnected; }); drawn.forEach(draw); }, 120);
  }
  window.addEventListener("resize", again);
  // a canvas does not follow when the page's own letters arrive
  document.fonts.addEventListener("loadingdone", again);
})();
