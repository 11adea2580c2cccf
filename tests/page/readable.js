// What somebody who does not see well, or at all, would stumble over on a page.
() => {
  const channel = (value) => {
    const part = value / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  };
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const numbers = (text) => text.match(/[\d.]+/g).map(Number);
  const ground = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = numbers(getComputedStyle(e).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour.slice(0, 3);
    }
    return [255, 255, 255];
  };
  const contrast = (e) => {
    const pair = [light(numbers(getComputedStyle(e).color)), light(ground(e))];
    return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
  };
  const hasText = (e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
  const all = (query) => [...document.querySelectorAll(query)];
  return {
    lang: document.documentElement.lang,
    levels: all("h1, h2, h3").map((h) => Number(h.tagName[1])),
    unnamed: all("input:not([type=hidden]), select").filter((i) => !i.labels.length).length,
    faint: all("header *, main *")
      .filter((e) => e.offsetParent && hasText(e) && contrast(e) < 4.5)
      .map((e) => e.outerHTML.slice(0, 120)),
  };
}
