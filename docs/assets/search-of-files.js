// A browser starts no worker from a file. Where the site is opened as files, the search runs in a frame.
if (location.protocol === "file:") {
  window.Worker = class {
    onmessage = null;
    waiting = [];

    constructor(url) {
      this.frame = document.createElement("iframe");
      this.frame.hidden = true;
      document.body.appendChild(this.frame);
      // What the worker posts to its own window is what its page hears.
      this.inside.postMessage = (data) =>
        this.later(data, (copy) => this.onmessage?.(new MessageEvent("message", { data: copy })));
      const script = this.inside.document.createElement("script");
      script.src = url;
      script.onload = () => {
        const waited = this.waiting;
        this.waiting = null;
        waited.forEach((data) => this.postMessage(data));
      };
      script.onerror = (event) => this.onerror?.(event);
      this.inside.document.body.appendChild(script);
    }

    get inside() {
      return this.frame.contentWindow;
    }

    postMessage(data) {
      if (this.waiting) this.waiting.push(data);
      else this.later(data, (copy) => this.inside.onmessage?.({ data: copy }));
    }

    // As between threads: of its own, and never before the sender has ended. The search asks from
    // within what an answer changes, and would ask for ever.
    later(data, heard) {
      const copy = structuredClone(data);
      setTimeout(() => this.frame.isConnected && heard(copy));
    }

    terminate() {
      this.frame.remove();
    }
  };
}
