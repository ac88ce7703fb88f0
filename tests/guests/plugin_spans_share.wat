;; A hundred thousand spans that all stand for the same megabyte: small in the plugin, 100 GB in the host.
;; exit: 5
;; stderr: plugin `hostile` 1.0 was stopped: it handed over more than 32 MiB
(component
  (@include "types") (@include "kit")
  (core module $module
    (import "kit" "memory" (memory 1))
    (import "kit" "outcome" (func $outcome (param i32 i32) (result i32)))
    (func (export "run") (result i32)
      (local $at i32)
      (drop (memory.grow (i32.const 100)))
      (memory.fill (i32.const 4194304) (i32.const 120) (i32.const 1048576))
      (local.set $at (i32.const 1048576))
      (loop $next
        (i32.store offset=8 (local.get $at) (i32.const 4194304))
        (i32.store offset=12 (local.get $at) (i32.const 1048576))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (br_if $next (i32.lt_u (local.get $at) (i32.const 2648576))))
      (call $outcome (i32.const 1048576) (i32.const 100000))))
  (core instance $guest (instantiate $module (with "kit" (instance $kit))))
  (@include "run"))
