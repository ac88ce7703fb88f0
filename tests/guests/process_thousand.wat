;; Starts a thousand commands and waits for none: 64 are unfinished at most, and none is left.
;; manifest: {"programs": {"slow": {"reason": "a test"}}, "commands": {"slow": {"argv": ["slow", "now"], "cwd": "project", "effect": "read", "reason": "a test", "max_output_bytes": 1000}}}
;; grant: slow
;; exit: 0
;; stdout: too-many-commands 64 were started
;; audit: "count":936
;; seconds: 30
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
    (data (i32.const 4096) "slow were started")
    (func (export "run") (result i32)
      (local $left i32) (local $started i64)
      (local.set $left (i32.const 1000))
      (loop $again
        (call $start-raw (i32.const 4096) (i32.const 4) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 256))
        (if (i32.eqz (i32.load8_u (i32.const 256)))
          (then (local.set $started (i64.add (local.get $started) (i64.const 1)))))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br_if $again (local.get $left)))
      (call $say (i32.load (i32.const 260)) (i32.load (i32.const 264)))
      (call $say (i32.const 4100) (i32.const 1))
      (call $say-number (local.get $started))
      (call $say (i32.const 4100) (i32.const 13))
      (call $done)))
  (core instance $guest (instantiate $module
    (with "kit" (instance $kit)) (with "process" (instance $process-core)) (with "run" (instance $run-core))))
  (@include "run"))
