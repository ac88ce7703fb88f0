;; Is refused 100,000 commands under as many names, and fills one wrongly as often: the log keeps a few lines.
;; manifest: {"programs": {"show": {"reason": "a test"}}, "commands": {"show": {"argv": ["show", "it", "<v:id>"], "cwd": "project", "effect": "read", "reason": "a test"}}}
;; grant: show
;; exit: 1
;; stderr: refused before that: plugin `hostile` may not use the grant `aaaaaaaa`
;; never: aaajaaaa
;; audit: "code":"undeclared"
;; audit: "code":"others","count":
;; audit: "exit":1,
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
    (data (i32.const 4096) "showio")
    (func (export "run") (result i32)
      (local $left i32)
      (local.set $left (i32.const 100000))
      (loop $again
        (i64.store (i32.const 8192) (i64.add (i64.const 0x6161616161616161)
          (i64.and (i64.mul (i64.extend_i32_u (i32.sub (i32.const 100000) (local.get $left))) (i64.const 0x01000001))
            (i64.const 0x0f0f0f0f0f0f0f0f))))
        (call $start-raw (i32.const 8192) (i32.const 8) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 256))
        (call $start-raw (i32.const 4096) (i32.const 4) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 256))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br_if $again (local.get $left)))
      (call $failed (i32.const 4100) (i32.const 2) (i32.const 4100) (i32.const 2))))
  (core instance $guest (instantiate $module
    (with "kit" (instance $kit)) (with "process" (instance $process-core)) (with "run" (instance $run-core))))
  (@include "run"))
