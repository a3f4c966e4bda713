// The digit explorer: the network of lesson 04 computed here, and its class activation maps as you draw.
//
// One module, no dependencies. `forward` is the arithmetic, `mount` the page, and the default export lets a notebook show
// it as a widget. A picture is 28 x 28 numbers from 0 to 1 in 16 steps, so that an address can hold it without loss.

export const SIZE = 28; // pixels, height and width of a drawing
export const GRID = 14; // cells, height and width of a map
const CELLS = GRID * GRID;
export const CLASSES = 10;
const LEVELS = 15; // a pixel is n / LEVELS

// ---- the network: Conv 3 x 3, max pool, Conv 3 x 3, GAP, Dense; channels last

// From what the build wrote, {shapes, data}, to kernels and biases.
export function network({ shapes, data }) {
  const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
  const numbers = new Float32Array(bytes.buffer);
  let start = 0;
  const arrays = shapes.map((shape) => {
    const length = shape.reduce((a, b) => a * b, 1);
    start += length;
    return numbers.subarray(start - length, start);
  });
  const [kernel1, bias1, kernel2, bias2, w, b] = arrays;
  return { kernel1, bias1, kernel2, bias2, w, b };
}

// f_k(x, y), F_k = mean of f_k, S_c = sum_k w_k^c F_k + b_c, M_c(x, y) = sum_k w_k^c f_k(x, y), P = softmax(S).
export function forward(net, image) {
  const first = pool(convolve(image, SIZE, net.kernel1, net.bias1), SIZE, net.bias1.length);
  const f = convolve(first, GRID, net.kernel2, net.bias2);
  const K = net.bias2.length;
  const F = new Float64Array(K);
  const M = new Float64Array(CLASSES * CELLS);
  for (let cell = 0; cell < CELLS; cell++) {
    for (let k = 0; k < K; k++) {
      const value = f[cell * K + k];
      if (value === 0) continue;
      F[k] += value / CELLS;
      for (let c = 0; c < CLASSES; c++) M[c * CELLS + cell] += net.w[k * CLASSES + c] * value;
    }
  }
  const S = Float64Array.from(net.b);
  for (let k = 0; k < K; k++) for (let c = 0; c < CLASSES; c++) S[c] += net.w[k * CLASSES + c] * F[k];
  return { f, F, S, M, P: softmax(S) };
}

// |S_c - b_c - mean of M_c|, the largest of all classes: two orders of summation of the same products.
export function residual(net, { S, M }) {
  let largest = 0;
  for (let c = 0; c < CLASSES; c++) {
    const mean = M.subarray(c * CELLS, (c + 1) * CELLS).reduce((a, b) => a + b, 0) / CELLS;
    largest = Math.max(largest, Math.abs(S[c] - net.b[c] - mean));
  }
  return largest;
}

function convolve(input, size, kernel, bias) {
  const outputs = bias.length;
  const inputs = kernel.length / (9 * outputs);
  const result = new Float32Array(size * size * outputs);
  const sums = new Float64Array(outputs);
  for (let x = 0; x < size; x++) {
    for (let y = 0; y < size; y++) {
      sums.set(bias);
      for (let i = 0; i < 3; i++) {
        for (let j = 0; j < 3; j++) {
          const row = x + i - 1;
          const column = y + j - 1;
          if (row < 0 || column < 0 || row >= size || column >= size) continue;
          for (let c = 0; c < inputs; c++) {
            const value = input[(row * size + column) * inputs + c];
            if (value === 0) continue;
            const at = ((i * 3 + j) * inputs + c) * outputs;
            for (let k = 0; k < outputs; k++) sums[k] += value * kernel[at + k];
          }
        }
      }
      const at = (x * size + y) * outputs;
      for (let k = 0; k < outputs; k++) result[at + k] = Math.max(sums[k], 0); // ReLU
    }
  }
  return result;
}

function pool(input, size, channels) {
  const half = size / 2;
  const result = new Float32Array(half * half * channels);
  for (let x = 0; x < half; x++) {
    for (let y = 0; y < half; y++) {
      for (let c = 0; c < channels; c++) {
        let largest = -Infinity;
        for (let n = 0; n < 4; n++) {
          const at = ((2 * x + (n >> 1)) * size + 2 * y + (n & 1)) * channels + c;
          largest = Math.max(largest, input[at]);
        }
        result[(x * half + y) * channels + c] = largest;
      }
    }
  }
  return result;
}

