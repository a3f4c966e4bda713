// A live figure: native controls with labels, a line of numbers and a picture, which the kernel draws.
// While a picture is being drawn nothing is sent; of the moves made meanwhile only the newest follows.

const WORKING = { en: "Working …", ko: "계산하고 있습니다 …" };
const TOO_LARGE = {
  en: (name, megabytes) => `${name} has ${megabytes} MB, and at most 8 MB can be sent from the page: make it smaller, or give its path in a cell.`,
  ko: (name, megabytes) => `${name} 파일은 ${megabytes} MB입니다. 페이지에서 보낼 수 있는 크기는 8 MB까지입니다. 파일을 줄이거나 셀에 경로를 쓰십시오.`,
};
const LARGEST = 8e6; // bytes; a Jupyter server closes the connection at 10 MB
const PATIENCE = 300; // ms without an answer until the figure says that it is working

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function render({ model, el }) {
  const language = model.get("language");
  const values = { ...model.get("values") };
  const controls = make("div", { class: "cam-controls" });
  const line = make("p", { class: "cam-course-line", "aria-live": "polite" });
  const status = make("p", { class: "cam-status", role: "status" });
  const picture = make("img");
  let waiting = false; // for the kernel's answer to what was sent
  let newest = null; // what to send next
  let timer = 0;
  let moved = 0; // when the control was moved whose picture is awaited

  function ask(name, value) {
    newest = { ...(newest ?? values), [name]: value };
    if (!waiting) send();
  }

  function send() {
    Object.assign(values, newest);
    newest = null;
    waiting = true;
    moved = performance.now();
    timer = setTimeout(() => (status.textContent = WORKING[language]), PATIENCE);
    model.set("values", { ...values, move: model.get("values").move + 1 });
    model.save_changes();
    for (const [name, value] of Object.entries(values)) if (value?.content) values[name] = null; // the kernel has it now
  }

  async function show() {
    const { text, alt, image } = model.get("frame");
    line.innerHTML = text;
    picture.alt = alt;
    const before = picture.src;
    const next = make("img", { src: URL.createObjectURL(new Blob([image], { type: "image/png" })) });
    await next.decode(); // first, because a picture that is not ready has no height, and the page below it would jump
    Object.assign(picture, { src: next.src, width: next.naturalWidth, height: next.naturalHeight });
    if (before) URL.revokeObjectURL(before);
    clearTimeout(timer);
    status.textContent = "";
    if (waiting) picture.dataset.took = performance.now() - moved; // ms
    waiting = false;
    if (newest) send();
  }

  for (const control of model.get("controls")) controls.append(made[control.kind](control, values[control.name], ask, status, language));
  model.on("change:frame", show);
  el.classList.add("cam-course-live");
  // JupyterLab has other uses for the arrow keys, and asks the very element that has the focus.
  for (const control of controls.querySelectorAll("input, select, button")) control.dataset.lmSuppressShortcuts = "true";
  el.append(controls, line, status, picture);
  show();
  return () => {
    clearTimeout(timer);
    model.off("change:frame", show);
    URL.revokeObjectURL(picture.src);
  };
}

// A label around a control; the control carries its name as well, because a label counts the numbers in it too.
function labelled(label, control) {
  return make("label", {}, make("span", {}, label), control);
}

// One function for each kind of control; each calls ask(name, value) when it is moved.
const made = {
  slider({ name, label, low, high, step, plays }, value, ask) {
    const digits = step < 1 ? 1 : 0;
    const input = make("input", { type: "range", min: low, max: high, step, value, "aria-label": label });
    const number = make("span", { class: "cam-number", "aria-hidden": "true" }, value.toFixed(digits)); // the slider says it
    const move = () => {
      number.textContent = input.valueAsNumber.toFixed(digits);
      ask(name, input.valueAsNumber);
    };
    input.addEventListener("input", move);
    const box = make("span", { class: "cam-control" }, labelled(label, input), number);
    if (!plays) return box;
    const play = make("button", { type: "button", "aria-label": `${label}: play` }, "▶");
    let running = 0;
    play.addEventListener("click", () => {
      if (running) return stop();
      if (input.value === input.max) input.value = input.min;
      play.textContent = "❚❚";
      running = setInterval(() => {
        if (!play.isConnected || input.value === input.max) return stop();
        input.stepUp();
        move();
      }, 400);
    });
    const stop = () => {
      clearInterval(running);
      running = 0;
      play.textContent = "▶";
    };
    box.append(play);
    return box;
  },

  choice({ name, label, options }, value, ask) {
    const select = make("select", { "aria-label": label }, ...options.map((option, n) => make("option", { value: n }, option)));
    select.value = value;
    select.addEventListener("change", () => ask(name, Number(select.value)));
    return labelled(label, select);
  },

  switch({ name, label }, value, ask) {
    const box = make("input", { type: "checkbox" });
    box.checked = value;
    box.addEventListener("change", () => ask(name, box.checked));
    return make("label", {}, box, make("span", {}, label));
  },

  file({ name, label }, value, ask, status, language) {
    const input = make("input", { type: "file", "aria-label": label });
    input.addEventListener("change", async () => {
      const [file] = input.files;
      if (!file) return;
      if (file.size > LARGEST) {
        status.textContent = TOO_LARGE[language](file.name, (file.size / 1e6).toFixed(1));
        return;
      }
      ask(name, { name: file.name, content: new DataView(await file.arrayBuffer()) });
    });
    return labelled(label, input);
  },
};

export default { render };
