;; Computes for ever before it can be called: in the start function of its core module.
;; exit: 5
;; stderr: plugin `hostile` 1.0 was stopped: it used its 10 s of computing
;; seconds: 14
(component
  (@include "types") (@include "kit")
  (core module $module
    (func $start (loop $again (br $again)))
    (start $start)
    (func (export "run") (result i32) unreachable))
  (core instance $guest (instantiate $module (with "kit" (instance $kit))))
  (@include "run"))
