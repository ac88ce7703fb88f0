#!/usr/bin/env python3
"""Stands in for the model behind Claude Code: runs the client against scripted answers on 127.0.0.1.

    stub_model.py --script ANSWERS.json --log REQUESTS.jsonl --seconds N --requests N -- CLIENT ARGUMENT...

ANSWERS.json is a list, one answer for each request that offers tools: {"text": "..."} or {"tool": NAME, "input": {...}}.
One with "to": TEXT is only for a conversation whose first message has that text in it, such as a sub-agent's; the others are not for it.
When it is used up the answer is "end of the script"; a request without tools gets "aside" and uses up nothing.
REQUESTS.jsonl gets the body of each request that was answered from the script, one a line.

The client's exit code is ours; 124 when it needed more than N seconds, 125 when it asked more than N times.
Nothing but the standard library, and no way out of this machine: in a network namespace of its own (`unshare -n`) only
the loopback device is brought up.
"""

import argparse
import fcntl
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOO_SLOW, TOO_MANY = 124, 125
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1


def bring_up_loopback():
    """A new network namespace has a loopback device, but it is down. Linux only; elsewhere it is always up."""
    if not sys.platform.startswith("linux"):
        return
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(any_socket, SIOCGIFFLAGS, request))[1]
        if not flags & IFF_UP:
            fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | IFF_UP))


def first_message(body):
    """The text with which a conversation begins."""
    messages = body.get("messages") or [{}]
    content = messages[0].get("content", "")
    if isinstance(content, str):
        return content
    return "\n".join(block.get("text", "") for block in content)


class Script:
    """The answers still to be given, and the log of what they answered."""

    def __init__(self, answers, log, most):
        self.answers, self.log, self.most = answers, log, most
        self.lock = threading.Lock()
        self.asked = 0
        self.agents = {answer["to"] for answer in answers if "to" in answer}

    def answer(self, body):
        """The next answer, or None when the client has asked too often."""
        with self.lock:
            self.asked += 1
            if self.asked > self.most:
                return None
            if not body.get("tools"):
                return {"text": "aside"}
            self.log.write(json.dumps(body) + "\n")
            self.log.flush()
            first = first_message(body)
            of_agents = [text for text in self.agents if text in first]
            for at, answer in enumerate(self.answers):
                if ("to" in answer and answer["to"] in first) or ("to" not in answer and not of_agents):
                    return self.answers.pop(at)
            return {"text": "end of the script"}


def message(body, answer, number):
    """The whole answer as the API's message object."""
    if "tool" in answer:
        block = {"type": "tool_use", "id": f"toolu_{number}", "name": answer["tool"], "input": answer["input"]}
    else:
        block = {"type": "text", "text": answer["text"]}
    return {
        "id": f"msg_{number}",
        "type": "message",
        "role": "assistant",
        "model": body.get("model", "stub"),
        "content": [block],
        "stop_reason": "tool_use" if "tool" in answer else "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 1, "output_tokens": 1},
    }


def events(whole):
    """The same message as the stream of events that the client asks for."""
    block = whole["content"][0]
    if block["type"] == "tool_use":
        empty = {**block, "input": {}}
        delta = {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
    else:
        empty = {"type": "text", "text": ""}
        delta = {"type": "text_delta", "text": block["text"]}
    yield {"type": "message_start", "message": {**whole, "content": [], "stop_reason": None}}
    yield {"type": "content_block_start", "index": 0, "content_block": empty}
    yield {"type": "content_block_delta", "index": 0, "delta": delta}
    yield {"type": "content_block_stop", "index": 0}
    stop = {"stop_reason": whole["stop_reason"], "stop_sequence": None}
    yield {"type": "message_delta", "delta": stop, "usage": {"output_tokens": 1}}
    yield {"type": "message_stop"}


def handler(script):
    """The request handler that answers from `script`."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def reply(self, status, kind, data):
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def refuse(self, status, kind, why):
            error = {"type": "error", "error": {"type": kind, "message": why}}
            self.reply(status, "application/json", json.dumps(error).encode())

        def do_HEAD(self):
            self.reply(200, "text/plain", b"")

        def do_GET(self):
            self.refuse(404, "not_found_error", "the stub knows POST /v1/messages only")

        def do_POST(self):
            length = int(self.headers.get("content-length") or 0)
            body = json.loads(self.rfile.read(length))
            if self.path.split("?")[0] != "/v1/messages":
                return self.do_GET()
            answer = script.answer(body)
            if answer is None:
                return self.refuse(400, "invalid_request_error", "more requests than the test allows")
            whole = message(body, answer, script.asked)
            if not body.get("stream"):
                return self.reply(200, "application/json", json.dumps(whole).encode())
            lines = (f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events(whole))
            self.reply(200, "text/event-stream", "".join(lines).encode())

    return Handler


def run_client(command, port, seconds):
    """The client's exit code; its whole process group is ended when the time is up."""
    environment = {**os.environ, "ANTHROPIC_BASE_URL": f"http://127.0.0.1:{port}"}
    client = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        return client.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(client.pid, signal.SIGKILL)
        client.wait()
        return TOO_SLOW


def main():
    """Serves until the client has ended."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--script", required=True)
    parser.add_argument("--log", required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--requests", type=int, required=True)
    parser.add_argument("client", nargs="+")
    options = parser.parse_args()
    with open(options.script, encoding="utf-8") as file:
        answers = json.load(file)
    bring_up_loopback()
    with open(options.log, "w", encoding="utf-8") as log:
        script = Script(answers, log, options.requests)
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler(script))
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        code = run_client(options.client, server.server_address[1], options.seconds)
        server.shutdown()
    return TOO_MANY if script.asked > options.requests else code


if __name__ == "__main__":
    sys.exit(main())
