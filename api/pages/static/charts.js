// Charts, drawn from the tables that stand beneath them: what is drawn can always be read, and every figure is a link.
"use strict";
(() => {
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const rem = () => parseFloat(getComputedStyle(document.documentElement).fontSize);

  function read(table) {
    const heads = [...table.tHead.rows[0].cells].map((cell) => cell.textContent.trim());
    const rows = [...table.tBodies[0].rows].map((row) => [...row.cells]);
    const number = (cell) => parseFloat(cell.textContent.replace(/[^\d.-]/g, ""));
    return {
      names: rows.map((cells) => cells[0].textContent.trim()),
      series: heads.slice(1).map((name, index) => ({
        name,
        data: rows.map((cells) => ({ value: number(cells[index + 1]), link: cells[index + 1].querySelector("a")?.href })),
      })),
    };
  }

  function options(figure, found) {
    const size = rem() * 0.833;
    const isNarrow = figure.clientWidth < 24 * rem();
    const text = { fontSize: size, color: css("--ink"), fontFamily: getComputedStyle(document.body).fontFamily };
    const stripes = { symbol: "rect", color: "rgba(255,255,255,.35)", dashArrayX: [1, 0], dashArrayY: [2, 4], rotation: -0.8 };
    return {
      animation: false,
      textStyle: text,
      color: [css("--edge"), css("--accent"), css("--soon-edge"), css("--late")],
      grid: { left: size, right: size * 1.5, top: size * 3.2, bottom: size * 0.5, containLabel: true },
      legend: { top: size * 0.5, left: size, itemGap: size, textStyle: text },
      // As HTML a tooltip would need inline styles.
      tooltip: { trigger: "axis", renderMode: "richText", confine: true, textStyle: text, axisPointer: { type: "line" } },
      xAxis: { type: "category", data: found.names, axisLabel: { ...text, interval: 0, rotate: isNarrow ? 40 : 0, hideOverlap: true } },
      yAxis: { type: "value", axisLabel: text, splitNumber: 4 },
      series: found.series.map((one, index) => ({
        ...one,
        type: figure.dataset.chart,
        // Told apart without colour, too.
        lineStyle: { width: 2.5, type: index % 2 ? "solid" : "dashed" },
        symbol: index % 2 ? "circle" : "rect",
        symbolSize: size * 0.6,
        itemStyle: { decal: index % 2 ? undefined : stripes },
        barMaxWidth: size * 2.2,
        cursor: "pointer",
      })),
    };
  }

  for (const figure of document.querySelectorAll("figure[data-chart]")) {
    const table = figure.querySelector("table");
    if (!table || !window.echarts) continue;
    const drawn = document.createElement("div");
    drawn.className = "drawn";
    drawn.setAttribute("role", "img");
    drawn.setAttribute("aria-label", `${figure.dataset.title}，数字见下面的表`);
    figure.prepend(drawn);
    const details = figure.querySelector("details");
    details.open = false;
    const chart = echarts.init(drawn, null, { renderer: "canvas" });
    const draw = () => chart.setOption(options(figure, read(table)), true);
    draw();
    chart.on("click", ({ data }) => data.link && location.assign(data.link));
    addEventListener("resize", () => { chart.resize(); draw(); });
    details.addEventListener("toggle", () => chart.resize());
  }
})();
