;; Imports WASI of the next generation.
;; exit: 1
;; stderr: plugin `hostile` 1.0 can't be started
(component
  (@include "types") (@include "kit")
  (import "wasi:cli/environment@0.3.0" (instance $other (export "call" (func))))
  (core module $module
    (func (export "run") (result i32) unreachable))
  (core instance $guest (instantiate $module (with "kit" (instance $kit))))
  (@include "run"))
