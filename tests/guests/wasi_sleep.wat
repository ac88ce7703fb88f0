;; Sleeps for a century in a call of the host.
;; manifest: {"limits": {"run_ms": 500, "reason": "a test"}}
;; exit: 5
;; stderr: plugin `hostile` 1.0 was stopped: the run took longer than its 0.5 s
(component
  (@include "types") (@include "kit")
  (import "wasi:io/poll@0.2.6" (instance $poll
    (export "pollable" (type $pollable (sub resource)))
    (export "[method]pollable.block" (func (param "self" (borrow $pollable))))))
  (alias export $poll "pollable" (type $pollable))
  (import "wasi:clocks/monotonic-clock@0.2.6" (instance $clock
    (export "pollable" (type $pollable' (eq $pollable)))
    (export "subscribe-duration" (func (param "when" u64) (result (own $pollable'))))))
  (core func $subscribe (canon lower (func $clock "subscribe-duration") (memory $memory) (realloc $realloc)))
  (core func $block (canon lower (func $poll "[method]pollable.block") (memory $memory) (realloc $realloc)))
  (core instance $wasi (export "subscribe" (func $subscribe)) (export "block" (func $block)))
  (core module $module
    (import "kit" "memory" (memory 1))
    (import "kit" "say" (func $say (param i32 i32)))
    (import "kit" "say-number" (func $say-number (param i64)))
    (import "kit" "done" (func $done (result i32)))
    (import "kit" "failed" (func $failed (param i32 i32 i32 i32) (result i32)))
    (import "wasi" "subscribe" (func $subscribe (param i64) (result i32)))
    (import "wasi" "block" (func $block (param i32)))
    (func (export "run") (result i32)
      (call $block (call $subscribe (i64.const 3_000_000_000_000_000_000)))
      unreachable))
  (core instance $guest (instantiate $module (with "kit" (instance $kit)) (with "wasi" (instance $wasi))))
  (@include "run"))
