// Paper that is drawn on by mouse, finger or pen. After each stroke the server gets the drawing.

const WIDTH = 22; // Pixels of the 280 that a stroke is wide: MNIST's pens, at this size.

function wipe(context) {
  context.fillStyle = "#fff";
  context.fillRect(0, 0, context.canvas.width, context.canvas.height);
}

function place(canvas, event) {
  const box = canvas.getBoundingClientRect();
  return [
    ((event.clientX - box.left) * canvas.width) / box.width,
    ((event.clientY - box.top) * canvas.height) / box.height,
  ];
}

export default function ({ data, parentElement, setStateValue }) {
  const canvas = parentElement.querySelector(".paper canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const send = (blank) => setStateValue("drawing", blank ? "" : canvas.toDataURL("image/png"));
  if (!canvas.strokes) {
    canvas.strokes = [];
    wipe(context);
    if (data?.before) {
      const earlier = new Image();
      earlier.onload = () => context.drawImage(earlier, 0, 0);
      earlier.src = data.before;
      canvas.begun = true;
    }
  }
  canvas.onpointerdown = (event) => {
    if (event.button > 0) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    canvas.strokes.push(context.getImageData(0, 0, canvas.width, canvas.height));
    canvas.last = place(canvas, event);
    canvas.onpointermove(event);
  };
  canvas.onpointermove = (event) => {
    if (!canvas.last) return;
    const now = place(canvas, event);
    Object.assign(context, { lineWidth: WIDTH, lineCap: "round", strokeStyle: "#000" });
    context.beginPath();
    context.moveTo(...canvas.last);
    context.lineTo(...now);
    context.stroke();
    canvas.last = now;
  };
  canvas.onpointerup = canvas.onpointercancel = () => {
    if (!canvas.last) return;
    canvas.last = undefined;
    send(false);
  };
  parentElement.querySelector(".undo").onclick = () => {
    const earlier = canvas.strokes.pop();
    if (!earlier) return;
    context.putImageData(earlier, 0, 0);
    send(canvas.strokes.length === 0 && !canvas.begun);
  };
  parentElement.querySelector(".clear").onclick = () => {
    canvas.strokes = [];
    canvas.begun = false;
    wipe(context);
    send(true);
  };
}
