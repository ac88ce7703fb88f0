;; Starts a program that leaves something behind in another session, which holds its pipe: nobody waits for it.
;; manifest: {"programs": {"daemon": {"reason": "a test"}}, "commands": {"daemon": {"argv": ["daemon", "now"], "cwd": "project", "effect": "read", "reason": "a test"}}}
;; grant: daemon
;; exit: 0
;; stdout: exit 0 pipe-left-open: left
;; seconds: 10
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
    (data (i32.const 4096) "daemon")
    (func (export "run") (result i32)
      (call $run (i32.const 4096) (i32.const 6))
      (call $done)))
  (core instance $guest (instantiate $module
    (with "kit" (instance $kit)) (with "process" (instance $process-core)) (with "run" (instance $run-core))))
  (@include "run"))
