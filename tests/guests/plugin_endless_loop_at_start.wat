;; Computes for ever before it can be called: in the start function of its core module.
;; manifest: {"limits": {"run_ms": 1000, "reason": "a test"}}
;; exit: 5
;; stderr: plugin `hostile` 1.0 was stopped: the run took longer than its 1 s
(component
  (@include "types") (@include "kit")
  (core module $module
    (func $start (loop $again (br $again)))
    (start $start)
    (func (export "run") (result i32) unreachable))
  (core instance $guest (instantiate $module (with "kit" (instance $kit))))
  (@include "run"))
