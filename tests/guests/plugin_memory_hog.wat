;; Grows its memory until it is refused.
;; exit: 5
;; stderr: plugin `hostile` 1.0 was stopped: it wanted more than its 256 MiB of memory
(component
  (@include "types") (@include "kit")
  (core module $module
    (memory 1)
    (func (export "run") (result i32)
      (loop $again (drop (memory.grow (i32.const 100))) (br $again))
      unreachable))
  (core instance $guest (instantiate $module (with "kit" (instance $kit))))
  (@include "run"))
