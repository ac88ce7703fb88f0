;; Computes for ever.
;; exit: 5
;; stderr: plugin `hostile` 1.0 was stopped: it used its 10 s of computing
;; seconds: 14
(component
  (@include "types") (@include "kit")
  (core module $module (func (export "run") (result i32) (loop $again (br $again)) unreachable))
  (core instance $guest (instantiate $module))
  (@include "run"))
