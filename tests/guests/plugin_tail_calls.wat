;; Calls itself without end and without a stack.
;; manifest: {"limits": {"run_ms": 1000, "reason": "a test"}}
;; exit: 5
;; stderr: plugin `hostile` 1.0 was stopped: the run took longer than its 1 s
(component
  (@include "types") (@include "kit")
  (core module $module
    (func $again (result i32) (return_call $again))
    (func (export "run") (result i32) (call $again)))
  (core instance $guest (instantiate $module (with "kit" (instance $kit))))
  (@include "run"))
