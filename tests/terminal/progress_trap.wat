;; Begins a piece of work, waits until that is shown, and ends by a trap in the middle of it.
(component
  (@include "types") (@include "kit")
  (import "conductor:plugin/progress@0.1.0" (instance $progress
    (export "begin" (func (param "what" string) (param "steps" (option u32))))))
  (import "wasi:io/poll@0.2.6" (instance $poll
    (export "pollable" (type $pollable (sub resource)))
    (export "[method]pollable.block" (func (param "self" (borrow $pollable))))))
  (alias export $poll "pollable" (type $pollable))
  (import "wasi:clocks/monotonic-clock@0.2.6" (instance $clock
    (export "pollable" (type $pollable' (eq $pollable)))
    (export "subscribe-duration" (func (param "when" u64) (result (own $pollable'))))))
  (core func $begin (canon lower (func $progress "begin") (memory $memory)))
  (core func $subscribe (canon lower (func $clock "subscribe-duration")))
  (core func $block (canon lower (func $poll "[method]pollable.block")))
  (core instance $host
    (export "begin" (func $begin)) (export "subscribe" (func $subscribe)) (export "block" (func $block)))
  (core module $module
    (import "kit" "memory" (memory 1))
    (import "host" "begin" (func $begin (param i32 i32 i32 i32)))
    (import "host" "subscribe" (func $subscribe (param i64) (result i32)))
    (import "host" "block" (func $block (param i32)))
    (data (i32.const 4096) "half of the work")
    (func (export "run") (result i32)
      (call $begin (i32.const 4096) (i32.const 16) (i32.const 0) (i32.const 0))
      (call $block (call $subscribe (i64.const 2_000_000_000)))
      unreachable))
  (core instance $guest (instantiate $module (with "kit" (instance $kit)) (with "host" (instance $host))))
  (@include "run"))
