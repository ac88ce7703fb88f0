;; Grows a table until it is refused.
;; exit: 5
;; stderr: plugin `hostile` 1.0 was stopped: it wanted more than its 500000 table elements
(component
  (@include "types") (@include "kit")
  (core module $module
    (table 1 funcref)
    (func (export "run") (result i32)
      (loop $again (drop (table.grow (ref.null func) (i32.const 1000))) (br $again))
      unreachable))
  (core instance $guest (instantiate $module (with "kit" (instance $kit))))
  (@include "run"))
