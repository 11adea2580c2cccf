/* Bars of the territories, the weakest first, in one or two columns. `draw` takes the territories to
   show, the position of an indicator (null: mean over the targets) and a width in pixels; it
   returns the names that have no bar. */
function makeChart(node, tools) {
  'use strict';
  const { make, format, statuses } = tools;
  const [TARGET, FACT, PCT, STATUS] = [0, 1, 3, 6];
  const chart = echarts.init(node, null, { renderer: 'svg', width: 600, height: 300 });
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  const ROW = 19;  // pixels a bar

  function bars(found, index) {
    const items = found.map((t) => {
      const figure = index === null ? null : t.figures[index];
      const met = t.of !== null && t.met === t.of;
      const word = figure ? statuses[figure[STATUS]] : { mark: met ? '●' : '', tone: met ? 'good' : 'plain' };
      return { id: t.id, name: t.name, value: figure ? figure[PCT] : t.mean, word, figure, t };
    });
    return {
      shown: items.filter((i) => i.value !== null).sort((a, b) => a.value - b.value || a.id - b.id),
      rest: items.filter((i) => i.value === null),
    };
  }

  function tooltip(item) {
    const box = make('div');
    box.append(make('strong', item.name), make('br'));
    const { figure, t } = item;
    box.append(figure
      ? `факт ${format(figure[FACT])} из ${format(figure[TARGET])}, ${item.word.label}`
      : `выполнено целей ${t.met} из ${t.of}`);
    return box;
  }

  function oneGrid(items, position, columns, top, width) {
    const share = width / columns;
    const names = width < 500 ? 150 : 210;
    return {
      grid: { left: position * share + names, width: share - names - 52, top: 8, height: items.length * ROW },
      y: {
        type: 'category', inverse: true, gridIndex: position, data: items.map((i) => i.name),
        axisTick: { show: false }, axisLine: { show: false },
        axisLabel: { color: colour('--ink'), fontSize: 12, width: names - 24, overflow: 'truncate', interval: 0 },
      },
      x: {
        type: 'value', gridIndex: position, min: 0, max: top, axisLabel: { color: colour('--soft'), formatter: '{value} %' },
        interval: 50, splitLine: { lineStyle: { color: colour('--line') } },
      },
      series: {
        type: 'bar', xAxisIndex: position, yAxisIndex: position, barWidth: 12, clip: false,
        data: items.map((i) => ({ value: Math.min(i.value, top), item: i, itemStyle: { color: colour(`--${i.word.tone}-bar`) } })),
        label: {
          show: true, position: 'right', color: colour('--ink'), fontSize: 11,
          textBorderColor: '#fff', textBorderWidth: 3,
          formatter: ({ data: bar }) => `${bar.item.word.mark} ${format(bar.item.value, 1)}`.trim(),
        },
        markLine: {
          silent: true, symbol: 'none', z: 1, label: { show: false },
          lineStyle: { color: colour('--ink'), type: 'dashed', width: 1.2 }, data: [{ xAxis: 100 }],
        },
      },
    };
  }

  function draw(found, index, width) {
    const { shown, rest } = bars(found, index);
    const columns = width >= 860 && shown.length > 20 ? 2 : 1;
    const size = Math.ceil(shown.length / columns);
    const most = Math.max(100, ...shown.map((i) => i.value));
    const top = Math.min(150, Math.ceil((most + 12) / 50) * 50);
    const grids = Array.from({ length: columns }, (_, i) => oneGrid(shown.slice(i * size, (i + 1) * size), i, columns, top, width));
    const height = size * ROW + 44;
    chart.resize({ width, height });
    chart.setOption({
      animation: false, textStyle: { fontFamily: getComputedStyle(document.body).fontFamily }, aria: { enabled: false },
      tooltip: { trigger: 'item', formatter: ({ data: bar }) => tooltip(bar.item), appendTo: 'body' },
      grid: grids.map((g) => g.grid), xAxis: grids.map((g) => g.x), yAxis: grids.map((g) => g.y),
      series: grids.map((g) => g.series),
    }, true);
    chart.getZr().flush();
    node.querySelector('svg').setAttribute('viewBox', `0 0 ${width} ${height}`);  // lets the print style scale it
    return rest.map((item) => item.figure ? `${item.name} (${item.word.label})` : item.name);
  }

  chart.on('click', (event) => { location.hash = `t${event.data.item.id}`; });
  return { draw };
}
