;; Returns neither an outcome nor a failure.
;; exit: 5
;; stderr: plugin `hostile` 1.0
(component
  (@include "types") (@include "kit")
  (core module $module
    (import "kit" "memory" (memory 1))
    (func (export "run") (result i32) (i32.store8 (i32.const 0) (i32.const 7)) (i32.const 0)))
  (core instance $guest (instantiate $module (with "kit" (instance $kit))))
  (@include "run"))