function softmax(S) {
  const most = Math.max(...S);
  const e = S.map((value) => Math.exp(value - most));
  const sum = e.reduce((a, b) => a + b, 0);
  return e.map((value) => value / sum);
}

// The pixels that a cell of f sees, [top, left, bottom, right), cut off at the frame: 3 x 3 after pooling after 3 x 3.
export function receptiveField(x, y) {
  const from = (n) => Math.max(0, 2 * n - 3);
  const to = (n) => Math.min(SIZE, 2 * n + 5);
  return [from(x), from(y), to(x), to(y)];
}

// ---- drawing

// A round brush of 16 levels along a line, in pixels; what is darker already stays.
export function stroke(pixels, points, radius = 1.35) {
  for (let n = 0; n < Math.max(1, points.length - 1); n++) {
    const [x0, y0] = points[n];
    const [x1, y1] = points[Math.min(n + 1, points.length - 1)];
    for (let x = Math.max(0, Math.floor(Math.min(x0, x1) - 3)); x < Math.min(SIZE, Math.max(x0, x1) + 3); x++) {
      for (let y = Math.max(0, Math.floor(Math.min(y0, y1) - 3)); y < Math.min(SIZE, Math.max(y0, y1) + 3); y++) {
        const ink = Math.min(1, Math.max(0, radius + 0.5 - distance(x, y, x0, y0, x1, y1)));
        pixels[x * SIZE + y] = Math.max(pixels[x * SIZE + y], Math.round(ink * LEVELS));
      }
    }
  }
}

function distance(x, y, x0, y0, x1, y1) {
  const length = (x1 - x0) ** 2 + (y1 - y0) ** 2;
  const t = length ? Math.min(1, Math.max(0, ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length)) : 0;
  return Math.hypot(x - x0 - t * (x1 - x0), y - y0 - t * (y1 - y0));
}

function arc(x, y, height, width, from, to) {
  const points = [];
  for (let n = 0; n <= 24; n++) {
    const angle = ((from + ((to - from) * n) / 24) * Math.PI) / 180;
    points.push([x - height * Math.sin(angle), y + width * Math.cos(angle)]);
  }
  return points;
}

// Each a list of lines of points (row, column); a sticker is drawn pixel by pixel.
const SEVEN = [[[7, 8], [7, 19], [22, 12]]];
const FOUR = [[[6, 12], [15, 8], [15, 20]], [[6, 18], [22, 17]]];
const NINE = [arc(11, 14, 4.5, 4.5, 0, 360), [[11, 18.5], [22, 17]]];
export const PRESETS = [
  { id: "empty", lines: [] },
  { id: "nine", lines: NINE },
  { id: "open", lines: [arc(11, 14, 5, 4.5, 170, 370), [[7, 18.5], [22, 17.5]]] },
  { id: "one", lines: [[[6, 14], [22, 14]]] },
  { id: "seven", lines: SEVEN },
  { id: "barred", lines: [...SEVEN, [[14, 11], [14, 18]]] },
  { id: "shifted", lines: FOUR.map((line) => line.map(([x, y]) => [x + 4, y - 6])) },
  { id: "sticker", lines: FOUR, sticker: [2, 21] },
];

export function drawPreset({ lines, sticker }) {
  const pixels = new Uint8Array(SIZE * SIZE);
  for (const line of lines) stroke(pixels, line);
  if (sticker) {
    for (let i = 0; i < 4; i++) {
      for (let j = 0; j < 4; j++) {
        if ((i + j) % 2) pixels[(sticker[0] + i) * SIZE + sticker[1] + j] = LEVELS;
      }
    }
  }
  return pixels;
}

// ---- the address: everything that can be seen, and no more

export function toAddress(state) {
  let digits = "";
  for (const level of state.pixels) digits += level.toString(16);
  const drawing = digits.replace(/0{4,}/g, (zeros) => `z${zeros.length.toString(36)}.`);
  const words = [`d=${drawing}`, `c=${state.c}`, `x=${state.cell[0]}`, `y=${state.cell[1]}`, `lang=${state.language}`];
  if (state.absolute) words.push("abs=1");
  if (state.minusEmpty) words.push("minus=1");
  return `#${words.join("&")}`;
}

