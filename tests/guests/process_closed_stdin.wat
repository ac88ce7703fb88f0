;; Gives 4 MiB to a program that reads none of it, and to one that reads a byte.
;; manifest: {"programs": {"closed": {"reason": "a test"}, "head": {"reason": "a test"}}, "commands": {"closed": {"argv": ["closed", "now", "<v:stdin>"], "cwd": "project", "effect": "read", "reason": "a test"}, "byte": {"argv": ["head", "-c1", "<v:stdin>"], "cwd": "project", "effect": "read", "reason": "a test"}}}
;; grant: closed
;; grant: byte
;; exit: 0
;; stdout: exit 0: closed
;; stdout: exit 0: x
;; seconds: 15
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
    (data (i32.const 4096) "closedbyte")
    (func (export "run") (result i32)
      (drop (memory.grow (i32.const 64)))
      (memory.fill (i32.const 1200000) (i32.const 120) (i32.const 4000000))
      (call $end (call $start-with (i32.const 4096) (i32.const 6) (i32.const 0) (i32.const 0) (i32.const 1200000) (i32.const 4000000)) (i32.const 0))
      (call $end (call $start-with (i32.const 4102) (i32.const 4) (i32.const 0) (i32.const 0) (i32.const 1200000) (i32.const 4000000)) (i32.const 0))
      (call $done)))
  (core instance $guest (instantiate $module
    (with "kit" (instance $kit)) (with "process" (instance $process-core)) (with "run" (instance $run-core))))
  (@include "run"))
