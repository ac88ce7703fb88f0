;; Imports an interface of our package that is not there.
;; exit: 1
;; stderr: plugin `hostile` 1.0 can't be started
;; stderr: conductor:plugin/process@0.1.0
(component
  (@include "types") (@include "kit")
  (import "conductor:plugin/process@0.1.0" (instance $other (export "call" (func))))
  (core module $module
    (func (export "run") (result i32) unreachable))
  (core instance $guest (instantiate $module (with "kit" (instance $kit))))
  (@include "run"))
