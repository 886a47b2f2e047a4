// The texts of a page whose contrast to their ground is below 4.5 to 1 (WCAG 2.2, 1.4.3).
() => {
  const parts = (text) => { const found = text.match(/[\d.]+/g).map(Number); return found.length > 3 ? found : [...found, 1]; };
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, at) => sum + v * [0.2126, 0.7152, 0.0722][at], 0);
  const ground = (node) => {
    for (let at = node; at instanceof Element; at = at.parentElement) {
      if (at instanceof SVGElement && at !== node && at.ownerSVGElement) {
        const box = [...at.children].find((one) => one.matches("rect:not(.rest):not(.reach), circle:not(.holiday), .sign > path:first-child"));
        const fill = box && getComputedStyle(box).fill;
        if (fill && fill !== "none" && parts(fill)[3] === 1) return parts(fill);
      }
      const colour = parts(getComputedStyle(at).backgroundColor);
      if (colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const node of document.querySelectorAll("body *")) {
    const text = [...node.childNodes].filter((one) => one.nodeType === 3).map((one) => one.data.trim()).join("");
    if (!text || node.closest("script, style, noscript, title, option") || node.closest(":disabled") || !node.getClientRects().length) continue;
    const style = getComputedStyle(node);
    const [one, other] = [light(parts(node instanceof SVGElement ? style.fill : style.color)), light(ground(node))];
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (ratio < 4.5 && !node.closest(".outside")) poor.push([node.className.baseVal ?? node.className, text.slice(0, 20), ratio.toFixed(2)]);
  }
  return poor;
}
