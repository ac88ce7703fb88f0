;; Ten million empty spans.
;; exit: 5
;; stderr: plugin `hostile` 1.0 was stopped: it handed over more than 32 MiB
(component
  (@include "types") (@include "kit")
  (core module $module
    (import "kit" "memory" (memory 1))
    (import "kit" "outcome" (func $outcome (param i32 i32) (result i32)))
    (func (export "run") (result i32)
      (drop (memory.grow (i32.const 2500)))
      (call $outcome (i32.const 1048576) (i32.const 10000000))))
  (core instance $guest (instantiate $module (with "kit" (instance $kit))))
  (@include "run"))
