;; Calls itself without end.
;; exit: 5
;; stderr: plugin `hostile` 1.0 was stopped: it used up its stack
(component
  (@include "types") (@include "kit")
  (core module $module
    (func $deeper (param i64) (result i64) (i64.add (call $deeper (local.get 0)) (i64.const 1)))
    (func (export "run") (result i32) (drop (call $deeper (i64.const 1))) unreachable))
  (core instance $guest (instantiate $module (with "kit" (instance $kit))))
  (@include "run"))
