;; Imports one of our functions with another type.
;; exit: 1
;; stderr: plugin `hostile` 1.0 can't be started
;; stderr: conductor:plugin/invocation@0.1.0
(component
  (@include "types") (@include "kit")
  (import "conductor:plugin/invocation@0.1.0" (instance (export "arguments" (func (param "path" string) (result string)))))
  (core module $module
    (func (export "run") (result i32) unreachable))
  (core instance $guest (instantiate $module (with "kit" (instance $kit))))
  (@include "run"))
