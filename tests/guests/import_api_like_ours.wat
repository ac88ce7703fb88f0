;; Imports a version that only begins like ours.
;; exit: 1
;; stderr: plugin `hostile` 1.0 imports `conductor:plugin/files@0.10.0`
(component
  (@include "types") (@include "kit")
  (import "conductor:plugin/files@0.10.0" (instance $other (export "call" (func))))
  (core module $module
    (func (export "run") (result i32) unreachable))
  (core instance $guest (instantiate $module (with "kit" (instance $kit))))
  (@include "run"))
