// Browsers start no worker from a file. Opened from one, the search runs in a hidden frame of the same page instead, once it is used.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      this.url = url;
    }

    postMessage(data) {
      this.inside ??= this.start();
      this.inside.then((inside) => inside.dispatchEvent(new MessageEvent("message", { data })));
    }

    start() {
      const frame = document.createElement("iframe");
      frame.hidden = true;
      frame.title = "Search";
      document.body.append(frame);
      const inside = frame.contentWindow;
      inside.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }));
      const script = frame.contentDocument.createElement("script");
      script.src = this.url;
      return new Promise((resolve) => {
        script.addEventListener("load", () => resolve(inside));
        frame.contentDocument.body.append(script);
      });
    }
  };
}
