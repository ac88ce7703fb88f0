;; Calls itself without end and without a stack.
;; exit: 5
;; stderr: plugin `hostile` 1.0 was stopped: it used its 10 s of computing
;; seconds: 14
(component
  (@include "types") (@include "kit")
  (core module $module
    (func $again (result i32) (return_call $again))
    (func (export "run") (result i32) (call $again)))
  (core instance $guest (instantiate $module (with "kit" (instance $kit))))
  (@include "run"))
