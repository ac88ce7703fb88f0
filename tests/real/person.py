#!/usr/bin/env python3
"""Sits before Claude Code as a person does: types a prompt, answers its questions, and allows what it asks for.

    person.py --prompt TEXT [--answer LABEL]... -- CLIENT ARGUMENT...

Print mode alone has no AskUserQuestion; a program that speaks the client's own protocol has. What the client asked the person is
printed, one JSON object a line: {"asked": TOOL, "input": ...}. Without --answer each question is refused; of several labels each
question takes one, and the last one is for all that follow.
"""

import argparse
import json
import subprocess
import sys

parser = argparse.ArgumentParser()
parser.add_argument("--prompt", required=True)
parser.add_argument("--answer", action="append", default=[])
parser.add_argument("client", nargs="+")
asked = parser.parse_args()

STREAM = ["-p", "--input-format", "stream-json", "--output-format", "stream-json", "--verbose", "--permission-prompt-tool", "stdio"]
client = subprocess.Popen(asked.client + STREAM, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)


def send(value):
    client.stdin.write(json.dumps(value) + "\n")
    client.stdin.flush()


def decide(request):
    """What the person says to a tool that asks."""
    given = request["input"]
    print(json.dumps({"asked": request["tool_name"], "input": given}), flush=True)
    if request["tool_name"] != "AskUserQuestion":
        return {"behavior": "allow", "updatedInput": given}
    if not asked.answer:
        return {"behavior": "deny", "message": "the person does not answer"}
    label = asked.answer.pop(0) if len(asked.answer) > 1 else asked.answer[0]
    answers = {question["question"]: label for question in given["questions"]}
    return {"behavior": "allow", "updatedInput": dict(given, answers=answers)}


send({"type": "control_request", "request_id": "begin", "request": {"subtype": "initialize", "hooks": None}})
send({"type": "user", "message": {"role": "user", "content": asked.prompt}, "parent_tool_use_id": None, "session_id": ""})
for line in client.stdout:
    try:
        event = json.loads(line)
    except ValueError:
        continue
    if event.get("type") == "control_request":
        request = event["request"]
        response = decide(request) if request.get("subtype") == "can_use_tool" else {}
        answer = {"subtype": "success", "request_id": event["request_id"], "response": response}
        send({"type": "control_response", "response": answer})
    elif event.get("type") == "result":
        client.stdin.close()
        break
sys.exit(client.wait())
