/* Filters, sorting, tabs, chart and the card of a territory. Reads #page-data and the tables
   of the page itself; writes no HTML from text, so a hostile name stays text. */
(() => {
  'use strict';
  const $ = (id) => document.getElementById(id);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const data = JSON.parse($('page-data').textContent);
  const byId = new Map(data.territories.map((t) => [t.id, t]));
  const [TARGET, FACT, CONFIRMED, PCT, GAP, NEEDED, STATUS] = [0, 1, 2, 3, 4, 5, 6];
  const format = (value, places = 0) => value === null ? '–' : value.toLocaleString('ru-RU',
    { minimumFractionDigits: places, maximumFractionDigits: places });
  const pace = (value) => format(value, value !== null && value < 10 ? 2 : 1);
  const fill = (template, values) => template.replace(/\{(\w+)\}/g, (_, key) => values[key]);
  const make = (tag, text = '', className = '') => {
    const node = document.createElement(tag);
    node.textContent = text;
    if (className) node.className = className;
    return node;
  };
  document.documentElement.classList.add('js');

  /* ---- filters ---- */
  const field = { text: $('f-text'), kind: $('f-kind'), indicator: $('f-indicator'), status: $('f-status') };
  const chosen = () => field.indicator.value === '' ? null : Number(field.indicator.value);
  const fold = (text) => text.toLowerCase().replace(/ё/g, 'е');

  function matches(territory) {
    const status = field.status.value;
    const figures = chosen() === null ? territory.figures : [territory.figures[chosen()]];
    return fold(territory.name).includes(fold(field.text.value.trim()))
      && (!field.kind.value || territory.kind === field.kind.value)
      && (!status || figures.some((figure) => figure[STATUS] === status));
  }

  function hides(row, shown, filtered, marked) {
    const territory = Number(row.dataset.t);
    const away = byId.has(territory) ? !shown.has(territory) : filtered && row.dataset.t !== 'all';
    return away || (marked && !!row.closest('.panel') && !row.querySelector('.bad, .warn'));
  }

  function apply() {
    const found = data.territories.filter(matches);
    const shown = new Set(found.map((t) => t.id));
    const filtered = found.length < data.territories.length;
    const marked = $('f-marked').checked;
    fillSingle();
    all('tbody.rows > tr[data-t], .laggards li').forEach((row) => {
      row.hidden = hides(row, shown, filtered, marked);
    });
    const count = $('f-count');
    count.textContent = fill(count.dataset.text, { n: found.length, all: data.territories.length });
    const words = Object.values(field).filter((f) => f.value)
      .map((f) => f.selectedOptions ? f.selectedOptions[0].textContent : `«${f.value}»`);
    const note = $('print-filter');
    note.textContent = words.length ? note.dataset.text + words.join(', ') + '. ' + count.textContent : '';
    drawChart(found);
  }

  function statusCell(figure) {
    const word = data.statuses[figure[STATUS]];
    return make('td', `${word.mark} ${word.label}`, word.tone);
  }

  function figureCells(figure) {
    const cells = [TARGET, FACT, CONFIRMED].map((key) => make('td', format(figure[key]), 'n'));
    cells.push(make('td', format(figure[PCT], 1), 'n'), make('td', format(figure[GAP]), 'n'),
      make('td', pace(figure[NEEDED]), 'n'), statusCell(figure));
    cells.filter((cell) => cell.textContent === '–').forEach((cell) => cell.classList.add('none'));
    return cells;
  }

  function fillSingle() {
    const index = chosen();
    $('heat-box').hidden = index !== null;
    document.querySelector('.switch').hidden = index !== null;
    $('single-box').hidden = index === null;
    if (index === null) return;
    const table = $('single');
    const { name, due } = data.indicators[index];
    table.caption.textContent = fill(table.caption.dataset.text, { name, due });
    table.tBodies[0].replaceChildren(...data.territories.map((territory) => {
      const row = make('tr');
      row.dataset.t = territory.id;
      const head = make('th');
      head.scope = 'row';
      head.append(opener(territory.name));
      row.append(make('td', territory.id, 'n'), head, ...figureCells(territory.figures[index]));
      return row;
    }));
    const sorted = table.querySelector('th[aria-sort]');
    if (sorted) sortTable(sorted, sorted.getAttribute('aria-sort') === 'ascending');
  }

  /* ---- sorting: missing values always last ---- */
  function sortKey(cell, kind) {
    if (!cell || cell.classList.contains('none')) return null;
    const text = (cell.querySelector('b') || cell).textContent.trim();
    if (kind === 'n') {
      const found = text.replace(/[\s\u00a0]/g, '').replace('−', '-').replace(',', '.').match(/-?\d+(\.\d+)?/);
      return found ? Number(found[0]) : null;
    }
    return kind === 'd' ? text.replace(/^(\d\d)\.(\d\d)\.(\d{4})/, '$3$2$1') : text;
  }

  function compare(a, b, up) {
    if (a === null || b === null) return (a === null) - (b === null);
    const order = typeof a === 'number' ? a - b : a.localeCompare(b, 'ru');
    return up ? order : -order;
  }

  function sortTable(head, up) {
    const table = head.closest('table');
    all('th[aria-sort]', table).forEach((th) => th.removeAttribute('aria-sort'));
    head.setAttribute('aria-sort', up ? 'ascending' : 'descending');
    const body = table.querySelector('tbody.rows');
    const keyed = [...body.rows].map((row) => [sortKey(row.cells[head.dataset.i], head.dataset.k), row]);
    keyed.sort((a, b) => compare(a[0], b[0], up));
    body.append(...keyed.map((pair) => pair[1]));
  }

  const chart = makeChart($('chart'), { make, format, statuses: data.statuses });
  let drawn = [];
  function drawChart(found, width = $('chart').parentElement.clientWidth) {
    drawn = found;
    const rest = chart.draw(found, chosen(), width);
    const title = $('chart-title');
    title.textContent = chosen() === null ? title.dataset.all : fill(title.dataset.one, data.indicators[chosen()]);
    const note = $('chart-rest');
    note.textContent = rest.length ? fill(note.dataset.text, { names: rest.join(', ') }) : '';
  }

  /* ---- tabs ---- */
  const tabs = all('[role=tab]');
  function openTab(tab, focus) {
    tabs.forEach((other) => {
      const on = other === tab;
      other.setAttribute('aria-selected', on);
      other.tabIndex = on ? 0 : -1;
      $(other.getAttribute('aria-controls')).classList.toggle('open', on);
    });
    if (focus) tab.focus();
  }
  tabs.forEach((tab, position) => {
    tab.addEventListener('click', () => openTab(tab));
    tab.addEventListener('keydown', (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step) openTab(tabs[(position + step + tabs.length) % tabs.length], true);
    });
  });

  /* ---- card of a territory, at #t14 ---- */
  const card = $('card');
  const opener = (name) => {
    const button = make('button', name, 'who');
    button.type = 'button';
    return button;
  };

  function figuresTable(territory) {
    const table = make('table', '', 'grid');
    const head = $('single').tHead.cloneNode(true);
    all('th', head).forEach((th) => { th.removeAttribute('aria-sort'); th.textContent = th.textContent; });
    const body = make('tbody', '', 'rows');
    territory.figures.forEach((figure, i) => {
      const row = make('tr');
      const name = make('th', `${data.indicators[i].short}, срок ${data.indicators[i].due}`);
      name.scope = 'row';
      row.append(make('td', i + 1, 'n'), name, ...figureCells(figure));
      body.append(row);
    });
    head.rows[0].cells[1].textContent = $('card-body').dataset.figures;
    table.append(head, body);
    return table;
  }

  function sectionPart(panel, id) {
    const source = panel.querySelector('table');
    if (!source || panel.dataset.card === 'no') return [];
    const table = source.cloneNode(false);
    table.removeAttribute('id');
    const head = source.tHead.cloneNode(true);
    all('th', head).forEach((th) => { th.removeAttribute('aria-sort'); th.textContent = th.textContent; });
    const body = make('tbody', '', 'rows');
    body.append(...all(`tbody.rows > tr[data-t="${id}"]`, source).map((row) => row.cloneNode(true)));
    all('tr', body).forEach((row) => { row.hidden = false; });
    table.append(head, body);
    const scroll = make('div', '', 'scroll');
    scroll.append(body.rows.length ? table : make('p', $('card-body').dataset.empty, 'hint'));
    return [make('h3', panel.querySelector('h3').textContent), scroll];
  }

  function openCard() {
    const id = Number((location.hash.match(/^#t(\d+)$/) || [])[1]);
    const territory = byId.get(id);
    if (!territory) return card.open && card.close();
    $('card-kind').textContent = `№ ${territory.id} · ${territory.kindName}`;
    $('card-name').textContent = territory.name;
    $('card-line').textContent = territory.line;
    const figures = make('div', '', 'scroll');
    figures.append(figuresTable(territory));
    $('card-body').replaceChildren(make('h3', $('card-body').dataset.figures), figures,
      ...all('.panel').flatMap((panel) => sectionPart(panel, id)));
    if (!card.open) card.showModal();
    card.scrollTop = 0;
    return undefined;
  }

  all('thead span.sort').forEach((label) => {
    const button = make('button', label.textContent, 'sort');
    button.type = 'button';
    label.replaceWith(button);
  });
  all('#heat .rows th[scope=row], .laggards .who').forEach((node) => {
    node.replaceChildren(opener(node.textContent));
  });
  card.addEventListener('close', () => history.replaceState(null, '', location.pathname + location.search));
  card.addEventListener('click', (event) => { if (event.target === card) card.close(); });
  $('card-close').addEventListener('click', () => card.close());
  $('card-print').addEventListener('click', () => window.print());

  document.addEventListener('click', (event) => {
    const head = event.target.closest('button.sort')?.closest('th');
    if (head) sortTable(head, head.getAttribute('aria-sort') !== 'ascending');
    const row = event.target.closest('button.who')?.closest('[data-t]');
    if (row) location.hash = `t${row.dataset.t}`;
  });

  const brief = (on) => {
    $('heat').classList.toggle('brief', on);
    $('v-brief').setAttribute('aria-pressed', on);
    $('v-full').setAttribute('aria-pressed', !on);
  };
  $('v-brief').addEventListener('click', () => brief(true));
  $('v-full').addEventListener('click', () => brief(false));
  const filters = $('filters');
  filters.addEventListener('submit', (event) => event.preventDefault());
  filters.addEventListener('input', apply);
  filters.addEventListener('reset', () => setTimeout(apply));
  $('f-marked').addEventListener('change', apply);
  window.addEventListener('hashchange', openCard);
  window.addEventListener('resize', () => drawChart(drawn));
  window.addEventListener('beforeprint', () => drawChart(drawn, 1060));
  window.addEventListener('afterprint', () => drawChart(drawn));
  openTab(tabs[0]);
  apply();
  openCard();
})();
