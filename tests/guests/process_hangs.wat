;; Starts a program on a file system that hangs: the host ends itself, and says so in the log too.
;; manifest: {"limits": {"run_ms": 1000, "reason": "a test"}, "programs": {"show": {"reason": "a test"}}, "commands": {"show": {"argv": ["show", "it"], "cwd": "project", "effect": "read", "reason": "a test"}}}
;; grant: show
;; exit: 5
;; stderr: plugin `hostile`
;; stderr: 1 s
;; hangs: show
;; seconds: 20
;; audit: "command"
;; audit: "exit":5,
(component
  (@include "types") (@include "kit") (@include "process")
  (core module $module
    (import "kit" "memory" (memory 1))
    (import "kit" "say" (func $say (param i32 i32)))
    (import "kit" "say-number" (func $say-number (param i64)))
    (import "kit" "done" (func $done (result i32)))
    (import "kit" "failed" (func $failed (param i32 i32 i32 i32) (result i32)))
    (import "process" "start" (func $start-raw (param i32 i32 i32 i32 i32 i32 i32 i32)))
    (import "process" "wait" (func $wait (param i32 i32)))
    (import "process" "kill" (func $kill (param i32)))
    (import "process" "drop-running" (func $drop-running (param i32)))
    (import "run" "start" (func $start (param i32 i32) (result i32)))
    (import "run" "start-with" (func $start-with (param i32 i32 i32 i32 i32 i32) (result i32)))
    (import "run" "end" (func $end (param i32 i32)))
    (import "run" "run" (func $run (param i32 i32)))
    (import "run" "run-each" (func $run-each (param i32 i32 i32 i32)))
    (data (i32.const 4096) "show")
    (func (export "run") (result i32)
      (call $end (call $start (i32.const 4096) (i32.const 4)) (i32.const 0))
      (call $done)))
  (core instance $guest (instantiate $module
    (with "kit" (instance $kit)) (with "process" (instance $process-core)) (with "run" (instance $run-core))))
  (@include "run"))