export function fromAddress(hash) {
  const words = new URLSearchParams(hash.replace(/^#/, ""));
  const found = {};
  const digits = (words.get("d") ?? "").replace(/z([0-9a-z]+)\./g, (_, count) => "0".repeat(Math.min(parseInt(count, 36), 785)));
  if (/^[0-9a-f]{784}$/.test(digits)) found.pixels = Uint8Array.from(digits, (digit) => parseInt(digit, 16));
  const whole = (name, below) => {
    const value = Number(words.get(name));
    return words.has(name) && Number.isInteger(value) && value >= 0 && value < below ? value : undefined;
  };
  found.c = whole("c", CLASSES);
  const [x, y] = [whole("x", GRID), whole("y", GRID)];
  if (x !== undefined && y !== undefined) found.cell = [x, y];
  if (words.get("lang") in TEXTS) found.language = words.get("lang");
  found.absolute = words.get("abs") === "1";
  found.minusEmpty = words.get("minus") === "1";
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

// ---- words

export const TEXTS = {
  en: {
    drawLabel: "Drawing of 28 by 28 pixels",
    keys: "Draw with mouse, finger or pen. With the keys: arrows move the pen, space bar draws a dot, Shift and an arrow draw a line, Z takes back, Delete clears.",
    clear: "Clear",
    undo: "Undo",
    presets: "Examples",
    classes: "Ten maps on one scale. Choose a class.",
    scores: (c, S, b, P) => `class ${c}: score ${S}, bias ${b}, probability ${P}`,
    map: (c) => `Map of class ${c} over the drawing`,
    mapKeys: "Point at a cell, or step with the arrow keys.",
    absolute: "absolute value |M| (a mistake: what speaks against a class then looks like evidence for it)",
    minus: "minus the map of the empty sheet",
    scale: "against (−) and for (+) the class",
    cell: (x, y) => `Cell at row ${x}, column ${y}`,
    field: "The frame on the drawing is all that this cell sees.",
    sum: (c, value) => `M<sub>${c}</sub> = Σ<sub>k</sub> w<sub>k</sub> f<sub>k</sub> = <b>${value}</b>. The largest of 64 terms:`,
    term: ["k", "w<sub>k</sub>", "f<sub>k</sub>", "w<sub>k</sub> f<sub>k</sub>", "map"],
    show: (k) => `show f ${k}`,
    feature: (k) => `feature map f ${k}, from zero up`,
    identity: (value) => `largest |S<sub>c</sub> − b<sub>c</sub> − mean of M<sub>c</sub>|, computed here and now: <b>${value}</b>`,
    says: (c, P) => `The network says ${c}, with probability ${P}.`,
    pen: (x, y) => `pen at row ${x}, column ${y}`,
    names: {
      empty: ["empty sheet", "No ink at all: the maps are not zero, and one class still wins. Take this map off the others."],
      nine: ["a 9", "A closed loop with a stem. Compare its map for 9 with that for 4."],
      open: ["a 9, open at the top", "The loop does not close. Is it a 4 now, and which cells say so?"],
      one: ["a 1, one stroke", "One straight line: look at its two ends."],
      seven: ["a 7", "Without a bar, as it is written in most of the training pictures."],
      barred: ["a 7 with a bar", "The same 7 with a bar. Which classes gain from it?"],
      shifted: ["a 4, shifted", "The same strokes elsewhere: the map moves along, the score stays nearly the same."],
      sticker: ["a 4 with a sticker", "A chequered sticker in a corner. How much of each score comes from it?"],
    },
  },
  ko: {
    drawLabel: "28 × 28 화소 그림",
    keys: "마우스, 손가락, 펜으로 그립니다. 자판으로는 화살표로 펜을 옮기고, 스페이스로 점을 찍고, Shift와 화살표로 선을 긋고, Z로 되돌리고, Delete로 지웁니다.",
    clear: "지우기",
    undo: "되돌리기",
    presets: "예",
    classes: "같은 눈금의 맵 열 개입니다. 클래스를 고르십시오.",
    scores: (c, S, b, P) => `클래스 ${c}: 점수 ${S}, 편향 ${b}, 확률 ${P}`,
    map: (c) => `그림 위에 겹친 클래스 ${c}의 맵`,
    mapKeys: "칸을 가리키거나 화살표 키로 옮깁니다.",
    absolute: "절댓값 |M| (흔한 실수입니다. 반대 증거가 찬성 증거처럼 보입니다)",
    minus: "빈 그림의 맵을 뺀 값",
    scale: "클래스에 반대(−), 찬성(+)",
    cell: (x, y) => `행 ${x}, 열 ${y}의 칸`,
    field: "그림 위의 틀이 이 칸이 보는 전부입니다.",
    sum: (c, value) => `M<sub>${c}</sub> = Σ<sub>k</sub> w<sub>k</sub> f<sub>k</sub> = <b>${value}</b>. 64개 항 가운데 가장 큰 것은 다음과 같습니다.`,
    term: ["k", "w<sub>k</sub>", "f<sub>k</sub>", "w<sub>k</sub> f<sub>k</sub>", "맵"],
    show: (k) => `f ${k} 보기`,
    feature: (k) => `특징 맵 f ${k}, 0부터`,
    identity: (value) => `지금 여기서 계산한 |S<sub>c</sub> − b<sub>c</sub> − M<sub>c</sub>의 평균|의 최댓값: <b>${value}</b>`,
    says: (c, P) => `네트워크의 답은 ${c}, 확률은 ${P}입니다.`,
    pen: (x, y) => `펜 위치: 행 ${x}, 열 ${y}`,
    names: {
      empty: ["빈 그림", "잉크가 없는데도 맵은 0이 아니고 어느 한 클래스가 이깁니다. 다른 맵에서 이 맵을 빼 보십시오."],
      nine: ["9", "닫힌 고리와 줄기입니다. 9의 맵과 4의 맵을 비교하십시오."],
      open: ["위가 열린 9", "고리가 닫히지 않았습니다. 이제 4입니까? 어느 칸이 그렇게 말합니까?"],
      one: ["한 획의 1", "곧은 선 하나입니다. 양 끝을 보십시오."],
      seven: ["7", "가로줄이 없는 7입니다. 학습 영상의 대부분이 이렇습니다."],
      barred: ["가로줄이 있는 7", "같은 7에 가로줄을 더했습니다. 어느 클래스의 점수가 오릅니까?"],
      shifted: ["옮긴 4", "같은 획을 다른 곳에 그렸습니다. 맵은 따라 움직이고 점수는 거의 그대로입니다."],
      sticker: ["스티커를 붙인 4", "구석에 바둑판무늬 스티커가 있습니다. 각 점수 가운데 얼마가 여기서 옵니까?"],
    },
  },
};

// ---- colours

const SIGNED = ["053061", "2166ac", "4393c3", "92c5de", "d1e5f0", "f7f7f7", "fddbc7", "f4a582", "d6604d", "b2182b", "67001f"].map(
  (hex) => [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16)),
);

// Blue against the class, red for it, white at zero; `share` from -1 to 1.
export function colour(share) {
  const at = ((Math.min(1, Math.max(-1, share)) + 1) / 2) * (SIGNED.length - 1);
  const low = Math.min(SIGNED.length - 2, Math.floor(at));
  return SIGNED[low].map((value, n) => Math.round(value + (at - low) * (SIGNED[low + 1][n] - value)));
}

function paint(canvas, side, colourOf) {
  canvas.width = side;
  canvas.height = side;
  const context = canvas.getContext("2d");
  const picture = context.createImageData(side, side);
  for (let at = 0; at < side * side; at++) picture.data.set(colourOf(at), 4 * at);
  context.putImageData(picture, 0, 0);
}

// ---- the page

const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
const within = (value, side) => Math.min(side - 1, Math.max(0, value));
const text = (value, digits = 2) => value.toFixed(digits).replace("-", "−");
const percent = (value) => `${(100 * value).toFixed(1)} %`;

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// Put the explorer into an element. `changed` is called with {pixels, M} at the end of each stroke.
export function mount(parent, net, { state: given = {}, changed = () => {}, moved = () => {} } = {}) {
  const state = {
    pixels: drawPreset(PRESETS[1]),
    c: undefined, // the class that the network names, until one is chosen
    cell: [7, 7],
    absolute: false,
    minusEmpty: false,
    language: "en",
    ...given,
  };
  const empty = forward(net, new Float32Array(SIZE * SIZE)).M;
  const history = [];
  let result;
  let pen = [14, 14];
  let feature; // k of the feature map on show
  let words = TEXTS[state.language];

  const root = make("div", { class: "cam-explorer" });
  parent.append(make("div", { class: "cam-room" }, root)); // its width decides on the columns
  let parts;

  function compute() {
    result = forward(net, Float32Array.from(state.pixels, (level) => level / LEVELS));
  }

  // What is drawn for class c: M_c, or less the empty sheet, or its absolute value.
  function shown(c) {
    const M = Float64Array.from(result.M.subarray(c * CELLS, (c + 1) * CELLS));
    if (state.minusEmpty) for (let n = 0; n < CELLS; n++) M[n] -= empty[c * CELLS + n];
    return state.absolute ? M.map(Math.abs) : M;
  }

  function build() {
    words = TEXTS[state.language];
    root.lang = state.language;
    const drawing = make("canvas", { class: "cam-draw", tabindex: "0", role: "application", "aria-label": words.drawLabel });
    const keys = make("p", { class: "cam-keys", id: "cam-keys" }, words.keys);
    drawing.setAttribute("aria-describedby", "cam-keys");
    const clear = make("button", { type: "button" }, words.clear);
    const undo = make("button", { type: "button" }, words.undo);
    const language = make("select", { "aria-label": "Language, 언어" });
    for (const [code, name] of [["en", "English"], ["ko", "한국어"]]) language.append(make("option", { value: code }, name));
    language.value = state.language;
    const presets = PRESETS.map(({ id }) => make("button", { type: "button", "data-preset": id }, words.names[id][0]));
    const about = make("p", { class: "cam-about" });
    const tiles = [...Array(CLASSES).keys()].map((c) => {
      const radio = make("input", { type: "radio", name: "cam-class", value: c });
      const bar = make("span", { class: "cam-bar" });
      const tile = {
        radio,
        canvas: make("canvas", { "aria-hidden": "true" }),
        numbers: make("span", { class: "cam-numbers" }),
        bar,
      };
      tile.label = make("label", { class: "cam-tile" }, radio, make("b", {}, String(c)), tile.canvas, tile.numbers, make("span", { class: "cam-track" }, bar));
      return tile;
    });
    const map = make("canvas", { class: "cam-map", tabindex: "0", role: "application", "aria-describedby": "cam-cell" });
    const check = (name, key) => {
      const box = make("input", { type: "checkbox" });
      box.checked = state[key];
      box.addEventListener("change", () => {
        state[key] = box.checked;
        update();
      });
      return make("label", { class: "cam-check" }, box, ` ${name}`);
    };
    parts = {
      drawing, clear, undo, language, presets, about, tiles, map,
      under: make("canvas", { class: "cam-under", "aria-hidden": "true" }),
      frame: make("span", { class: "cam-frame", "aria-hidden": "true" }),
      penMark: make("span", { class: "cam-pen", "aria-hidden": "true" }),
      cellMark: make("span", { class: "cam-mark", "aria-hidden": "true" }),
      live: make("p", { class: "cam-live", role: "status" }),
      identity: make("p", { class: "cam-identity" }),
      scale: make("p", { class: "cam-scale" }),
      cell: make("div", { class: "cam-cell", id: "cam-cell" }),
    };
    root.replaceChildren(
      make("div", { class: "cam-column" },
        make("div", { class: "cam-sheet" }, drawing, parts.frame, parts.penMark),
        make("div", { class: "cam-buttons" }, clear, undo, language),
        keys,
        make("div", { class: "cam-presets", role: "group", "aria-label": words.presets }, ...presets),
        about,
      ),
      make("div", { class: "cam-column cam-ten" },
        parts.live,
        make("fieldset", { class: "cam-classes" }, make("legend", {}, words.classes), ...tiles.map((tile) => tile.label), parts.scale),
        parts.identity,
      ),
      make("div", { class: "cam-column" },
        make("div", { class: "cam-sheet" }, parts.under, map, parts.cellMark),
        check(words.absolute, "absolute"),
        check(words.minus, "minusEmpty"),
        parts.cell,
      ),
    );
    listen();
    update();
  }

  function update() {
    const all = [...Array(CLASSES).keys()].map(shown);
    const limit = Math.max(1e-12, ...all.map((M) => M.reduce((most, value) => Math.max(most, Math.abs(value)), 0)));
    for (const sheet of [parts.drawing, parts.under]) {
      paint(sheet, SIZE, (at) => [...Array(3).fill(Math.round((255 * state.pixels[at]) / LEVELS)), 255]);
    }
    parts.tiles.forEach((tile, c) => {
      paint(tile.canvas, GRID, (at) => [...colour(all[c][at] / limit), 255]);
      const [S, b, P] = [text(result.S[c]), text(net.b[c]), percent(result.P[c])];
      tile.numbers.innerHTML = `S ${S}<br>b ${b}<br>P ${P}`;
      tile.bar.style.width = percent(result.P[c]).replace(" ", "");
      tile.radio.checked = c === state.c;
      tile.radio.setAttribute("aria-label", words.scores(c, S, b, P));
      tile.label.classList.toggle("cam-chosen", c === state.c);
    });
    paint(parts.map, GRID, (at) => [...colour(all[state.c][at] / limit), 200]);
    parts.scale.innerHTML = `<span>−${text(limit)}</span><i></i><span>+${text(limit)}</span> ${words.scale}`;
    parts.identity.innerHTML = words.identity(residual(net, result).toExponential(1).replace("-", "−"));
    const best = result.P.indexOf(Math.max(...result.P));
    parts.live.textContent = words.says(best, percent(result.P[best]));
    updateCell();
  }

  // What depends on the cell alone; a pointer that moves over the map repaints no more than this.
  function updateCell() {
    const [x, y] = state.cell;
    const at = x * GRID + y;
    const K = result.F.length;
    const [top, left, bottom, right] = receptiveField(x, y);
    place(parts.frame, top / SIZE, left / SIZE, (bottom - top) / SIZE, (right - left) / SIZE);
    placePen();
    place(parts.cellMark, x / GRID, y / GRID, 1 / GRID, 1 / GRID);
    parts.map.setAttribute("aria-label", `${words.map(state.c)}. ${words.mapKeys}`);
    const terms = [...Array(K).keys()].map((k) => ({ k, w: net.w[k * CLASSES + state.c], f: result.f[at * K + k] }));
    terms.sort((one, other) => Math.abs(other.w * other.f) - Math.abs(one.w * one.f));
    const table = make("table", {}, make("thead", {}, make("tr", {})), make("tbody"));
    for (const name of words.term) {
      const head = make("th", { scope: "col" });
      head.innerHTML = name;
      table.tHead.rows[0].append(head);
    }
    for (const { k, w, f } of terms.slice(0, 5)) {
      const show = make("button", { type: "button", "aria-pressed": String(feature === k) }, words.show(k));
      show.addEventListener("click", () => {
        feature = feature === k ? undefined : k;
        updateCell();
        parts.cell.querySelector(`[data-k="${k}"]`)?.focus();
      });
      show.dataset.k = k;
      const numbers = [String(k), text(w), text(f), text(w * f)].map((value) => make("td", {}, value));
      table.tBodies[0].append(make("tr", {}, ...numbers, make("td", {}, show)));
    }
    const sum = make("p");
    sum.innerHTML = words.sum(state.c, text(result.M[state.c * CELLS + at], 4));
    parts.cell.replaceChildren(make("p", {}, make("b", {}, words.cell(x, y)), ` · ${words.field}`), sum, table);
    if (feature !== undefined) {
      const most = Math.max(1e-12, ...[...Array(CELLS).keys()].map((n) => result.f[n * K + feature]));
      const canvas = make("canvas", { class: "cam-feature", role: "img", "aria-label": words.feature(feature) });
      paint(canvas, GRID, (n) => [...colour(result.f[n * K + feature] / most), 255]);
      parts.cell.append(canvas, make("p", {}, words.feature(feature)));
    }
    moved(toAddress(state));
  }

  function place(mark, top, left, height, width) {
    Object.assign(mark.style, { top: `${100 * top}%`, left: `${100 * left}%`, height: `${100 * height}%`, width: `${100 * width}%` });
  }

  function placePen() {
    place(parts.penMark, pen[0] / SIZE, pen[1] / SIZE, 1 / SIZE, 1 / SIZE);
  }

  function keep() {
    history.push(state.pixels.slice());
    if (history.length > 100) history.shift();
  }

  function settled() {
    changed({ pixels: state.pixels, M: result.M });
  }

  function redraw() {
    compute();
    update();
  }

  function drawn(points) {
    stroke(state.pixels, points);
    redraw();
  }

  function position(event, element, side) {
    const box = element.getBoundingClientRect();
    return [((event.clientY - box.top) / box.height) * side - 0.5, ((event.clientX - box.left) / box.width) * side - 0.5];
  }

  function listen() {
    const { drawing, map } = parts;
    let last;
    drawing.addEventListener("pointerdown", (event) => {
      drawing.setPointerCapture(event.pointerId);
      keep();
      last = position(event, drawing, SIZE);
      drawn([last]);
    });
    drawing.addEventListener("pointermove", (event) => {
      if (!last) return;
      const points = [last, ...(event.getCoalescedEvents?.() ?? [event]).map((one) => position(one, drawing, SIZE))];
      last = points.at(-1);
      drawn(points);
    });
    for (const end of ["pointerup", "pointercancel"]) {
      drawing.addEventListener(end, () => {
        if (last) settled();
        last = undefined;
      });
    }
    drawing.addEventListener("keydown", (event) => {
      const step = STEPS[event.key];
      if (step) {
        const before = pen;
        pen = pen.map((value, n) => within(value + step[n], SIZE));
        if (event.shiftKey) {
          keep();
          drawn([before, pen]);
          settled();
        } else {
          placePen();
          parts.live.textContent = words.pen(...pen);
        }
      } else if (event.key === " ") {
        keep();
        drawn([pen]);
        settled();
      } else if (event.key === "z" || event.key === "Z") {
        back();
      } else if (event.key === "Delete" || event.key === "Backspace") {
        wipe();
      } else {
        return;
      }
      event.preventDefault();
      event.stopPropagation(); // a notebook has keys of its own
    });
    parts.undo.addEventListener("click", back);
    parts.clear.addEventListener("click", wipe);
    parts.language.addEventListener("change", () => {
      state.language = parts.language.value;
      build();
      parts.language.focus();
    });
    parts.presets.forEach((button, n) =>
      button.addEventListener("click", () => {
        keep();
        state.pixels = drawPreset(PRESETS[n]);
        parts.about.textContent = words.names[PRESETS[n].id][1];
        redraw();
        settled();
      }),
    );
    parts.tiles.forEach((tile, c) =>
      tile.radio.addEventListener("change", () => {
        state.c = c;
        update();
      }),
    );
    const point = (event) => {
      const [x, y] = position(event, map, GRID).map((value) => within(Math.round(value), GRID));
      if (x === state.cell[0] && y === state.cell[1]) return;
      state.cell = [x, y];
      updateCell();
    };
    map.addEventListener("pointermove", point);
    map.addEventListener("pointerdown", point);
    map.addEventListener("keydown", (event) => {
      const step = STEPS[event.key];
      if (!step) return;
      state.cell = state.cell.map((value, n) => within(value + step[n], GRID));
      updateCell();
      event.preventDefault();
      event.stopPropagation();
    });
  }

  function back() {
    if (!history.length) return;
    state.pixels = history.pop();
    redraw();
    settled();
  }

  function wipe() {
    keep();
    state.pixels = new Uint8Array(SIZE * SIZE);
    redraw();
    settled();
  }

  compute();
  state.c ??= result.P.indexOf(Math.max(...result.P));
  build();
  settled();
}

// ---- in a notebook, through anywidget

export default {
  render({ model, el }) {
    const sheet = model.get("sheet");
    mount(el, network(model.get("weights")), {
      state: { language: model.get("language"), pixels: new Uint8Array(sheet.buffer, sheet.byteOffset, SIZE * SIZE).slice() },
      changed: ({ pixels, M }) => {
        const sent = new Uint8Array(pixels.length + 4 * M.length);
        sent.set(pixels);
        sent.set(new Uint8Array(Float32Array.from(M).buffer), pixels.length);
        model.set("sheet", new DataView(sent.buffer));
        model.save_changes();
      },
    });
  },
};
