;; A manifest may ask for more memory, and then has that and no more.
;; manifest: {"limits": {"memory_mib": 512, "reason": "a test"}}
;; exit: 5
;; stderr: it wanted more than its 512 MiB of memory
(component
  (@include "types") (@include "kit")
  (core module $module
    (memory 1)
    (func (export "run") (result i32)
      (if (i32.eq (memory.grow (i32.const 6400)) (i32.const -1)) (then (loop $again (br $again))))
      (loop $again (drop (memory.grow (i32.const 100))) (br $again))
      unreachable))
  (core instance $guest (instantiate $module (with "kit" (instance $kit))))
  (@include "run"))
