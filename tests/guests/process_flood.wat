;; Seven children print as fast as they can until their deadline: of each its bound is kept, and memory stays bounded.
;; manifest: {"programs": {"cat": {"reason": "a test"}}, "commands": {"flood": {"argv": ["cat", "/dev/zero"], "cwd": "project", "effect": "read", "reason": "a test", "timeout_ms": 4000, "max_output_bytes": 8388608}}}
;; grant: flood
;; exit: 0
;; stdout: signal 15 timed-out truncated: 8388608 bytes
;; mib: 400
;; seconds: 60
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
    (data (i32.const 4096) "flood")
    (func (export "run") (result i32)
      (local $at i32)
      (loop $again
        (i32.store (i32.add (i32.const 5000) (local.get $at)) (call $start (i32.const 4096) (i32.const 5)))
        (local.set $at (i32.add (local.get $at) (i32.const 4)))
        (br_if $again (i32.lt_u (local.get $at) (i32.const 28))))
      (loop $next
        (local.set $at (i32.sub (local.get $at) (i32.const 4)))
        (call $end (i32.load (i32.add (i32.const 5000) (local.get $at))) (i32.const 1))
        (br_if $next (local.get $at)))
      (call $done)))
  (core instance $guest (instantiate $module
    (with "kit" (instance $kit)) (with "process" (instance $process-core)) (with "run" (instance $run-core))))
  (@include "run"))
