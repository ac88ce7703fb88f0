;; Imports an interface of WASI that is not there.
;; exit: 1
;; stderr: plugin `hostile` 1.0 can't be started
;; stderr: wasi:io/nonsense@0.2.6
(component
  (@include "types") (@include "kit")
  (import "wasi:io/nonsense@0.2.6" (instance $other (export "call" (func))))
  (core module $module
    (func (export "run") (result i32) unreachable))
  (core instance $guest (instantiate $module (with "kit" (instance $kit))))
  (@include "run"))
