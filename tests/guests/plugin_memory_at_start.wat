;; Asks for four gigabytes before it can be called.
;; exit: 5
;; stderr: plugin `hostile` 1.0 was stopped: it wanted more than its 256 MiB of memory
(component
  (@include "types") (@include "kit")
  (core module $module
    (memory 65536)
    (func (export "run") (result i32) unreachable))
  (core instance $guest (instantiate $module (with "kit" (instance $kit))))
  (@include "run"))
