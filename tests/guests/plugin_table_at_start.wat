;; Asks for a table of four billion elements before it can be called.
;; exit: 5
;; stderr: plugin `hostile` 1.0 was stopped: it wanted more than its 500000 table elements
(component
  (@include "types") (@include "kit")
  (core module $module
    (table 0xffff_ffff funcref)
    (func (export "run") (result i32) unreachable))
  (core instance $guest (instantiate $module (with "kit" (instance $kit))))
  (@include "run"))
