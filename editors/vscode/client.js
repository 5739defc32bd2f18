// A client of the Language Server Protocol: messages over the standard streams of a program, and nothing of an editor.
"use strict";

const { spawn } = require("node:child_process");

/** The largest message that is believed, in bytes. */
const LARGEST = 64 * 1024 * 1024;

/** A server that runs, and the messages to and from it. */
class Client {
  /**
   * Starts a program.
   * @param {string} program the program and its name in messages
   * @param {string[]} args its arguments
   * @param {{notified: Function, ended: Function, log: Function}} handlers what hears of the server
   */
  constructor(program, args, handlers) {
    this.handlers = handlers;
    this.waiting = new Map();
    this.next = 1;
    this.received = Buffer.alloc(0);
    this.isOver = false;
    this.child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
    this.child.on("error", (error) => this.end(`can't start ${program}: ${error.message}`));
    this.child.on("exit", (code) => this.end(`${program} ended${code ? ` with exit code ${code}` : ""}`));
    this.child.stdin.on("error", () => {});
    this.child.stdout.on("data", (data) => this.take(data));
    this.child.stderr.on("data", (data) => handlers.log(String(data)));
  }

  /** Sends a request, and returns its answer. */
  request(method, params, cancellation) {
    if (this.isOver) {
      return Promise.reject(new Error("the language server doesn't run"));
    }
    const id = this.next++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.send({ jsonrpc: "2.0", id, method, params });
      cancellation?.onCancellationRequested?.(() => {
        if (this.waiting.delete(id)) {
          this.notify("$/cancelRequest", { id });
          resolve(null);
        }
      });
    });
  }

  /** Sends something that has no answer. */
  notify(method, params) {
    if (!this.isOver) {
      this.send({ jsonrpc: "2.0", method, params });
    }
  }

  /** Says goodbye, and makes sure that the program ends. */
  async stop() {
    if (this.isOver) {
      return;
    }
    const over = new Promise((resolve) => this.child.once("exit", resolve));
    const late = setTimeout(() => this.child.kill(), 2000);
    this.isStopped = true;
    await this.request("shutdown", null).catch(() => {});
    this.notify("exit", null);
    await over;
    clearTimeout(late);
  }

  send(message) {
    const body = Buffer.from(JSON.stringify(message));
    this.child.stdin.write(`Content-Length: ${body.length}\r\n\r\n`);
    this.child.stdin.write(body);
  }

  /** Takes bytes of the server; messages begin with a header that tells their length. */
  take(data) {
    this.received = Buffer.concat([this.received, data]);
    for (;;) {
      const head = this.received.indexOf("\r\n\r\n");
      if (head < 0) {
        return;
      }
      const length = /content-length: *(\d+)/i.exec(this.received.toString("ascii", 0, head));
      if (!length || Number(length[1]) > LARGEST) {
        this.end("the language server sends what is no message");
        this.child.kill();
        return;
      }
      const start = head + 4;
      const end = start + Number(length[1]);
      if (this.received.length < end) {
        return;
      }
      const message = JSON.parse(this.received.toString("utf8", start, end));
      this.received = this.received.subarray(end);
      this.hear(message);
    }
  }

  hear(message) {
    const waiting = this.waiting.get(message.id);
    if (message.method) {
      if (message.id === undefined) {
        this.handlers.notified(message.method, message.params);
      } else {
        // This server asks nothing; one that does gets an answer.
        this.send({ jsonrpc: "2.0", id: message.id, result: null });
      }
    } else if (waiting) {
      this.waiting.delete(message.id);
      if (message.error) {
        waiting.reject(new Error(message.error.message));
      } else {
        waiting.resolve(message.result);
      }
    }
  }

  end(reason) {
    if (this.isOver) {
      return;
    }
    this.isOver = true;
    for (const { reject } of this.waiting.values()) {
      reject(new Error(reason));
    }
    this.waiting.clear();
    this.handlers.ended(reason, Boolean(this.isStopped));
  }
}

module.exports = { Client };
