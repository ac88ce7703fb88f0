;; Imports a bare function.
;; exit: 1
;; stderr: plugin `hostile` 1.0 imports `exec`, which `conductor` does not give to plugins
(component
  (@include "types") (@include "kit")
  (import "exec" (func $exec))
  (core module $module
    (func (export "run") (result i32) unreachable))
  (core instance $guest (instantiate $module (with "kit" (instance $kit))))
  (@include "run"))
