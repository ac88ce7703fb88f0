;; Imports a version of our interface that is not there yet.
;; exit: 1
;; stderr: plugin `hostile` 1.0 imports `conductor:plugin/files@0.2.0`, which `conductor` does not give to plugins
;; stderr: hint: this `conductor` offers `conductor:plugin@0.1.0`
(component
  (@include "types") (@include "kit")
  (import "conductor:plugin/files@0.2.0" (instance $other (export "call" (func))))
  (core module $module
    (func (export "run") (result i32) unreachable))
  (core instance $guest (instantiate $module (with "kit" (instance $kit))))
  (@include "run"))
