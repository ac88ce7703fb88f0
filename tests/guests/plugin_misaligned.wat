;; Returns an address that is not aligned.
;; exit: 5
;; stderr: plugin `hostile` 1.0
(component
  (@include "types") (@include "kit")
  (core module $module
    (func (export "run") (result i32) (i32.const 3)))
  (core instance $guest (instantiate $module (with "kit" (instance $kit))))
  (@include "run"))
