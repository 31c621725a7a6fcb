
'use strict';
// A cursor over each picture: the time under the pointer, and the curves' values there, read back from their paths.
for (const chart of document.querySelectorAll('svg.chart')) {
  const box = chart.dataset;
  const left = Number(box.left), right = Number(box.right), from = Number(box.from), to = Number(box.to);
  const readout = chart.parentElement.querySelector('.readout');
  const cursor = chart.appendChild(document.createElementNS(chart.namespaceURI, 'path'));
  cursor.setAttribute('class', 'cursor');
  const curves = Array.from(chart.querySelectorAll('path[data-name]'), path => {
    const d = path.dataset;
    const low = Number(d.low), high = Number(d.high), bottom = Number(d.bottom), top = Number(d.top);
    const points = path.getAttribute('d').slice(1).split(/[ML]/).map(p => p.split(',').map(Number));
    return at => {
      const near = points.reduce((a, b) => Math.abs(a[0] - at) > Math.abs(b[0] - at) ? b : a);
      if (Math.abs(near[0] - at) > 6) return d.name + ': none';
      const share = (near[1] - bottom) / (top - bottom);
      const value = d.log === 'true' ? low * Math.pow(high / low, share) : low + share * (high - low);
      return d.name + ': ' + value.toFixed(1);
    };
  });
  const hide = () => { readout.style.display = 'none'; cursor.removeAttribute('d'); };
  chart.addEventListener('pointerleave', hide);
  chart.addEventListener('pointermove', event => {
    const area = chart.getBoundingClientRect();
    const scale = chart.viewBox.baseVal.width / area.width;
    const x = (event.clientX - area.left) * scale;
    if (left > x || x > right) { hide(); return; }
    const at = from + (x - left) / (right - left) * (to - from);
    cursor.setAttribute('d', 'M' + x + ',18L' + x + ',' + (Number(box.height) - 38));
    readout.textContent = [at.toFixed(1) + ' ms'].concat(curves.map(curve => curve(x))).join('\n');
    readout.style.display = 'block';
    const outer = chart.parentElement.getBoundingClientRect();
    const room = outer.width - readout.offsetWidth;
    readout.style.left = Math.max(0, Math.min(room, event.clientX - outer.left + 14)) + 'px';
    readout.style.top = event.clientY - outer.top + 14 + 'px';
  });
}
