;; Growing a memory beyond its own bound fails and costs nothing, however often it is tried.
;; exit: 0
;; stdout: still here
(component
  (@include "types") (@include "kit")
  (core module $module
    (import "kit" "memory" (memory 1))
    (import "kit" "say" (func $say (param i32 i32)))
    (import "kit" "done" (func $done (result i32)))
    (import "small" "memory" (memory $small 1 2))
    (data (i32.const 4096) "still here\n")
    (func (export "run") (result i32)
      (local $left i32)
      (local.set $left (i32.const 100000))
      (loop $again
        (drop (memory.grow $small (i32.const 2)))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br_if $again (local.get $left)))
      (call $say (i32.const 4096) (i32.const 11))
      (call $done)))
  (core module $small-module (memory (export "memory") 1 2))
  (core instance $small (instantiate $small-module))
  (core instance $guest (instantiate $module (with "small" (instance $small)) (with "kit" (instance $kit))))
  (@include "run"))
